// Montgomery arithmetic of numbers of twenty limbs in lanes, with fewer products of limbs than rsa_lane_blocks.h: 1,029
// halves of products for a squaring and 1,149 for a multiplication, instead of 1,220 and 1,600. Limbs have 52 bits;
// X is 2^520, the weight of a number's upper half, and R = X^2.
//
// Products are made of those of halves, of ten limbs and then of five: a0 b1 + a1 b0 = (a0 + a1) (b0 + b1) - a0 b0 -
// a1 b1 (Karatsuba). A sum of halves is kept as the limbs of a half and a carry, 0 or 1, which multiplies by adding the
// other sum where it is set.
//
// T < R^2 is divided by R in two steps of ten limbs. The first folds: T = T0 + T' X, and T0 + T' X is (T0 fold + T') X
// modulo m, with fold = 1 / X modulo m: no quotient, so nothing has to wait for one limb's quotient after the other.
// The second is Montgomery's. What comes out is below T / R + 2 m: for factors below 6 m, m < R / 2^16, it is below
// 3 m.
//
// Columns are as in rsa_lane_blocks.h, but signed, since what is taken away was not in the same column. Each product
// of halves of ten limbs changes a column by less than 2^59 either way (at most 60 halves of products, two sums' limbs)
// and no column sees more than seven of them, so columns stay within 2^62 either way.
#pragma once

#include <cstddef>
#include <type_traits>

#include "core/crypto/constant_time.h"
#include "core/crypto/rsa_lane_blocks.h"

namespace breakwater::crypto {

// i + kAddend
template <std::size_t kAddend, std::size_t kIndex>
constexpr auto rsa_plus(std::integral_constant<std::size_t, kIndex>) noexcept {
  return std::integral_constant<std::size_t, kIndex + kAddend>{};
}
template <std::size_t kAddend>
constexpr std::size_t rsa_plus(std::size_t i) noexcept {
  return i + kAddend;
}

template <class Unit>
class RsaLaneKaratsuba {
 public:
  using Lanes = typename Unit::Lanes;
  static constexpr std::size_t kFolded = 10;  // load() takes 2^(-52 kFolded) modulo m

  // Ten limbs, the sum of their halves, and the carry out of it.
  struct Factor {
    const Lanes* limbs;
    Lanes sum[5];
    Lanes carry;
  };

  // What is kept for each modulus m, and room for values under way.
  struct Modulus {
    Factor fold[2];  // the halves of 1 / X modulo m
    Factor low, left, right;
    Lanes fold_limbs[20], low_limbs[10], left_sum[10], right_sum[10];
  };

  // fold = 1 / X modulo m
  static void load(Modulus& modulus, const Lanes* fold) noexcept {
    for (std::size_t i = 0; i < 20; ++i) modulus.fold_limbs[i] = fold[i];
    prepare(modulus.fold[0], modulus.fold_limbs);
    prepare(modulus.fold[1], modulus.fold_limbs + 10);
  }

  // columns = a^2, 40 of them; the lowest ten as limbs in modulus.low, and what they carry in the next. a < 6 m.
  [[gnu::always_inline]] static void square(Lanes* columns, const Lanes* a, Modulus& modulus) noexcept {
    square_ten(columns, a);
    const Lanes low_carry = carry_low(modulus, columns);
    const Lanes sum_carry = add<10>(modulus.left_sum, a, a + 10);
    square_ten(columns + 20, a + 10);
    square_middle(columns, modulus.left_sum, sum_carry, low_carry);
  }

  // The same of a b, both below 6 m.
  [[gnu::always_inline]] static void multiply(Lanes* columns, const Lanes* a, const Lanes* b,
                                              Modulus& modulus) noexcept {
    Factor &left = modulus.left, &right = modulus.right;
    prepare(left, a);
    prepare(right, b);
    multiply_ten(columns, left, right);
    const Lanes low_carry = carry_low(modulus, columns);
    prepare(left, a + 10);
    prepare(right, b + 10);
    multiply_ten(columns + 20, left, right);
    const Lanes left_carry = add<10>(modulus.left_sum, a, a + 10);
    const Lanes right_carry = add<10>(modulus.right_sum, b, b + 10);
    prepare(left, modulus.left_sum);
    prepare(right, modulus.right_sum);
    multiply_middle(columns, left, left_carry, right, right_carry, low_carry);
  }

