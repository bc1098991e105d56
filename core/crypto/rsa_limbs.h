// Unsigned numbers of several 64-bit limbs, least significant first, for what RSA does outside its hot loops. Constant
// time in the values; sizes are public. Always inline, so that instruction-set units emit none of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

using LimbSpan = std::span<Limb>;
using ConstLimbSpan = std::span<const Limb>;

// value -= subtrahend, which has as many limbs, under the mask; returns the borrow out, 0 or 1.
[[gnu::always_inline]] inline Limb subtract_masked(LimbSpan value, ConstLimbSpan subtrahend, Mask mask) noexcept {
  Limb borrow = 0;
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = subtract_borrow(value[i], subtrahend[i] & mask, borrow);
  return borrow;
}

// value += addend under the mask; returns the carry out.
[[gnu::always_inline]] inline Limb add_masked(LimbSpan value, ConstLimbSpan addend, Mask mask) noexcept {
  Limb carry = 0;
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = add_carry(value[i], addend[i] & mask, carry);
  return carry;
}

[[gnu::always_inline]] inline Mask mask_less(ConstLimbSpan left, ConstLimbSpan right) noexcept {
  Limb borrow = 0;
  for (std::size_t i = 0; i < left.size(); ++i) static_cast<void>(subtract_borrow(left[i], right[i], borrow));
  return mask_from_bit(borrow);
}

[[gnu::always_inline]] inline Mask mask_equal(ConstLimbSpan left, ConstLimbSpan right) noexcept {
  Limb difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) difference |= left[i] ^ right[i];
  return mask_is_zero(difference);
}

// value, with a carry above it (0 or 1), is below 2 m: becomes value modulo m.
[[gnu::always_inline]] inline void subtract_once(LimbSpan value, Limb carry, ConstLimbSpan m) noexcept {
  const Mask below = mask_less(value, m) & mask_is_zero(carry);
  subtract_masked(value, m, ~below);
}

// product = left * right; it has the limbs of both, and lies apart from them.
[[gnu::always_inline]] inline void multiply_limbs(LimbSpan product, ConstLimbSpan left, ConstLimbSpan right) noexcept {
  for (std::size_t i = 0; i < right.size(); ++i) product[i] = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    Limb carry = 0;
    for (std::size_t j = 0; j < right.size(); ++j)
      product[i + j] = multiply_add(left[i], right[j], product[i + j], carry);
    product[i + right.size()] = carry;
  }
}

// Big endian, 8 bytes for each limb.
[[gnu::always_inline]] inline void limbs_from_bytes(LimbSpan limbs, const std::uint8_t* bytes) noexcept {
  for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = load_big_endian(bytes + 8 * (limbs.size() - 1 - i));
}

[[gnu::always_inline]] inline void limbs_to_bytes(std::uint8_t* bytes, ConstLimbSpan limbs) noexcept {
  for (std::size_t i = 0; i < limbs.size(); ++i) store_big_endian(bytes + 8 * (limbs.size() - 1 - i), limbs[i]);
}

}  // namespace breakwater::crypto
