// Arithmetic modulo n, the order of P-256's group (SP 800-186 3.2.1.3). Constant time; everything is below n.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/residue.h"
#include "core/crypto/residue_portable.h"

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

using P256Scalar = Residue<PortableArithmetic<P256OrderModulus>>;

// True where 1 <= value < n. Scalar is any layer's integers modulo n.
template <class Scalar = P256Scalar>
constexpr Mask scalar_in_range(const Limbs& value) noexcept {
  return mask_less(value, Scalar::modulus()) & ~mask_is_zero(value);
}

}  // namespace breakwater::crypto