  // out = columns / R modulo m, below 3 m, of what square() or multiply() left. m_inverse = -1 / m modulo 2^52.
  [[gnu::always_inline]] static void reduce(Lanes* out, Lanes* columns, const Lanes* m, const Lanes& m_inverse,
                                            Modulus& modulus) noexcept {
    fold_and_reduce(modulus.left_sum, columns + 10, modulus.low, modulus.fold[0], m, m_inverse);
    multiply_ten_add(columns + 20, modulus.low, modulus.fold[1]);
    multiply_ten_and_carry(out, columns + 20, modulus.left_sum, m + 10);
  }

 private:
  template <std::size_t kCount>
  using Sums = RsaLaneArray<Lanes, kCount>;

  static Lanes limb_mask() noexcept { return Lanes::broadcast((Limb{1} << kRsaLimbBits) - 1); }

  template <class Mask>
  [[gnu::always_inline]] static Lanes add_where(const Mask& mask, const Lanes& sum, const Lanes& addend) noexcept {
    return select(mask, sum + addend, sum);
  }

  // sum = a + b modulo 2^(52 kCount); returns the carry.
  template <std::size_t kCount>
  [[gnu::always_inline]] static Lanes add(Lanes* sum, const Lanes* a, const Lanes* b) noexcept {
    Lanes carry;
    rsa_repeat<Unit, kCount>([&](auto i) __attribute__((always_inline)) {
      const Lanes limb = a[i] + b[i] + carry;
      carry = limb.template shift_right<kRsaLimbBits>();
      sum[i] = limb & limb_mask();
    });
    return carry;
  }

  [[gnu::always_inline]] static void prepare(Factor& factor, const Lanes* limbs) noexcept {
    factor.limbs = limbs;
    factor.carry = add<5>(factor.sum, limbs, limbs + 5);
  }

