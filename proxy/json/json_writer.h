// Writes JSON (RFC 8259) piece by piece. What is written is ASCII and may stand inside of HTML: everything else, and
// `<`, `>` and `&`, is escaped.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace breakwater::proxy {

class JsonWriter {
 public:
  // Inside an object, key() comes before each value.
  JsonWriter& key(std::string_view name);
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& value(std::string_view text);  // bytes that are no UTF-8 become U+FFFD
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(double number);  // with five significant digits; null when it is not finite

  // key() and value().
  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  std::string take() noexcept { return std::move(text_); }

 private:
  JsonWriter& raw(std::string_view text);
  void separate();
  void append_string(std::string_view text);

  std::string text_;
  bool first_ = true;  // nothing stands before the next value in its object or array
};

}  // namespace breakwater::proxy
