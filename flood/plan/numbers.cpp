#include "flood/plan/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace breakwater::flood {
namespace {

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// 86400 rather than 8.64e+04, 0.001 rather than 1e-03.
std::string plain(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text) { return parse<std::uint64_t>(text); }

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse<double>(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::string take_whole(std::string_view text, std::uint64_t least, std::uint64_t most, std::uint64_t& out) {
  const auto value = parse_whole(text);
  if (!value || *value < least || *value > most) {
    return fmt::format("\"{}\" does not do here; write a whole number from {} to {}", text, least, most);
  }
  out = *value;
  return {};
}

std::string take_number(std::string_view text, double least, double most, double& out) {
  const auto value = parse_number(text);
  if (!value || *value < least || *value > most) {
    return fmt::format("\"{}\" does not do here; write a number from {} to {}", text, plain(least), plain(most));
  }
  out = *value;
  return {};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    std::string_view part = text.substr(0, at);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.emplace_back(part);
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace breakwater::flood
