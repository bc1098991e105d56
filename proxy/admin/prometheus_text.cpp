#include "proxy/admin/prometheus_text.h"

#include <fmt/format.h>

namespace breakwater::proxy {
namespace {

std::string_view name_of(PrometheusText::Type type) noexcept {
  switch (type) {
    case PrometheusText::Type::Counter:
      return "counter";
    case PrometheusText::Type::Gauge:
      return "gauge";
    case PrometheusText::Type::Histogram:
      break;
  }
  return "histogram";
}

// Backslashes and line ends are escaped everywhere, quotation marks in label values only.
void append_escaped(std::string& text, std::string_view value, bool is_label) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || (is_label && c == '"')) text += '\\';
    text += c;
  }
}

}  // namespace

void PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} ", name);
  append_escaped(text_, help, false);
  text_ += fmt::format("\n# TYPE {} {}\n", name, name_of(type));
}

void PrometheusText::line(std::string_view suffix, Labels labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char separator = '{';
  for (const auto& [label, content] : labels) {
    text_ += separator;
    text_ += label;
    text_ += "=\"";
    append_escaped(text_, content, true);
    text_ += '"';
    separator = ',';
  }
  if (labels.size() != 0) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void PrometheusText::part(std::string_view suffix, Labels labels, std::uint64_t value) {
  line(suffix, labels, fmt::format("{}", value));
}
void PrometheusText::part(std::string_view suffix, Labels labels, double value) {
  line(suffix, labels, fmt::format("{}", value));
}
void PrometheusText::sample(Labels labels, std::uint64_t value) { part("", labels, value); }
void PrometheusText::sample(Labels labels, double value) { part("", labels, value); }

}  // namespace breakwater::proxy
