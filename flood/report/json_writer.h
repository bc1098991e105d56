// Writes JSON (RFC 8259) as it goes: compact, always well-formed UTF-8 whatever the strings hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace breakwater::flood {

class JsonWriter {
 public:
  // Nested as called; key() before each value inside an object. The caller pairs begin and end.
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number);
  JsonWriter& value(double number);  // to three decimals; null when it is not finite
  JsonWriter& value(bool yes);

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

  const std::string& text() const noexcept { return text_; }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void append_string(std::string_view text);

  std::string text_;
  bool first_ = true;  // nothing stands before the next value or key at this level
};

}  // namespace breakwater::flood
