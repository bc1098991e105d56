// Byte strings for tests: building and reading TLS structures (RFC 8446 3). Owning and unhurried; never for core/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace breakwater::test {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

inline Bytes to_bytes(View view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }
inline std::string to_text(View view) { return {view.begin(), view.end()}; }
inline View view_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline bool same(View left, View right) { return std::equal(left.begin(), left.end(), right.begin(), right.end()); }
inline void append(Bytes& to, View more) { to.insert(to.end(), more.begin(), more.end()); }

std::string to_hex(View bytes);
// Skips white space; the text is a constant of the test, anything but hex digits is a mistake and ends the program.
Bytes from_hex(std::string_view text);

// Appends big-endian integers and length-prefixed vectors.
class Writer {
 public:
  Writer& u8(std::size_t value) { return number(value, 1); }
  Writer& u16(std::size_t value) { return number(value, 2); }
  Writer& u24(std::size_t value) { return number(value, 3); }
  Writer& u32(std::size_t value) { return number(value, 4); }
  Writer& u64(std::uint64_t value) { return number(value, 8); }
  Writer& raw(View bytes) {
    append(bytes_, bytes);
    return *this;
  }
  // A vector with a length prefix of `prefix` bytes.
  Writer& vector(std::size_t prefix, View bytes) { return number(bytes.size(), prefix).raw(bytes); }
  Writer& vector(std::size_t prefix, const Writer& inner) { return vector(prefix, inner.bytes_); }

  const Bytes& bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  Writer& number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }

  Bytes bytes_;
};

// Reads what Writer writes. Running over the end sets a flag that stays; reads then give zeros and empty views.
class Reader {
 public:
  explicit Reader(View bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  View take(std::size_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const View taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  View vector(std::size_t prefix) { return take(number(prefix)); }

  bool empty() const { return rest_.empty(); }
  View rest() const { return rest_; }
  bool failed() const { return failed_; }
  // The whole input was read and nothing was missing.
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }

  View rest_;
  bool failed_ = false;
};

}  // namespace breakwater::test
