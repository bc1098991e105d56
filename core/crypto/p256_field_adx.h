// The field of P-256 with MULX, ADCX and ADOX: Montgomery form, everything below p, as in p256_field_portable.h.
#pragma once

#include "core/crypto/p256_field_portable.h"
#include "core/crypto/residue_adx.h"

namespace breakwater::crypto::adx {

struct P256PrimeModulus {
  using Portable = crypto::P256PrimeModulus;

// One limb of reduction, q being the lowest limb of the accumulator (q, a1, a2, a3), as P256PrimeModulus explains:
//   a1 += q 2^32 mod 2^64, a2 += q / 2^32, and q times the top limb 2^64 - 2^32 + 1 of p onto a3 and a new top limb,
// which takes q's register. That product is (q 2^64 + q) - q 2^32: two subtractions instead of a multiplication.
// The accumulator is below 2^256 before and below 2^192 + p < 2^256 after, so the last addition leaves no carry.
#define BREAKWATER_REDUCE(q, a1, a2, a3)                                 \
  "movq %[" q                                                            \
  "], %[left]\n\tshlq $32, %[left]\n\t"                                  \
  "movq %[" q                                                            \
  "], %[right]\n\tshrq $32, %[right]\n\t"                                \
  "movq %[" q "], %[low]\n\tsubq %[left], %[low]\n\tsbbq %[right], %[" q \
  "]\n\t"                                                                \
  "addq %[left], %[" a1 "]\n\tadcq %[right], %[" a2 "]\n\tadcq %[low], %[" a3 "]\n\tadcq $0, %[" q "]\n\t"

  [[gnu::always_inline]] static inline Limbs sum_after_reduction(const ProductLimbs& product, Limb& carry) noexcept {
    Limb a0 = product[0], a1 = product[1], a2 = product[2], a3 = product[3], left, right, low;
    // clang-format off
    __asm__(BREAKWATER_REDUCE("a0", "a1", "a2", "a3")
            BREAKWATER_REDUCE("a1", "a2", "a3", "a0")
            BREAKWATER_REDUCE("a2", "a3", "a0", "a1")
            BREAKWATER_REDUCE("a3", "a0", "a1", "a2")
            "addq %[h0], %[a0]\n\tadcq %[h1], %[a1]\n\tadcq %[h2], %[a2]\n\tadcq %[h3], %[a3]\n\t"
            "sbbq %[low], %[low]\n\t"
            : [a0] "+&r"(a0), [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3), [left] "=&r"(left),
              [right] "=&r"(right), [low] "=&r"(low)
            : [h0] "r"(product[4]), [h1] "r"(product[5]), [h2] "r"(product[6]), [h3] "r"(product[7])
            : "cc");
    // clang-format on
    carry = low;
    return {a0, a1, a2, a3};
  }

#undef BREAKWATER_REDUCE
};

using P256FieldAdx = Residue<Arithmetic<P256PrimeModulus>>;
static_assert(P256Field<P256FieldAdx>);

}  // namespace breakwater::crypto::adx
