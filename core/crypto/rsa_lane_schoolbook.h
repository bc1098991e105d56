// Montgomery arithmetic of numbers of twenty limbs in lanes, in as few operations as may be: for CPUs on which adding
// costs what multiplying costs (CpuFeatures::two_vector_ports). A squaring takes 1,360 operations, 1,220 of them halves
// of products; that of rsa_lane_karatsuba.h takes 1,498, and 1,029 of them are halves of products. Limbs have 52 bits;
// B is 2^52, and R = B^20.
//
// T < R^2 is divided by R limb by limb. The first nineteen fold: T = t + T' B, t < B, is (t fold + T') B modulo m, with
// fold = 1 / B modulo m. There is no quotient to be computed: t is the low 52 bits of a column, which is what products
// take of it. The last limb is Montgomery's. What comes out is below T / R + 2 m + m / 2^51: for factors below 6 m,
// m < R / 2^16, it is below 3 m.
//
// Columns are as in rsa_lane_blocks.h: each sums at most 80 halves of products below 2^52, and a carry.
#pragma once

#include <cstddef>

#include "core/crypto/constant_time.h"
#include "core/crypto/rsa_lane_blocks.h"

namespace breakwater::crypto {

template <class Unit>
class RsaLaneSchoolbook {
 public:
  using Lanes = typename Unit::Lanes;
  static constexpr std::size_t kCount = 20;
  static constexpr std::size_t kFolded = 1;  // load() takes 2^(-52 kFolded) modulo m

  // What is kept for each modulus m.
  struct Modulus {
    Lanes fold[kCount];
  };

  static void load(Modulus& modulus, const Lanes* fold) noexcept {
    for (std::size_t i = 0; i < kCount; ++i) modulus.fold[i] = fold[i];
  }

  // columns = a^2 and a b, 40 of them, for factors below 6 m.
  [[gnu::always_inline]] static void square(Lanes* columns, const Lanes* a, Modulus&) noexcept {
    Blocks::template double_add_square<RsaColumns::Nothing, RsaColumns::Nothing>(columns, a);
  }
  [[gnu::always_inline]] static void multiply(Lanes* columns, const Lanes* a, const Lanes* b, Modulus&) noexcept {
    Blocks::template multiply_add<RsaColumns::Nothing, RsaColumns::Nothing>(columns, a, b);
  }

  // out = columns / R modulo m, below 3 m. m_inverse = -1 / m modulo 2^52.
  [[gnu::noinline]] static void reduce(Lanes* out, const Lanes* columns, const Lanes* m, const Lanes& m_inverse,
                                       const Modulus& modulus) noexcept {
    auto sums = RsaLaneArray<Lanes, 2 * kCount>::zeros();
    rsa_repeat<Unit, kCount + 1>([&](auto i) __attribute__((always_inline)) { sums[i] = columns[i]; });
    rsa_repeat<Unit, kCount - 1>([&](auto i) __attribute__((always_inline)) {
      sums[kCount + 1 + i] = columns[kCount + 1 + i];  // as late as may be
      add_fold(sums, i, modulus.fold);
    });
    add_quotient(sums, m, m_inverse);
    Lanes carry;
    rsa_repeat<Unit, kCount>([&](auto i) __attribute__((always_inline)) {
      const Lanes limb = sums[kCount + i] + carry;
      carry = limb.template shift_right<kRsaLimbBits>();
      out[i] = limb & limb_mask();
    });
    carry.check_below(1);
  }

 private:
  using Blocks = RsaLaneBlocks<Unit, kCount>;
  using Sums = RsaLaneArray<Lanes, 2 * kCount>;

  static Lanes limb_mask() noexcept { return Lanes::broadcast((Limb{1} << kRsaLimbBits) - 1); }

  // Column i goes to those after it.
  template <class Index>
  [[gnu::always_inline]] static void add_fold(Sums& sums, Index i, const Lanes* fold) noexcept {
    const Lanes factor = sums[i];  // of which products take the low 52 bits
    sums[i + 1] = sums[i + 1] + factor.template shift_right<kRsaLimbBits>();
    rsa_repeat<Unit, kCount>([&](auto j) __attribute__((always_inline)) {
      const Lanes other = Unit::fetch(fold[j]);
      sums[i + j + 1] = multiply_add_low(sums[i + j + 1], factor, other);
      sums[i + j + 2] = multiply_add_high(sums[i + j + 2], factor, other);
    });
  }

  // Column 19 becomes zero, its carry in the next. See RsaLaneBlocks' Reduction.
  [[gnu::always_inline]] static void add_quotient(Sums& sums, const Lanes* m, const Lanes& m_inverse) noexcept {
    constexpr std::size_t kLast = kCount - 1;
    const Lanes factor = multiply_add_low(Lanes::zero(), sums[kLast], m_inverse);
    sums[kCount] = sums[kCount] + (sums[kLast] + limb_mask()).template shift_right<kRsaLimbBits>();
    rsa_repeat<Unit, kCount>([&](auto j) __attribute__((always_inline)) {
      const Lanes other = Unit::fetch(m[j]);
      if (j > 0) sums[kLast + j] = multiply_add_low(sums[kLast + j], factor, other);
      sums[kCount + j] = multiply_add_high(sums[kCount + j], factor, other);
    });
  }
};

}  // namespace breakwater::crypto
