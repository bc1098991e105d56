// Big-endian integers on the wire.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::tls {

inline void store_u16(std::uint8_t* out, std::size_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value >> 8);
  out[1] = static_cast<std::uint8_t>(value);
}

inline void store_u24(std::uint8_t* out, std::size_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value >> 16);
  store_u16(out + 1, value);
}

inline void store_u32(std::uint8_t* out, std::uint32_t value) noexcept {
  store_u16(out, value >> 16);
  store_u16(out + 2, value);
}

inline void store_u64(std::uint8_t* out, std::uint64_t value) noexcept {
  store_u32(out, static_cast<std::uint32_t>(value >> 32));
  store_u32(out + 4, static_cast<std::uint32_t>(value));
}

constexpr std::uint16_t load_u16(const std::uint8_t* in) noexcept {
  return static_cast<std::uint16_t>((in[0] << 8) | in[1]);
}

constexpr std::uint32_t load_u24(const std::uint8_t* in) noexcept {
  return static_cast<std::uint32_t>(in[0]) << 16 | load_u16(in + 1);
}

constexpr std::uint32_t load_u32(const std::uint8_t* in) noexcept {
  return static_cast<std::uint32_t>(load_u16(in)) << 16 | load_u16(in + 2);
}

constexpr std::uint64_t load_u64(const std::uint8_t* in) noexcept {
  return static_cast<std::uint64_t>(load_u32(in)) << 32 | load_u32(in + 4);
}

}  // namespace breakwater::tls
