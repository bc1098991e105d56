// What RsaLimbLayer asks of its kernel, with MULX and the two carry chains of ADCX (carry flag) and ADOX (overflow
// flag). Constant time: none of the instructions depends on its operands.
#pragma once

#include <cstddef>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto::adx {

// to += low half, next += high half of rdx * factors[k].
#define BREAKWATER_RSA_PRODUCT(k, to, next) \
  "mulxq " #k                               \
  "*8(%[factors]), %[low], %[high]\n\t"     \
  "adcxq %[low], %[" to "]\n\tadoxq %[high], %[" next "]\n\t"

// The last product of a row: its high half is a new limb, in the register that held the other high halves, and takes
// both carries. It does not overflow: what a row adds up to is stated at each use.
#define BREAKWATER_RSA_LAST_PRODUCT(k, to) \
  "mulxq " #k                              \
  "*8(%[factors]), %[low], %[high]\n\t"    \
  "adcxq %[low], %[" to "]\n\tmovl $0, %k[low]\n\tadcxq %[low], %[high]\n\tadoxq %[low], %[high]\n\t"

// clang-format off
#define BREAKWATER_RSA_EIGHT_PRODUCTS                                         \
  BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2") \
  BREAKWATER_RSA_PRODUCT(2, "s2", "s3") BREAKWATER_RSA_PRODUCT(3, "s3", "s4") \
  BREAKWATER_RSA_PRODUCT(4, "s4", "s5") BREAKWATER_RSA_PRODUCT(5, "s5", "s6") \
  BREAKWATER_RSA_PRODUCT(6, "s6", "s7") BREAKWATER_RSA_LAST_PRODUCT(7, "s7")
// clang-format on

#define BREAKWATER_RSA_SUMS                                                                                       \
  [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5), [s6] "+&r"(s6), \
      [s7] "+&r"(s7)

struct RsaKernel {
  // t + carry + a b: the low half to t, the high half to carry.
  [[gnu::noinline]] static void multiply_block(Limb* t, Limb* carry, const Limb* a, const Limb* b) noexcept {
    Limb r0 = carry[0], r1 = carry[1], r2 = carry[2], r3 = carry[3];
    Limb r4 = carry[4], r5 = carry[5], r6 = carry[6], r7 = carry[7], r8;
    row(t[0], a[0], b, r0, r1, r2, r3, r4, r5, r6, r7, r8);
    row(t[1], a[1], b, r1, r2, r3, r4, r5, r6, r7, r8, r0);
    row(t[2], a[2], b, r2, r3, r4, r5, r6, r7, r8, r0, r1);
    row(t[3], a[3], b, r3, r4, r5, r6, r7, r8, r0, r1, r2);
    row(t[4], a[4], b, r4, r5, r6, r7, r8, r0, r1, r2, r3);
    row(t[5], a[5], b, r5, r6, r7, r8, r0, r1, r2, r3, r4);
    row(t[6], a[6], b, r6, r7, r8, r0, r1, r2, r3, r4, r5);
    row(t[7], a[7], b, r7, r8, r0, r1, r2, r3, r4, r5, r6);
    put(carry, r8, r0, r1, r2, r3, r4, r5, r6);
  }

