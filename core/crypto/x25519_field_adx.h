// The field of Curve25519, p = 2^255 - 19: four 64-bit limbs, MULX with the two carry chains of ADCX and ADOX.
// Constant time.
//
// An element is any of the integers below 2^256 that have its value modulo p. Two bounds, kept by construction:
//   tight   below 2^255 + 2^23    what multiplication, squaring, times_small and from_bytes return
//   loose   below 2^256           a sum or difference of two tight elements
// Sums and differences take tight elements; multiplication and squaring take loose ones. A sum is never summed again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/modular_inverse.h"
#include "core/crypto/x25519_words.h"

namespace breakwater::crypto::adx {

// The pieces of the products below, as assembly. r0 to r7 are the limbs of a product, lowest first; lo and hi are those
// of one multiplication. XOR clears a register and both carry flags, MULX leaves the flags alone; ADCX carries in CF
// only, ADOX in OF only.

// r[i..i+3] += a * b[i], with r[i+4] new, where b_limb is b[i] and s0 to s4 are r[i] to r[i+4]. The result is part of a
// product of 4 by i + 1 limbs, so nothing is carried out of r[i+4].
// clang-format off
#define BREAKWATER_ADX_ROW(b_limb, s0, s1, s2, s3, s4) \
  "movq %[" b_limb "], %%rdx\n\t"                      \
  "xorl %k[" s4 "], %k[" s4 "]\n\t"                    \
  "mulxq %[a0], %[lo], %[hi]\n\t"                      \
  "adcxq %[lo], %[" s0 "]\n\t"                         \
  "adoxq %[hi], %[" s1 "]\n\t"                         \
  "mulxq %[a1], %[lo], %[hi]\n\t"                      \
  "adcxq %[lo], %[" s1 "]\n\t"                         \
  "adoxq %[hi], %[" s2 "]\n\t"                         \
  "mulxq %[a2], %[lo], %[hi]\n\t"                      \
  "adcxq %[lo], %[" s2 "]\n\t"                         \
  "adoxq %[hi], %[" s3 "]\n\t"                         \
  "mulxq %[a3], %[lo], %[hi]\n\t"                      \
  "adcxq %[lo], %[" s3 "]\n\t"                         \
  "adoxq %[hi], %[" s4 "]\n\t"                         \
  "adcq $0, %[" s4 "]\n\t"
// clang-format on

// r[0..3] + 38 r[4..7] to r[0..4], since 2^256 = 38 modulo p: below 39 * 2^256, so r4 <= 38.
#define BREAKWATER_ADX_FOLD_HALF  \
  "movl $38, %%edx\n\t"           \
  "mulxq %[r4], %[lo], %[hi]\n\t" \
  "xorl %k[r4], %k[r4]\n\t"       \
  "adcxq %[lo], %[r0]\n\t"        \
  "adoxq %[hi], %[r1]\n\t"        \
  "mulxq %[r5], %[lo], %[hi]\n\t" \
  "adcxq %[lo], %[r1]\n\t"        \
  "adoxq %[hi], %[r2]\n\t"        \
  "mulxq %[r6], %[lo], %[hi]\n\t" \
  "adcxq %[lo], %[r2]\n\t"        \
  "adoxq %[hi], %[r3]\n\t"        \
  "mulxq %[r7], %[lo], %[hi]\n\t" \
  "adcxq %[lo], %[r3]\n\t"        \
  "adoxq %[hi], %[r4]\n\t"        \
  "adcq $0, %[r4]\n\t"

// r[0..4] with r4 < 2^17 to r[0..3], tight: what is above bit 255, below 2^18, comes back times 19, which is below
// 2^23. r3 below 2^63 takes the carry.
#define BREAKWATER_ADX_FOLD_TOP \
  "addq %[r3], %[r3]\n\t"       \
  "adcq %[r4], %[r4]\n\t"       \
  "shrq $1, %[r3]\n\t"          \
  "imulq $19, %[r4], %[r4]\n\t" \
  "addq %[r4], %[r0]\n\t"       \
  "adcq $0, %[r1]\n\t"          \
  "adcq $0, %[r2]\n\t"          \
  "adcq $0, %[r3]\n\t"

class X25519FieldAdx {
 public:
  using Word = Limb;
  using Mask = crypto::Mask;
  using Product = X25519FieldAdx;  // tight
  [[gnu::visibility("hidden")]] static constexpr Limbs kModulus = kX25519Modulus;

