// Masks instead of branches. A mask is all ones (true) or zero (false).
// Every mask passes through value_barrier(), so that no compiler can see where it came from and turn arithmetic on it
// back into a branch or a load from a secret address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/port/bytes.h"

#if defined(BREAKWATER_CONSTANT_TIME_CHECK)
#include <valgrind/memcheck.h>
#endif

namespace breakwater::crypto {

using Limb = std::uint64_t;
using WideLimb = unsigned __int128;
using Mask = std::uint64_t;

// The same value, of unknown origin to the optimiser. Free at run time: no instruction is emitted.
[[gnu::always_inline]] constexpr Limb value_barrier(Limb value) noexcept {
  if (!std::is_constant_evaluated()) __asm__("" : "+r"(value));
  return value;
}

// bit is 0 or 1.
[[gnu::always_inline]] constexpr Mask mask_from_bit(Limb bit) noexcept { return value_barrier(Limb{0} - bit); }

[[gnu::always_inline]] constexpr Mask mask_is_zero(Limb value) noexcept {
  const Limb nonzero = (value | (Limb{0} - value)) >> 63;
  return mask_from_bit(nonzero ^ 1);
}

[[gnu::always_inline]] constexpr Mask mask_equal(Limb left, Limb right) noexcept { return mask_is_zero(left ^ right); }

// left where the mask is set, else right.
[[gnu::always_inline]] constexpr Limb select(Mask mask, Limb left, Limb right) noexcept {
  return right ^ (mask & (left ^ right));
}

// Says that a value computed from secrets may be branched on, because an attacker learns it anyway or learns nothing by
// it; each caller says which. Does nothing but in the constant-time check, where it lifts valgrind's poison.
[[gnu::always_inline]] inline bool declassify(Mask mask) noexcept {
#if defined(BREAKWATER_CONSTANT_TIME_CHECK)
  static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(&mask, sizeof mask));
#endif
  return mask != 0;
}

// Holds a secret and wipes it at the end of its scope.
template <class T>
requires std::is_trivially_copyable_v<T>
struct Secret {
  T value{};

  Secret() noexcept = default;
  [[gnu::always_inline]] explicit Secret(const T& initial) noexcept : value(initial) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  [[gnu::always_inline]] ~Secret() { wipe(&value, sizeof value); }
};

}  // namespace breakwater::crypto
