// What Residue asks of its arithmetic, with MULX and the two carry chains of ADCX (carry flag) and ADOX (overflow
// flag). Constant time: none of the instructions depends on its operands, and sums are corrected by conditional moves.
// At compile time, for constants, the portable arithmetic stands in.
#pragma once

#include <type_traits>

#include "core/crypto/limbs.h"
#include "core/crypto/residue_portable.h"

namespace breakwater::crypto::adx {

// The first row of a product: p0 .. p4 = rdx * (b0 .. b3), below 2^320.
#define BREAKWATER_FIRST_ROW                             \
  "mulxq %[b0], %[p0], %[p1]\n\t"                        \
  "mulxq %[b1], %[low], %[p2]\n\taddq %[low], %[p1]\n\t" \
  "mulxq %[b2], %[low], %[p3]\n\tadcq %[low], %[p2]\n\t" \
  "mulxq %[b3], %[low], %[p4]\n\tadcq %[low], %[p3]\n\t" \
  "adcq $0, %[p4]\n\t"

// Another row: q0 .. q3 += rdx * (b0 .. b3), q4 = what is above. The low halves ride on the carry flag, the high halves
// on the overflow flag. q0 .. q3 < 2^256 before, so the sum is below 2^320: neither chain leaves a carry behind q4.
#define BREAKWATER_NEXT_ROW(q0, q1, q2, q3, q4)                                     \
  "xorl %k[" q4 "], %k[" q4                                                         \
  "]\n\t"                                                                           \
  "mulxq %[b0], %[low], %[high]\n\tadcxq %[low], %[" q0 "]\n\tadoxq %[high], %[" q1 \
  "]\n\t"                                                                           \
  "mulxq %[b1], %[low], %[high]\n\tadcxq %[low], %[" q1 "]\n\tadoxq %[high], %[" q2 \
  "]\n\t"                                                                           \
  "mulxq %[b2], %[low], %[high]\n\tadcxq %[low], %[" q2 "]\n\tadoxq %[high], %[" q3 \
  "]\n\t"                                                                           \
  "mulxq %[b3], %[low], %[high]\n\tadcxq %[low], %[" q3 "]\n\tadoxq %[high], %[" q4 \
  "]\n\t"                                                                           \
  "adcq $0, %[" q4 "]\n\t"

// Any two 256-bit factors.
[[gnu::always_inline]] inline ProductLimbs multiply_limbs(const Limbs& left, const Limbs& right) noexcept {
  Limb p0, p1, p2, p3, p4, p5, p6, p7, low, high;
  // clang-format off
  __asm__("movq %[a0], %%rdx\n\t" BREAKWATER_FIRST_ROW
          "movq %[a1], %%rdx\n\t" BREAKWATER_NEXT_ROW("p1", "p2", "p3", "p4", "p5")
          "movq %[a2], %%rdx\n\t" BREAKWATER_NEXT_ROW("p2", "p3", "p4", "p5", "p6")
          "movq %[a3], %%rdx\n\t" BREAKWATER_NEXT_ROW("p3", "p4", "p5", "p6", "p7")
          : [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2), [p3] "=&r"(p3), [p4] "=&r"(p4), [p5] "=&r"(p5),
            [p6] "=&r"(p6), [p7] "=&r"(p7), [low] "=&r"(low), [high] "=&r"(high)
          : [a0] "m"(left[0]), [a1] "m"(left[1]), [a2] "m"(left[2]), [a3] "m"(left[3]),
            [b0] "m"(right[0]), [b1] "m"(right[1]), [b2] "m"(right[2]), [b3] "m"(right[3])
          : "rdx", "cc");
  // clang-format on
  return {p0, p1, p2, p3, p4, p5, p6, p7};
}

#undef BREAKWATER_NEXT_ROW
#undef BREAKWATER_FIRST_ROW

// value^2: the six products of unlike limbs, below 2^447 in p1 .. p6, are doubled on the carry flag while the squares
// are added on the overflow flag. The sum is below 2^512, so both chains end at p7 without a carry.
[[gnu::always_inline]] inline ProductLimbs square_limbs(const Limbs& value) noexcept {
  Limb p0, p1, p2, p3, p4, p5, p6, p7, low, high;
  // clang-format off
  __asm__("movq %[a0], %%rdx\n\t"
          "mulxq %[a1], %[p1], %[p2]\n\t"
          "mulxq %[a2], %[low], %[p3]\n\t"
          "mulxq %[a3], %[high], %[p4]\n\t"
          "addq %[low], %[p2]\n\tadcq %[high], %[p3]\n\tadcq $0, %[p4]\n\t"
          "movq %[a1], %%rdx\n\t"
          "mulxq %[a2], %[low], %[high]\n\t"
          "addq %[low], %[p3]\n\t"
          "mulxq %[a3], %[low], %[p5]\n\t"
          "adcq %[high], %[p4]\n\tadcq $0, %[p5]\n\t"
          "addq %[low], %[p4]\n\tadcq $0, %[p5]\n\t"
          "movq %[a2], %%rdx\n\t"
          "mulxq %[a3], %[low], %[p6]\n\t"
          "addq %[low], %[p5]\n\tadcq $0, %[p6]\n\t"
          "xorl %k[p7], %k[p7]\n\t"
          "movq %[a0], %%rdx\n\t"
          "mulxq %%rdx, %[p0], %[high]\n\t"
          "adcxq %[p1], %[p1]\n\tadoxq %[high], %[p1]\n\t"
          "movq %[a1], %%rdx\n\t"
          "mulxq %%rdx, %[low], %[high]\n\t"
          "adcxq %[p2], %[p2]\n\tadoxq %[low], %[p2]\n\tadcxq %[p3], %[p3]\n\tadoxq %[high], %[p3]\n\t"
          "movq %[a2], %%rdx\n\t"
          "mulxq %%rdx, %[low], %[high]\n\t"
          "adcxq %[p4], %[p4]\n\tadoxq %[low], %[p4]\n\tadcxq %[p5], %[p5]\n\tadoxq %[high], %[p5]\n\t"
          "movq %[a3], %%rdx\n\t"
          "mulxq %%rdx, %[low], %[high]\n\t"
          "adcxq %[p6], %[p6]\n\tadoxq %[low], %[p6]\n\tadcxq %[p7], %[p7]\n\tadoxq %[high], %[p7]\n\t"
          : [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2), [p3] "=&r"(p3), [p4] "=&r"(p4), [p5] "=&r"(p5),
            [p6] "=&r"(p6), [p7] "=&r"(p7), [low] "=&r"(low), [high] "=&r"(high)
          : [a0] "m"(value[0]), [a1] "m"(value[1]), [a2] "m"(value[2]), [a3] "m"(value[3])
          : "rdx", "cc");
  // clang-format on
  return {p0, p1, p2, p3, p4, p5, p6, p7};
}

// carry is 0 or -1, value - carry * 2^256 < 2 m; returns it modulo m. The last borrow is left exactly when it is below
// m.
[[gnu::always_inline]] inline Limbs subtract_once(const Limbs& value, Limb carry, const Limbs& modulus) noexcept {
  Limb r0, r1, r2, r3;
  __asm__(
      "movq %[v0], %[r0]\n\tsubq %[m0], %[r0]\n\t"
      "movq %[v1], %[r1]\n\tsbbq %[m1], %[r1]\n\t"
      "movq %[v2], %[r2]\n\tsbbq %[m2], %[r2]\n\t"
      "movq %[v3], %[r3]\n\tsbbq %[m3], %[r3]\n\t"
      "sbbq $0, %[carry]\n\t"
      "cmovcq %[v0], %[r0]\n\tcmovcq %[v1], %[r1]\n\tcmovcq %[v2], %[r2]\n\tcmovcq %[v3], %[r3]\n\t"
      : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [carry] "+&r"(carry)
      : [v0] "r"(value[0]), [v1] "r"(value[1]), [v2] "r"(value[2]), [v3] "r"(value[3]), [m0] "m"(modulus[0]),
        [m1] "m"(modulus[1]), [m2] "m"(modulus[2]), [m3] "m"(modulus[3])
      : "cc");
  return {r0, r1, r2, r3};
}

// left, right < m: the sum is below 2 m.
[[gnu::always_inline]] inline Limbs add_modulo(const Limbs& left, const Limbs& right, const Limbs& modulus) noexcept {
  Limb s0 = left[0], s1 = left[1], s2 = left[2], s3 = left[3], carry;
  __asm__(
      "addq %[b0], %[s0]\n\tadcq %[b1], %[s1]\n\tadcq %[b2], %[s2]\n\tadcq %[b3], %[s3]\n\t"
      "sbbq %[carry], %[carry]\n\t"
      : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [carry] "=&r"(carry)
      : [b0] "m"(right[0]), [b1] "m"(right[1]), [b2] "m"(right[2]), [b3] "m"(right[3])
      : "cc");
  return subtract_once({s0, s1, s2, s3}, carry, modulus);
}

// left, right < m: where the difference is negative m is added, and the carry cancels the borrow.
[[gnu::always_inline]] inline Limbs subtract_modulo(const Limbs& left, const Limbs& right,
                                                    const Limbs& modulus) noexcept {
  Limb d0 = left[0], d1 = left[1], d2 = left[2], d3 = left[3], c0, c1, c2, c3;
  __asm__(
      "subq %[b0], %[d0]\n\tsbbq %[b1], %[d1]\n\tsbbq %[b2], %[d2]\n\tsbbq %[b3], %[d3]\n\t"
      "movl $0, %k[c0]\n\tmovl $0, %k[c1]\n\tmovl $0, %k[c2]\n\tmovl $0, %k[c3]\n\t"
      "cmovcq %[m0], %[c0]\n\tcmovcq %[m1], %[c1]\n\tcmovcq %[m2], %[c2]\n\tcmovcq %[m3], %[c3]\n\t"
      "addq %[c0], %[d0]\n\tadcq %[c1], %[d1]\n\tadcq %[c2], %[d2]\n\tadcq %[c3], %[d3]\n\t"
      : [d0] "+&r"(d0), [d1] "+&r"(d1), [d2] "+&r"(d2), [d3] "+&r"(d3), [c0] "=&r"(c0), [c1] "=&r"(c1), [c2] "=&r"(c2),
        [c3] "=&r"(c3)
      : [b0] "m"(right[0]), [b1] "m"(right[1]), [b2] "m"(right[2]), [b3] "m"(right[3]), [m0] "m"(modulus[0]),
        [m1] "m"(modulus[1]), [m2] "m"(modulus[2]), [m3] "m"(modulus[3])
      : "cc");
  return {d0, d1, d2, d3};
}

// Modulus supplies Portable, the modulus as residue_portable.h knows it, and
//   sum_after_reduction(product, carry)   product / 2^256 + a multiple of m / 2^256, below 2 m for product < 2^256 m:
//                                         the lower 256 bits, and in carry 0 or -1
template <class Modulus>
class Arithmetic {
 public:
  // Hidden, so that code that may end up in a shared library reaches it without a detour.
  [[gnu::visibility("hidden")]] static constexpr Limbs kModulus = Modulus::Portable::kModulus;

