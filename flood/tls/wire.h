// Reading and writing big-endian fields in memory that the caller has sized (RFC 8446 3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::flood::protocol {

inline void put_u16(std::uint8_t* out, std::size_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value >> 8);
  out[1] = static_cast<std::uint8_t>(value);
}
inline void put_u24(std::uint8_t* out, std::size_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value >> 16);
  put_u16(out + 1, value);
}
inline void put_u32(std::uint8_t* out, std::size_t value) noexcept {
  put_u16(out, value >> 16);
  put_u16(out + 2, value);
}
inline void put_u64(std::uint8_t* out, std::uint64_t value) noexcept {
  put_u32(out, static_cast<std::size_t>(value >> 32));
  put_u32(out + 4, static_cast<std::size_t>(value));
}

// Reads what a server sent. Running over the end sets a flag that stays; reads then give zeros and empty views.
class Reader {
 public:
  explicit Reader(ConstBytes bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::size_t u24() noexcept { return number(3); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
  ConstBytes take(std::size_t size) noexcept {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const ConstBytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  // A vector behind a length of `prefix` bytes.
  ConstBytes vector(std::size_t prefix) noexcept { return take(number(prefix)); }

  bool empty() const noexcept { return rest_.empty(); }
  bool failed() const noexcept { return failed_; }
  std::size_t left() const noexcept { return rest_.size(); }
  // The whole input was read and nothing was missing.
  bool finished() const noexcept { return !failed_ && rest_.empty(); }

 private:
  std::size_t number(std::size_t size) noexcept {
    std::size_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }

  ConstBytes rest_;
  bool failed_ = false;
};

}  // namespace breakwater::flood::protocol
