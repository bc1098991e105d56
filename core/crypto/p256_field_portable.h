// The field of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186 3.2.1.3): four 64-bit limbs, Montgomery form,
// plain C++. Bounds are those of Residue: everything is below p.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/p256_field.h"
#include "core/crypto/residue.h"
#include "core/crypto/residue_portable.h"

namespace breakwater::crypto {

struct P256PrimeModulus {
  static constexpr Limbs kModulus{0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};

  // p = -1 mod 2^64, so q is the lowest limb a0 itself. What q p adds, limb by limb:
  //   a0 + q (2^64 - 1)                  = q 2^64
  //   a1 + q (2^32 - 1) + q (from below) = a1 + q 2^32
  // which leaves one multiplication, by the top limb of p.
  // accumulator < 2^256; the result is below 2^192 + p < 2^256.
  static constexpr Limbs reduction_step(const Limbs& accumulator) noexcept {
    const Limb q = accumulator[0];
    Limb carry = 0;
    Limbs result{};
    result[0] = add_carry(accumulator[1], q << 32, carry);
    result[1] = add_carry(accumulator[2], q >> 32, carry);
    result[2] = multiply_add(q, kModulus[3], accumulator[3], carry);
    result[3] = carry;
    return result;
  }
};

using P256FieldPortable = Residue<PortableArithmetic<P256PrimeModulus>>;
static_assert(P256Field<P256FieldPortable>);

}  // namespace breakwater::crypto