  [[gnu::always_inline]] static constexpr Limbs add(const Limbs& left, const Limbs& right) noexcept {
    if (std::is_constant_evaluated()) return Portable::add(left, right);
    return add_modulo(left, right, kModulus);
  }

  [[gnu::always_inline]] static constexpr Limbs subtract(const Limbs& left, const Limbs& right) noexcept {
    if (std::is_constant_evaluated()) return Portable::subtract(left, right);
    return subtract_modulo(left, right, kModulus);
  }

  [[gnu::always_inline]] static constexpr Limbs multiply(const Limbs& left, const Limbs& right) noexcept {
    if (std::is_constant_evaluated()) return Portable::multiply(left, right);
    return reduce(adx::multiply_limbs(left, right));
  }

  [[gnu::always_inline]] static constexpr Limbs square(const Limbs& value) noexcept {
    if (std::is_constant_evaluated()) return Portable::square(value);
    return reduce(adx::square_limbs(value));
  }

  [[gnu::always_inline]] static constexpr Limbs reduce(const ProductLimbs& product) noexcept {
    if (std::is_constant_evaluated()) return Portable::reduce(product);
    Limb carry = 0;
    const Limbs sum = Modulus::sum_after_reduction(product, carry);
    return subtract_once(sum, carry, kModulus);
  }

  [[gnu::always_inline]] static constexpr void replace_if(Mask mask, Limbs& value, const Limbs& other) noexcept {
    if (std::is_constant_evaluated()) return Portable::replace_if(mask, value, other);
    Limb v0 = value[0], v1 = value[1], v2 = value[2], v3 = value[3];
    __asm__(
        "testq %[mask], %[mask]\n\t"
        "cmovnzq %[o0], %[v0]\n\tcmovnzq %[o1], %[v1]\n\tcmovnzq %[o2], %[v2]\n\tcmovnzq %[o3], %[v3]\n\t"
        : [v0] "+&r"(v0), [v1] "+&r"(v1), [v2] "+&r"(v2), [v3] "+&r"(v3)
        : [mask] "r"(mask), [o0] "m"(other[0]), [o1] "m"(other[1]), [o2] "m"(other[2]), [o3] "m"(other[3])
        : "cc");
    value = {v0, v1, v2, v3};
  }

 private:
  using Portable = PortableArithmetic<typename Modulus::Portable>;
};

}  // namespace breakwater::crypto::adx