  // q = -t / m modulo 2^512; carry = (t + q m) / 2^512.
  [[gnu::noinline]] static void reduce_block(const Limb* t, Limb* q, Limb* carry, const Limb* m,
                                             Limb inverse) noexcept {
    Limb r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3], r4 = t[4], r5 = t[5], r6 = t[6], r7 = t[7], r8;
    q[0] = reduce_row(inverse, m, r0, r1, r2, r3, r4, r5, r6, r7, r8);
    q[1] = reduce_row(inverse, m, r1, r2, r3, r4, r5, r6, r7, r8, r0);
    q[2] = reduce_row(inverse, m, r2, r3, r4, r5, r6, r7, r8, r0, r1);
    q[3] = reduce_row(inverse, m, r3, r4, r5, r6, r7, r8, r0, r1, r2);
    q[4] = reduce_row(inverse, m, r4, r5, r6, r7, r8, r0, r1, r2, r3);
    q[5] = reduce_row(inverse, m, r5, r6, r7, r8, r0, r1, r2, r3, r4);
    q[6] = reduce_row(inverse, m, r6, r7, r8, r0, r1, r2, r3, r4, r5);
    q[7] = reduce_row(inverse, m, r7, r8, r0, r1, r2, r3, r4, r5, r6);
    put(carry, r8, r0, r1, r2, r3, r4, r5, r6);
  }

  // t = 2 t + the squares at their places: doubled on the carry flag while the squares are added on the overflow flag.
  // The sum is the square of all of a, below 2^(128 count), so both chains end without a carry. count is a multiple of
  // 4; the loop leaves the flags alone.
  [[gnu::noinline]] static void double_add_squares(Limb* t, const Limb* a, std::size_t count) noexcept {
    Limb column, low, high;
    count /= 4;
    // clang-format off
#define BREAKWATER_RSA_SQUARE(i)                                                                          \
    "movq " #i "*8(%[a]), %%rdx\n\tmulxq %%rdx, %[low], %[high]\n\t"                                      \
    "movq " #i "*16(%[t]), %[column]\n\tadcxq %[column], %[column]\n\tadoxq %[low], %[column]\n\t"        \
    "movq %[column], " #i "*16(%[t])\n\t"                                                                 \
    "movq " #i "*16+8(%[t]), %[column]\n\tadcxq %[column], %[column]\n\tadoxq %[high], %[column]\n\t"     \
    "movq %[column], " #i "*16+8(%[t])\n\t"
    __asm__ volatile("xorl %k[low], %k[low]\n\t"
            "1:\n\t"
            BREAKWATER_RSA_SQUARE(0) BREAKWATER_RSA_SQUARE(1) BREAKWATER_RSA_SQUARE(2) BREAKWATER_RSA_SQUARE(3)
            "leaq 32(%[a]), %[a]\n\tleaq 64(%[t]), %[t]\n\tleaq -1(%%rcx), %%rcx\n\t"
            "jrcxz 2f\n\tjmp 1b\n\t"
            "2:\n\t"
            : [column] "=&r"(column), [low] "=&r"(low), [high] "=&r"(high), [t] "+&r"(t), [a] "+&r"(a), "+&c"(count)
            :
            : "rdx", "cc", "memory");
#undef BREAKWATER_RSA_SQUARE
    // clang-format on
  }

  // t = the sum of a[i] a[j] 2^(64 (i + j)), i < j. Row i is added to columns 2 i + 1 .. i + 7, makes column i + 8, and
  // leaves two columns done. The rows up to i sum to less than 2^(64 (i + 9)): what a column is, is at most what is
  // left of (2^(64 (i + 1)) - 1) (2^512 - 1).
  [[gnu::noinline]] static void unlike_products(Limb* t, const Limb* a) noexcept {
    Limb s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7, low, high;
    // clang-format off
#define BREAKWATER_RSA_ROW(i, products)                                                              \
    __asm__("xorl %k[low], %k[low]\n\t" products                                                     \
            : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4),        \
              [s5] "+&r"(s5), [s6] "+&r"(s6), [low] "=&r"(low), [high] "=&r"(high)                   \
            : "d"(a[i]), [factors] "r"(a + i + 1), "m"(*reinterpret_cast<const Limb(*)[8]>(a))       \
            : "cc");                                                                                 \
    s7 = high
    BREAKWATER_RSA_ROW(0, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2")
                          BREAKWATER_RSA_PRODUCT(2, "s2", "s3") BREAKWATER_RSA_PRODUCT(3, "s3", "s4")
                          BREAKWATER_RSA_PRODUCT(4, "s4", "s5") BREAKWATER_RSA_PRODUCT(5, "s5", "s6")
                          BREAKWATER_RSA_LAST_PRODUCT(6, "s6"));
    t[1] = s0, t[2] = s1, s0 = s2, s1 = s3, s2 = s4, s3 = s5, s4 = s6, s5 = s7;
    BREAKWATER_RSA_ROW(1, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2")
                          BREAKWATER_RSA_PRODUCT(2, "s2", "s3") BREAKWATER_RSA_PRODUCT(3, "s3", "s4")
                          BREAKWATER_RSA_PRODUCT(4, "s4", "s5") BREAKWATER_RSA_LAST_PRODUCT(5, "s5"));
    t[3] = s0, t[4] = s1, s0 = s2, s1 = s3, s2 = s4, s3 = s5, s4 = s7;
    BREAKWATER_RSA_ROW(2, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2")
                          BREAKWATER_RSA_PRODUCT(2, "s2", "s3") BREAKWATER_RSA_PRODUCT(3, "s3", "s4")
                          BREAKWATER_RSA_LAST_PRODUCT(4, "s4"));
    t[5] = s0, t[6] = s1, s0 = s2, s1 = s3, s2 = s4, s3 = s7;
    BREAKWATER_RSA_ROW(3, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2")
                          BREAKWATER_RSA_PRODUCT(2, "s2", "s3") BREAKWATER_RSA_LAST_PRODUCT(3, "s3"));
    t[7] = s0, t[8] = s1, s0 = s2, s1 = s3, s2 = s7;
    BREAKWATER_RSA_ROW(4, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_PRODUCT(1, "s1", "s2")
                          BREAKWATER_RSA_LAST_PRODUCT(2, "s2"));
    t[9] = s0, t[10] = s1, s0 = s2, s1 = s7;
    BREAKWATER_RSA_ROW(5, BREAKWATER_RSA_PRODUCT(0, "s0", "s1") BREAKWATER_RSA_LAST_PRODUCT(1, "s1"));
    t[11] = s0, t[12] = s1, s0 = s7;
    BREAKWATER_RSA_ROW(6, BREAKWATER_RSA_LAST_PRODUCT(0, "s0"));
    t[13] = s0, t[14] = s7;
    t[0] = t[15] = 0;