  // modulus.low = the limbs of columns[0 .. 9]; returns the carry.
  [[gnu::always_inline]] static Lanes carry_low(Modulus& modulus, const Lanes* columns) noexcept {
    Lanes carry;
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
      const Lanes limb = columns[i] + carry;
      carry = limb.template shift_right_signed<kRsaLimbBits>();
      modulus.low_limbs[i] = limb & limb_mask();
    });
    prepare(modulus.low, modulus.low_limbs);
    return carry;
  }

  // With a0 b0 in columns[0 .. 19] and a1 b1 in columns[20 .. 39]: column 10 + i without what X times the two adds
  // there, to which X (a0 + a1) (b0 + b1) is added then.
  [[gnu::always_inline]] static Lanes without_outer(const Lanes* columns, std::size_t i) noexcept {
    return columns[10 + i] - columns[i] - columns[20 + i];
  }

  // columns[0 .. 19] = a^2
  [[gnu::noinline]] static void square_ten(Lanes* columns, const Lanes* a) noexcept {
    auto sums = Sums<20>::zeros();
    square_rows(
        sums, a, [](auto) __attribute__((always_inline)) { return Lanes::zero(); });
    put(columns, sums);
  }

  // The middle of a square: columns[10 .. 29] = without_outer() + (a0 + a1)^2, where a0 + a1 = sum + sum_carry X.
  // low_carry comes from column 9.
  [[gnu::noinline]] static void square_middle(Lanes* columns, const Lanes* sum, const Lanes& sum_carry,
                                              const Lanes& low_carry) noexcept {
    auto sums = Sums<20>::zeros();
    const auto carried = less(Lanes::zero(), sum_carry);
    square_rows(
        sums, sum, [&](auto i) __attribute__((always_inline)) {
          Lanes first = without_outer(columns, i);
          if (i >= 10) first = add_where(carried, first, sum[i - 10] + sum[i - 10]);
          return first;
        });
    sums[0] = sums[0] + low_carry;
    columns[30] = columns[30] + sum_carry;
    put(columns + 10, sums);
  }

  // sums[i] = first(i) + a^2. Row i has the products with the limbs before a[i], so the first rows need not wait for
  // the last limbs; after it column i is complete.
  template <class First>
  [[gnu::always_inline]] static void square_rows(Sums<20>& sums, const Lanes* a, const First& first) noexcept {
    auto limbs = Sums<10>::zeros();
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) { limbs[i] = Unit::fetch(a[i]); });
    const auto finish = [&](auto i) __attribute__((always_inline)) {
      const Lanes factor = limbs[i / 2];
      const Lanes column = sums[i] + sums[i] + first(i);
      sums[i] = i % 2 == 0 ? multiply_add_low(column, factor, factor) : multiply_add_high(column, factor, factor);
    };
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
      rsa_repeat<Unit, 10>([&](auto j) __attribute__((always_inline)) {
        if (j >= i) return;
        sums[i + j] = multiply_add_low(sums[i + j], limbs[i], limbs[j]);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], limbs[i], limbs[j]);
      });
      finish(i);
    });
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) { finish(rsa_plus<10>(i)); });
  }

  // columns[0 .. 19] = a b
  [[gnu::noinline]] static void multiply_ten(Lanes* columns, const Factor& a, const Factor& b) noexcept {
    auto sums = Sums<20>::zeros();
    multiply_rows(
        sums, a, b, [](auto) __attribute__((always_inline)) { return Lanes::zero(); });
    put(columns, sums);
  }

  // columns[0 .. 19] += a b
  [[gnu::noinline]] static void multiply_ten_add(Lanes* columns, const Factor& a, const Factor& b) noexcept {
    auto sums = Sums<20>::zeros();
    multiply_rows(
        sums, a, b, [&](auto i) __attribute__((always_inline)) { return columns[i]; });
    put(columns, sums);
  }

  // The same of a product, for (a + a_carry X) (b + b_carry X).
  [[gnu::noinline]] static void multiply_middle(Lanes* columns, const Factor& a, const Lanes& a_carry, const Factor& b,
                                                const Lanes& b_carry, const Lanes& low_carry) noexcept {
    auto sums = Sums<20>::zeros();
    multiply_rows(
        sums, a, b, [&](auto i) __attribute__((always_inline)) { return without_outer(columns, i); });
    const auto a_carried = less(Lanes::zero(), a_carry), b_carried = less(Lanes::zero(), b_carry);
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
      sums[10 + i] = add_where(b_carried, add_where(a_carried, sums[10 + i], b.limbs[i]), a.limbs[i]);
    });
    sums[0] = sums[0] + low_carry;
    columns[30] = columns[30] + (a_carry & b_carry);
    put(columns + 10, sums);
  }

  // out = columns[0 .. 19] + q m, as limbs: column by column, without Karatsuba's formula, so that the chain of carries
  // goes along with the products instead of following them.
  [[gnu::noinline]] static void multiply_ten_and_carry(Lanes* out, const Lanes* columns, const Lanes* q,
                                                       const Lanes* m) noexcept {
    auto left = Sums<10>::zeros(), right = Sums<10>::zeros();
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
      left[i] = Unit::fetch(q[i]);
      right[i] = Unit::fetch(m[i]);
    });
    Lanes carry;
    rsa_repeat<Unit, 20>([&](auto k) __attribute__((always_inline)) {
      Lanes low = columns[k], high;
      rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
        if (k >= i && k - i < 10) low = multiply_add_low(low, left[i], right[k - i]);
        if (k > i && k - i <= 10) high = multiply_add_high(high, left[i], right[k - i - 1]);
      });
      const Lanes limb = low + high + carry;
      carry = limb.template shift_right_signed<kRsaLimbBits>();
      out[k] = limb & limb_mask();
    });
    carry.check_below(1);
  }

  // sums[i] = first(i) + a b
  template <class First>
  [[gnu::always_inline]] static void multiply_rows(Sums<20>& sums, const Factor& a, const Factor& b,
                                                   const First& first) noexcept {
    auto middle = Sums<10>::zeros(), low = Sums<10>::zeros(), high = Sums<10>::zeros();
    multiply_five(middle, a.sum, b.sum);
    const auto a_carried = less(Lanes::zero(), a.carry), b_carried = less(Lanes::zero(), b.carry);
    rsa_repeat<Unit, 5>([&](auto i) __attribute__((always_inline)) {
      middle[5 + i] = add_where(b_carried, add_where(a_carried, middle[5 + i], b.sum[i]), a.sum[i]);
    });
    multiply_five(low, a.limbs, b.limbs);
    rsa_repeat<Unit, 5>([&](auto i) __attribute__((always_inline)) {
      sums[i] = low[i] + first(i);
      middle[i] = middle[i] - low[i] + low[5 + i];
      middle[5 + i] = middle[5 + i] - low[5 + i];
    });
    multiply_five(high, a.limbs + 5, b.limbs + 5);
    rsa_repeat<Unit, 5>([&](auto i) __attribute__((always_inline)) {
      sums[5 + i] = middle[i] - high[i] + first(rsa_plus<5>(i));
      sums[10 + i] = middle[5 + i] + high[i] - high[5 + i] + first(rsa_plus<10>(i));
      sums[15 + i] = high[5 + i] + first(rsa_plus<15>(i));
    });
    sums[15] = sums[15] + (a.carry & b.carry);
  }

  // sums += a b, five limbs each.
  [[gnu::always_inline]] static void multiply_five(Sums<10>& sums, const Lanes* a, const Lanes* b) noexcept {
    rsa_repeat<Unit, 5>([&](auto i) __attribute__((always_inline)) {
      const Lanes factor = Unit::fetch(a[i]);
      rsa_repeat<Unit, 5>([&](auto j) __attribute__((always_inline)) {
        const Lanes other = Unit::fetch(b[j]);
        sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
    });
  }

  // t = columns[0 .. 19] + low fold; q with t + q m = 0 modulo X, and columns[10 .. 19] = those of t + q m[0 .. 9],
  // with what the lower ones carry. See RsaLaneBlocks' Reduction.
  [[gnu::noinline]] static void fold_and_reduce(Lanes* q, Lanes* columns, const Factor& low, const Factor& fold,
                                                const Lanes* m, const Lanes& m_inverse) noexcept {
    const Lanes ones = limb_mask();
    auto sums = Sums<20>::zeros();
    multiply_rows(
        sums, low, fold, [&](auto i) __attribute__((always_inline)) { return columns[i]; });
    const Lanes inverse = m_inverse;
    Lanes next = multiply_add_low(Lanes::zero(), sums[0], inverse);
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) {
      const Lanes factor = next;
      q[i] = factor;
      const Lanes carry = (sums[i] + ones).template shift_right_signed<kRsaLimbBits>();
      sums[i + 1] =
          multiply_add_high(sums[i + 1] + carry, factor, m[0]) + multiply_add_low(Lanes::zero(), factor, m[1]);
      if (i < 9) next = multiply_add_low(Lanes::zero(), sums[i + 1], inverse);
      rsa_repeat<Unit, 10>([&](auto j) __attribute__((always_inline)) {
        if (j == 0) return;
        const Lanes other = Unit::fetch(m[j]);
        if (j > 1) sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
    });
    rsa_repeat<Unit, 10>([&](auto i) __attribute__((always_inline)) { columns[10 + i] = sums[10 + i]; });
  }

  [[gnu::always_inline]] static void put(Lanes* columns, const Sums<20>& sums) noexcept {
    rsa_repeat<Unit, 20>([&](auto i) __attribute__((always_inline)) { columns[i] = sums.lanes[i]; });
  }
};

}  // namespace breakwater::crypto
