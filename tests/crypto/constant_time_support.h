// Secrets under valgrind's memcheck, for the parts of constant_time_test.cpp.
#pragma once

#include <valgrind/memcheck.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace breakwater::test::constant_time {

using Bytes32 = std::array<std::uint8_t, 32>;

// Marks a secret: what depends on it is marked in turn, and must not be branched on.
template <class T>
void poison(T& secret) {
  static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(&secret, sizeof secret));
}

// For what an attacker sees, or what the caller branches on by the contract of the call.
template <class T>
void declassify(T& public_value) {
  static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(&public_value, sizeof public_value));
}

// Asks valgrind whether any bit is still marked: shows that poison went in at one end and came out at the other.
template <class T>
bool is_poisoned(const T& value) {
  std::array<std::uint8_t, sizeof(T)> bits{};
  if (VALGRIND_GET_VBITS(&value, bits.data(), sizeof value) != 1) return false;
  for (const std::uint8_t byte : bits) {
    if (byte != 0) return true;
  }
  return false;
}

// How often something was not as expected; main() returns it.
inline int failures = 0;

inline void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not as expected: %s\n", what);
  ++failures;
}

// 32 bytes that count up from the first one.
inline Bytes32 counting(std::uint8_t first) {
  Bytes32 bytes;
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

}  // namespace breakwater::test::constant_time