#undef BREAKWATER_RSA_ROW
    // clang-format on
  }

 private:
  // s0 .. s7, next += factor * factors + t: below 2^512 + (2^64 - 1)(2^512 - 1) + 2^64 - 1 < 2^576. s0 goes to t.
  [[gnu::always_inline]] static void row(Limb& t, Limb factor, const Limb* factors, Limb& s0, Limb& s1, Limb& s2,
                                         Limb& s3, Limb& s4, Limb& s5, Limb& s6, Limb& s7, Limb& next) noexcept {
    Limb low, high;
    __asm__("xorl %k[low], %k[low]\n\tadoxq %[t], %[s0]\n\t" BREAKWATER_RSA_EIGHT_PRODUCTS
            : BREAKWATER_RSA_SUMS, [low] "=&r"(low), [high] "=&r"(high)
            : [t] "m"(t), "d"(factor), [factors] "r"(factors), "m"(*reinterpret_cast<const Limb(*)[8]>(factors))
            : "cc");
    t = s0;
    next = high;
  }

  // The same for the factor that makes s0 zero, which is returned.
  [[gnu::always_inline]] static Limb reduce_row(Limb inverse, const Limb* factors, Limb& s0, Limb& s1, Limb& s2,
                                                Limb& s3, Limb& s4, Limb& s5, Limb& s6, Limb& s7, Limb& next) noexcept {
    const Limb factor = s0 * inverse;
    Limb low, high;
    __asm__("xorl %k[low], %k[low]\n\t" BREAKWATER_RSA_EIGHT_PRODUCTS
            : BREAKWATER_RSA_SUMS, [low] "=&r"(low), [high] "=&r"(high)
            : "d"(factor), [factors] "r"(factors), "m"(*reinterpret_cast<const Limb(*)[8]>(factors))
            : "cc");
    next = high;
    return factor;
  }

  [[gnu::always_inline]] static void put(Limb* to, Limb r0, Limb r1, Limb r2, Limb r3, Limb r4, Limb r5, Limb r6,
                                         Limb r7) noexcept {
    to[0] = r0, to[1] = r1, to[2] = r2, to[3] = r3, to[4] = r4, to[5] = r5, to[6] = r6, to[7] = r7;
  }
};

#undef BREAKWATER_RSA_SUMS
#undef BREAKWATER_RSA_EIGHT_PRODUCTS
#undef BREAKWATER_RSA_LAST_PRODUCT
#undef BREAKWATER_RSA_PRODUCT

}  // namespace breakwater::crypto::adx
