// Arithmetic modulo n, the order of P-256's group (SP 800-186 3.2.1.3). Constant time; everything is below n.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/residue.h"

namespace breakwater::crypto {

struct P256OrderModulus {
  static constexpr Limbs kModulus{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};
  static constexpr Limb kNegativeInverse = 0xccd1c8aaee00bc4f;  // -1 / n mod 2^64
  static_assert(kModulus[0] * kNegativeInverse == ~Limb{0});

  // accumulator < 2^256; the result is below 2^192 + n < 2^256.
  static constexpr Limbs reduction_step(const Limbs& accumulator) noexcept {
    const Limb q = accumulator[0] * kNegativeInverse;
    Limb carry = 0;
    Limbs result{};
    multiply_add(q, kModulus[0], accumulator[0], carry);  // the low limb becomes zero
    for (std::size_t i = 1; i < 4; ++i) result[i - 1] = multiply_add(q, kModulus[i], accumulator[i], carry);
    result[3] = carry;
    return result;
  }
};

using P256Scalar = Residue<P256OrderModulus>;

// True where 1 <= value < n.
constexpr Mask scalar_in_range(const Limbs& value) noexcept {
  return mask_less(value, P256OrderModulus::kModulus) & ~mask_is_zero(value);
}

// 1 / value, and 0 for 0: value^(n - 2), four bits of the public exponent at a time.
inline P256Scalar invert(const P256Scalar& value) noexcept {
  Secret<std::array<P256Scalar, 16>> powers;
  powers.value[0] = P256Scalar::one();
  for (std::size_t i = 1; i < 16; ++i) powers.value[i] = powers.value[i - 1] * value;

  constexpr Limbs kExponent{P256OrderModulus::kModulus[0] - 2, P256OrderModulus::kModulus[1],
                            P256OrderModulus::kModulus[2], P256OrderModulus::kModulus[3]};
  P256Scalar result = P256Scalar::one();
  for (unsigned digit = 64; digit-- > 0;) {
    result = result.square_times(4) * powers.value[(kExponent[digit / 16] >> (4 * (digit % 16))) & 15];
  }
  return result;
}

}  // namespace breakwater::crypto
