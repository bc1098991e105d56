// 256-bit integers as four 64-bit limbs, least significant first, and their 512-bit products. Constant time.
// Always inline is what instruction-set units use, so that none of it is emitted with a unit's flags.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"

// GCC does not see a carry chain in 128-bit sums; its builtins become add-with-carry instructions of the base x86-64.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define BREAKWATER_CARRY_BUILTINS 1
#else
#define BREAKWATER_CARRY_BUILTINS 0
#endif

namespace breakwater::crypto {

using Limbs = std::array<Limb, 4>;
using ProductLimbs = std::array<Limb, 8>;

// left + right + carry, at most 2^65 - 1: the low limb is returned, carry (0 or 1) is replaced.
[[gnu::always_inline]] constexpr Limb add_carry(Limb left, Limb right, Limb& carry) noexcept {
#if BREAKWATER_CARRY_BUILTINS
  if (!std::is_constant_evaluated()) {
    unsigned long long sum = 0;
    carry = __builtin_ia32_addcarryx_u64(static_cast<unsigned char>(carry), left, right, &sum);
    return sum;
  }
#endif
  const WideLimb sum = WideLimb{left} + right + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

// left - right - borrow modulo 2^64; borrow (0 or 1) is replaced.
[[gnu::always_inline]] constexpr Limb subtract_borrow(Limb left, Limb right, Limb& borrow) noexcept {
#if BREAKWATER_CARRY_BUILTINS
  if (!std::is_constant_evaluated()) {
    unsigned long long difference = 0;
    borrow = __builtin_ia32_sbb_u64(static_cast<unsigned char>(borrow), left, right, &difference);
    return difference;
  }
#endif
  const WideLimb difference = WideLimb{left} - right - borrow;
  borrow = static_cast<Limb>(difference >> 64) & 1;
  return static_cast<Limb>(difference);
}

// left * right + addend + carry, at most (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1: never overflows.
[[gnu::always_inline]] constexpr Limb multiply_add(Limb left, Limb right, Limb addend, Limb& carry) noexcept {
  const WideLimb sum = WideLimb{left} * right + addend + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

// sum = left + right modulo 2^256; returns the carry out, 0 or 1.
[[gnu::always_inline]] constexpr Limb add_limbs(Limbs& sum, const Limbs& left, const Limbs& right) noexcept {
  Limb carry = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_carry(left[i], right[i], carry);
  return carry;
}

// difference = left - right modulo 2^256; returns the borrow out, 0 or 1: 1 exactly when left < right.
[[gnu::always_inline]] constexpr Limb subtract_limbs(Limbs& difference, const Limbs& left,
                                                     const Limbs& right) noexcept {
  Limb borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) difference[i] = subtract_borrow(left[i], right[i], borrow);
  return borrow;
}

[[gnu::always_inline]] constexpr Mask mask_less(const Limbs& left, const Limbs& right) noexcept {
  Limbs unused{};
  return mask_from_bit(subtract_limbs(unused, left, right));
}

[[gnu::always_inline]] constexpr Mask mask_is_zero(const Limbs& value) noexcept {
  return mask_is_zero(value[0] | value[1] | value[2] | value[3]);
}

[[gnu::always_inline]] constexpr Limbs select(Mask mask, const Limbs& left, const Limbs& right) noexcept {
  Limbs result{};
  for (std::size_t i = 0; i < 4; ++i) result[i] = select(mask, left[i], right[i]);
  return result;
}

// Any two 256-bit factors.
constexpr ProductLimbs multiply_limbs(const Limbs& left, const Limbs& right) noexcept {
  ProductLimbs product{};
  for (std::size_t i = 0; i < 4; ++i) {
    Limb carry = 0;
    for (std::size_t j = 0; j < 4; ++j) product[i + j] = multiply_add(left[i], right[j], product[i + j], carry);
    product[i + 4] = carry;
  }
  return product;
}

// value^2: the six products of unlike limbs once, doubled, plus the four squares.
constexpr ProductLimbs square_limbs(const Limbs& value) noexcept {
  ProductLimbs product{};
  for (std::size_t i = 0; i < 3; ++i) {
    Limb carry = 0;
    for (std::size_t j = i + 1; j < 4; ++j) product[i + j] = multiply_add(value[i], value[j], product[i + j], carry);
    product[i + 4] = carry;
  }
  // The unlike products sum to less than 2^511, so doubling loses no bit.
  for (std::size_t i = 7; i > 0; --i) product[i] = (product[i] << 1) | (product[i - 1] >> 63);
  product[0] = 0;
  Limb carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const WideLimb square = WideLimb{value[i]} * value[i];
    product[2 * i] = add_carry(product[2 * i], static_cast<Limb>(square), carry);
    product[2 * i + 1] = add_carry(product[2 * i + 1], static_cast<Limb>(square >> 64), carry);
  }
  return product;
}

[[gnu::always_inline]] constexpr Limb load_big_endian(const std::uint8_t* bytes) noexcept {
  Limb limb = 0;
  for (std::size_t i = 0; i < 8; ++i) limb = (limb << 8) | bytes[i];
  return limb;
}

[[gnu::always_inline]] constexpr void store_big_endian(std::uint8_t* bytes, Limb limb) noexcept {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(limb >> (56 - 8 * i));
}

// 32 bytes, big endian.
[[gnu::always_inline]] constexpr Limbs limbs_from_bytes(const std::uint8_t* bytes) noexcept {
  return {load_big_endian(bytes + 24), load_big_endian(bytes + 16), load_big_endian(bytes + 8), load_big_endian(bytes)};
}

[[gnu::always_inline]] constexpr void limbs_to_bytes(std::uint8_t* bytes, const Limbs& limbs) noexcept {
  for (std::size_t i = 0; i < 4; ++i) store_big_endian(bytes + 8 * i, limbs[3 - i]);
}

}  // namespace breakwater::crypto