  constexpr X25519FieldAdx() noexcept = default;
  static constexpr X25519FieldAdx zero() noexcept { return {}; }
  static constexpr X25519FieldAdx one() noexcept { return X25519FieldAdx(1, 0, 0, 0); }

  // Below 2^255. Values from p on are taken as they are.
  [[gnu::always_inline]] static constexpr X25519FieldAdx from_integer(const Limbs& integer) noexcept {
    return X25519FieldAdx(integer[0], integer[1], integer[2], integer[3]);
  }

  // 32 bytes, little endian; the top bit is ignored (RFC 7748 5).
  [[gnu::always_inline]] static constexpr X25519FieldAdx from_bytes(const std::uint8_t* bytes) noexcept {
    Limbs integer = limbs_from_little_endian(bytes);
    integer[3] &= ~kTopBit;
    return from_integer(integer);
  }

  // The one representative below p, of a tight element: its value is below 2 p.
  [[gnu::always_inline]] inline Limbs to_integer() const noexcept {
    // quotient = floor((value + 19) / 2^255), which is 1 exactly when value >= p.
    Limb carry = 0;
    Limb top = add_carry(limbs_[0], 19, carry);
    top = add_carry(limbs_[1], 0, carry);
    top = add_carry(limbs_[2], 0, carry);
    top = add_carry(limbs_[3], 0, carry);
    const Limb quotient = top >> 63;
    // value - quotient * p = value + 19 * quotient - 2^255 * quotient; the last term is the bit that is cleared.
    carry = 0;
    Limbs reduced{};
    reduced[0] = add_carry(limbs_[0], 19 * quotient, carry);
    reduced[1] = add_carry(limbs_[1], 0, carry);
    reduced[2] = add_carry(limbs_[2], 0, carry);
    reduced[3] = add_carry(limbs_[3], 0, carry) & ~kTopBit;
    return reduced;
  }

  [[gnu::always_inline]] inline void to_bytes(std::uint8_t* bytes) const noexcept {
    limbs_to_little_endian(bytes, to_integer());
  }

  // tight + tight: loose. The sum is below 2^256 + 2^24; where it carries, 38 comes back onto a number below 2^24.
  [[gnu::always_inline]] friend inline X25519FieldAdx operator+(const X25519FieldAdx& left,
                                                                const X25519FieldAdx& right) noexcept {
    Limb r0 = left.limbs_[0], r1 = left.limbs_[1], r2 = left.limbs_[2], r3 = left.limbs_[3], back;
    __asm__(
        "addq %[b0], %[r0]\n\t"
        "adcq %[b1], %[r1]\n\t"
        "adcq %[b2], %[r2]\n\t"
        "adcq %[b3], %[r3]\n\t"
        "sbbq %[back], %[back]\n\t"
        "andl $38, %k[back]\n\t"
        "addq %[back], %[r0]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [back] "=&r"(back)
        : [b0] "rm"(right.limbs_[0]), [b1] "rm"(right.limbs_[1]), [b2] "rm"(right.limbs_[2]), [b3] "rm"(right.limbs_[3])
        : "cc");
    return X25519FieldAdx(r0, r1, r2, r3);
  }

