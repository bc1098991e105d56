// Writes the text format of Prometheus, version 0.0.4.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace breakwater::proxy {

class PrometheusText {
 public:
  enum class Type : std::uint8_t { Counter, Gauge, Histogram };
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  // Begins a family: all of its samples follow, each with other labels. help: any UTF-8 text.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(Labels labels, std::uint64_t value);
  void sample(Labels labels, double value);  // finite
  // Of a histogram: "_bucket", "_sum" or "_count" behind the family's name.
  void part(std::string_view suffix, Labels labels, std::uint64_t value);
  void part(std::string_view suffix, Labels labels, double value);

  std::string take() noexcept { return std::move(text_); }

  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  void line(std::string_view suffix, Labels labels, std::string_view value);

  std::string text_;
  std::string name_;
};

}  // namespace breakwater::proxy
