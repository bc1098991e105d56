// Arithmetic modulo n, the order of P-256's group, with MULX, ADCX and ADOX: as in p256_scalar.h.
#pragma once

#include "core/crypto/p256_scalar.h"
#include "core/crypto/residue_adx.h"

namespace breakwater::crypto::adx {

struct P256OrderModulus {
  using Portable = crypto::P256OrderModulus;

// One limb of Montgomery reduction of the accumulator (a0, a1, a2, a3): q = -a0 / n mod 2^64, and q n is added, low
// halves on the carry flag, high halves on the overflow flag. That makes a0 zero, and it takes the new top limb.
// The accumulator is below 2^256 before and below 2^192 + n < 2^256 after, so neither chain leaves a carry.
#define BREAKWATER_REDUCE(a0, a1, a2, a3)                                           \
  "movq %[" a0                                                                      \
  "], %%rdx\n\timulq %[inverse], %%rdx\n\t"                                         \
  "xorl %k[low], %k[low]\n\t"                                                       \
  "mulxq %[n0], %[low], %[high]\n\tadcxq %[low], %[" a0 "]\n\tadoxq %[high], %[" a1 \
  "]\n\t"                                                                           \
  "mulxq %[n1], %[low], %[high]\n\tadcxq %[low], %[" a1 "]\n\tadoxq %[high], %[" a2 \
  "]\n\t"                                                                           \
  "mulxq %[n2], %[low], %[high]\n\tadcxq %[low], %[" a2 "]\n\tadoxq %[high], %[" a3 \
  "]\n\t"                                                                           \
  "mulxq %[n3], %[low], %[high]\n\tadcxq %[low], %[" a3 "]\n\tadoxq %[high], %[" a0 \
  "]\n\t"                                                                           \
  "adcq $0, %[" a0 "]\n\t"

  [[gnu::always_inline]] static inline Limbs sum_after_reduction(const ProductLimbs& product, Limb& carry) noexcept {
    Limb a0 = product[0], a1 = product[1], a2 = product[2], a3 = product[3], low, high;
    // clang-format off
    __asm__(BREAKWATER_REDUCE("a0", "a1", "a2", "a3")
            BREAKWATER_REDUCE("a1", "a2", "a3", "a0")
            BREAKWATER_REDUCE("a2", "a3", "a0", "a1")
            BREAKWATER_REDUCE("a3", "a0", "a1", "a2")
            "addq %[h0], %[a0]\n\tadcq %[h1], %[a1]\n\tadcq %[h2], %[a2]\n\tadcq %[h3], %[a3]\n\t"
            "sbbq %[low], %[low]\n\t"
            : [a0] "+&r"(a0), [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3), [low] "=&r"(low), [high] "=&r"(high)
            : [h0] "r"(product[4]), [h1] "r"(product[5]), [h2] "r"(product[6]), [h3] "r"(product[7]),
              [n0] "m"(kOrder[0]), [n1] "m"(kOrder[1]), [n2] "m"(kOrder[2]), [n3] "m"(kOrder[3]),
              [inverse] "m"(kNegativeInverse)
            : "rdx", "cc");
    // clang-format on
    carry = low;
    return {a0, a1, a2, a3};
  }

#undef BREAKWATER_REDUCE

 private:
  // Hidden, as in residue_adx.h.
  [[gnu::visibility("hidden")]] static constexpr Limbs kOrder = Portable::kModulus;
  [[gnu::visibility("hidden")]] static constexpr Limb kNegativeInverse = Portable::kNegativeInverse;
};

using P256ScalarAdx = Residue<Arithmetic<P256OrderModulus>>;

}  // namespace breakwater::crypto::adx