  // tight - tight: loose. Where it borrows, what stands there is above 2^256 - 2^255 - 2^23, and 2^256 too much: 38 can
  // be taken off without another borrow.
  [[gnu::always_inline]] friend inline X25519FieldAdx operator-(const X25519FieldAdx& left,
                                                                const X25519FieldAdx& right) noexcept {
    Limb r0 = left.limbs_[0], r1 = left.limbs_[1], r2 = left.limbs_[2], r3 = left.limbs_[3], back;
    __asm__(
        "subq %[b0], %[r0]\n\t"
        "sbbq %[b1], %[r1]\n\t"
        "sbbq %[b2], %[r2]\n\t"
        "sbbq %[b3], %[r3]\n\t"
        "sbbq %[back], %[back]\n\t"
        "andl $38, %k[back]\n\t"
        "subq %[back], %[r0]\n\t"
        "sbbq $0, %[r1]\n\t"
        "sbbq $0, %[r2]\n\t"
        "sbbq $0, %[r3]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [back] "=&r"(back)
        : [b0] "rm"(right.limbs_[0]), [b1] "rm"(right.limbs_[1]), [b2] "rm"(right.limbs_[2]), [b3] "rm"(right.limbs_[3])
        : "cc");
    return X25519FieldAdx(r0, r1, r2, r3);
  }

  // loose * loose: tight.
  [[gnu::always_inline]] friend inline X25519FieldAdx operator*(const X25519FieldAdx& left,
                                                                const X25519FieldAdx& right) noexcept {
    const auto& a = left.limbs_;
    const auto& b = right.limbs_;
    Limb r0, r1, r2, r3, r4, r5, r6, r7, lo, hi;
    __asm__(
        "movq %[b0], %%rdx\n\t"
        "mulxq %[a0], %[r0], %[r1]\n\t"
        "mulxq %[a1], %[lo], %[r2]\n\t"
        "addq %[lo], %[r1]\n\t"
        "mulxq %[a2], %[lo], %[r3]\n\t"
        "adcq %[lo], %[r2]\n\t"
        "mulxq %[a3], %[lo], %[r4]\n\t"
        "adcq %[lo], %[r3]\n\t"
        "adcq $0, %[r4]\n\t"  //
        BREAKWATER_ADX_ROW("b1", "r1", "r2", "r3", "r4", "r5") BREAKWATER_ADX_ROW("b2", "r2", "r3", "r4", "r5", "r6")
            BREAKWATER_ADX_ROW("b3", "r3", "r4", "r5", "r6", "r7") BREAKWATER_ADX_FOLD_HALF BREAKWATER_ADX_FOLD_TOP
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [r5] "=&r"(r5),
          [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3])
        : "rdx", "cc");
    return X25519FieldAdx(r0, r1, r2, r3);
  }

