// Byte views, the mem* functions the host supplies, and wiping of secrets.
// core/ uses no other part of libc than these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" {
void* memcpy(void* destination, const void* source, std::size_t size) noexcept;
void* memmove(void* destination, const void* source, std::size_t size) noexcept;
void* memset(void* destination, int value, std::size_t size) noexcept;
int memcmp(const void* left, const void* right, std::size_t size) noexcept;
}

namespace breakwater {

using ConstBytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Copies source to the start of destination; the caller has checked that it fits.
inline void copy_bytes(std::uint8_t* destination, ConstBytes source) noexcept {
  if (!source.empty()) memcpy(destination, source.data(), source.size());
}

// Overwrites a secret at the end of its life. The empty asm keeps the compiler from dropping the store as dead.
inline void wipe(void* secret, std::size_t size) noexcept {
  memset(secret, 0, size);
  __asm__ volatile("" : : "r"(secret) : "memory");
}

// Constant time: true when both spans hold the same bytes. Sizes are public.
inline bool equal_constant_time(ConstBytes left, ConstBytes right) noexcept {
  if (left.size() != right.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (left[i] ^ right[i]));
    __asm__ volatile("" : "+r"(difference));  // no early exit, however clever the compiler
  }
  return difference == 0;
}

}  // namespace breakwater
