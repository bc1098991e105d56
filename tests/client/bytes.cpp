#include "tests/client/bytes.h"

#include <cctype>
#include <cstdlib>

namespace breakwater::test {

std::string to_hex(View bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char character : text) {
    const auto letter = static_cast<unsigned char>(character);
    if (std::isspace(letter)) continue;
    if (!std::isxdigit(letter)) std::abort();
    const int digit = std::isdigit(letter) ? letter - '0' : std::tolower(letter) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) std::abort();
  return bytes;
}

}  // namespace breakwater::test