  // loose: tight. The products of unlike limbs once, doubled, and the four squares. All unlike products together are
  // below 2^448, limbs 1 to 6, so neither of the two chains that add them carries out of r6.
  [[gnu::always_inline]] inline X25519FieldAdx square() const noexcept {
    const auto& a = limbs_;
    Limb r0, r1, r2, r3, r4, r5, r6, r7, lo, hi;
    __asm__(
        "movq %[a0], %%rdx\n\t"
        "xorl %k[r7], %k[r7]\n\t"
        "mulxq %[a1], %[r1], %[r2]\n\t"
        "mulxq %[a2], %[lo], %[r3]\n\t"
        "adcxq %[lo], %[r2]\n\t"
        "mulxq %[a3], %[lo], %[r4]\n\t"
        "adcxq %[lo], %[r3]\n\t"
        "movq %[a3], %%rdx\n\t"
        "mulxq %[a1], %[lo], %[r5]\n\t"
        "adcxq %[lo], %[r4]\n\t"
        "mulxq %[a2], %[lo], %[r6]\n\t"
        "adcxq %[lo], %[r5]\n\t"
        "adcxq %[r7], %[r6]\n\t"
        "movq %[a1], %%rdx\n\t"
        "mulxq %[a2], %[lo], %[hi]\n\t"
        "adoxq %[lo], %[r3]\n\t"
        "adoxq %[hi], %[r4]\n\t"
        "adoxq %[r7], %[r5]\n\t"
        "adoxq %[r7], %[r6]\n\t"
        // ADCX doubles, ADOX adds the squares.
        "movq %[a0], %%rdx\n\t"
        "xorl %k[r7], %k[r7]\n\t"
        "mulxq %%rdx, %[r0], %[hi]\n\t"
        "adcxq %[r1], %[r1]\n\t"
        "adoxq %[hi], %[r1]\n\t"
        "movq %[a1], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcxq %[r2], %[r2]\n\t"
        "adoxq %[lo], %[r2]\n\t"
        "adcxq %[r3], %[r3]\n\t"
        "adoxq %[hi], %[r3]\n\t"
        "movq %[a2], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcxq %[r4], %[r4]\n\t"
        "adoxq %[lo], %[r4]\n\t"
        "adcxq %[r5], %[r5]\n\t"
        "adoxq %[hi], %[r5]\n\t"
        "movq %[a3], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcxq %[r6], %[r6]\n\t"
        "adoxq %[lo], %[r6]\n\t"
        "adoxq %[hi], %[r7]\n\t"
        "adcq $0, %[r7]\n\t"  //
        BREAKWATER_ADX_FOLD_HALF BREAKWATER_ADX_FOLD_TOP
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [r5] "=&r"(r5),
          [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3])
        : "rdx", "cc");
    return X25519FieldAdx(r0, r1, r2, r3);
  }

  [[gnu::always_inline]] inline X25519FieldAdx square_times(unsigned count) const noexcept {
    X25519FieldAdx result = *this;
    for (unsigned i = 0; i < count; ++i) result = result.square();
    return result;
  }

  // loose * factor, factor < 2^17: tight. The product has a fifth limb below 2^17.
  [[gnu::always_inline]] inline X25519FieldAdx times_small(Limb factor) const noexcept {
    const auto& a = limbs_;
    Limb r0, r1, r2, r3, r4, lo;
    __asm__(
        "mulxq %[a0], %[r0], %[r1]\n\t"
        "mulxq %[a1], %[lo], %[r2]\n\t"
        "addq %[lo], %[r1]\n\t"
        "mulxq %[a2], %[lo], %[r3]\n\t"
        "adcq %[lo], %[r2]\n\t"
        "mulxq %[a3], %[lo], %[r4]\n\t"
        "adcq %[lo], %[r3]\n\t"
        "adcq $0, %[r4]\n\t"  //
        BREAKWATER_ADX_FOLD_TOP
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [lo] "=&r"(lo)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), "d"(factor)
        : "cc");
    return X25519FieldAdx(r0, r1, r2, r3);
  }

  // 1 / value of a loose element, and 0 for 0.
  [[gnu::always_inline]] inline X25519FieldAdx inverse() const noexcept {
    const Secret<Limbs> divisor(times_small(1).to_integer());
    return from_integer(ModularInverse<X25519FieldAdx>::divide({1, 0, 0, 0}, divisor.value));
  }

  // left where the mask is set, else right.
  [[gnu::always_inline]] friend inline X25519FieldAdx select(Mask mask, const X25519FieldAdx& left,
                                                             const X25519FieldAdx& right) noexcept {
    return X25519FieldAdx(
        crypto::select(mask, left.limbs_[0], right.limbs_[0]), crypto::select(mask, left.limbs_[1], right.limbs_[1]),
        crypto::select(mask, left.limbs_[2], right.limbs_[2]), crypto::select(mask, left.limbs_[3], right.limbs_[3]));
  }

 private:
  static constexpr Limb kTopBit = Limb{1} << 63;

  constexpr X25519FieldAdx(Limb r0, Limb r1, Limb r2, Limb r3) noexcept : limbs_{r0, r1, r2, r3} {}

  Limb limbs_[4] = {};
};

#undef BREAKWATER_ADX_ROW
#undef BREAKWATER_ADX_FOLD_HALF
#undef BREAKWATER_ADX_FOLD_TOP

}  // namespace breakwater::crypto::adx
