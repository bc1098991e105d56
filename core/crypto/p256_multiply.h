// Scalar multiplication on P-256 over any field layer, constant time: fixed signed windows, tables read by full masked
// scans, so neither branches nor addresses depend on the scalar.
// Nor does arithmetic meet zeros or ones where digits are zero, which could show in what a processor draws and so in
// its clock: a zero digit looks up some point of the table, which is added like any other before the sum is dropped,
// and until a digit is not zero the sum is such a point too. Digits is SignedWindows or a lane layer's equivalent.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/p256_comb_sum.h"
#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_group.h"
#include "core/crypto/p256_multiples.h"
#include "core/crypto/signed_windows.h"

namespace breakwater::crypto {

// Out of the multiples of a point, sign included. A zero digit gives one of them, to be thrown away.
template <P256Field F, class Digit>
constexpr AffinePoint<F> look_up(const std::array<AffinePoint<F>, kWindowTableSize>& table,
                                 const Digit& digit) noexcept {
  AffinePoint<F> found = table[0];
  for (std::size_t j = 1; j < kWindowTableSize; ++j) found = select(digit.has_magnitude(j + 1), table[j], found);
  return negate_if(digit.negative, found);
}

// The same out of a comb table.
template <P256Field F, class Digit>
constexpr AffinePoint<F> look_up(const CombTable& table, const Digit& digit) noexcept {
  AffinePoint<F> found{F::from_montgomery(table[0].x), F::from_montgomery(table[0].y)};
  for (std::size_t j = 1; j < kWindowTableSize; ++j) {
    const auto wanted = digit.has_magnitude(j + 1);
    found.x.replace_if(wanted, table[j].x);
    found.y.replace_if(wanted, table[j].y);
  }
  return negate_if(digit.negative, found);
}

// And for lanes: a whole column of sixteen limbs is read, and each lane takes the one of its digit.
template <P256Field F, class Digit>
AffinePoint<F> look_up(const CombColumns& table, const Digit& digit) noexcept {
  return negate_if(digit.negative,
                   AffinePoint<F>{F::from_columns(table.x, digit.index()), F::from_columns(table.y, digit.index())});
}

// Between additions: w of twice_times(), for the doublings that come next.
template <P256Field F>
struct NextDoublings {
  F cc, zz, w;

  constexpr void begin(const F& z) noexcept { zz = z.square(); }
  constexpr void end() noexcept { w = cc * zz; }
};

// scalar * point, for any scalar below the group's order n: (0, 0, 0) for zero. Any other scalar below 2^256 gives
// nonsense, in the same time.
//
// Why no addition whose sum is kept meets a special case. Let the scalar be k = sum of d_j 32^j, |d_j| <= 16, and T_i
// the sum of d_j 32^(j - i) for all j >= i. Digits below i say whether k is rounded up or down, so T_i is k / 32^i
// rounded, at most k / 32^i + 1/2, and never negative. What is added to t = 32 T_(i + 1) is d = d_i, where neither is
// zero; t, t + d and t - d must not be multiples of n.
// - i > 0: t is at least 32 and at most n / 32 + 16, and d is too small to take it to 0 or n.
// - i = 0: t is a multiple of 32, t <= k + 16 < 2 n, and n is none. t + d = k is no multiple of n. t - d is neither 0,
//   since t >= 32, nor n: n = 17 modulo 32, so d would be 15 and k = t + d = n + 30.
template <P256Field F, class Digits>
inline JacobianPoint<F> multiply(const AffinePoint<F>& point, const Digits& digits) noexcept {
  Multiples<F, kWindowTableSize> multiples;  // of the peer's public point: no secret
  set_multiples(multiples, point);

  // On the curve of the multiples.
  const auto top = digits.at(kWindowCount - 1);
  auto all_zero = top.has_magnitude(0);
  const AffinePoint<F> start = look_up(multiples.points, top);
  Secret<JacobianPoint<F>> sum(JacobianPoint<F>{start.x, start.y, F::one()});
  Secret<Addend<F>> addend;
  Secret<NextDoublings<F>> doublings({multiples.c.square(), {}, {}});
  doublings.value.begin(sum.value.z);
  doublings.value.end();
  for (std::size_t i = kWindowCount - 1; i-- > 0;) {
    const auto digit = digits.at(i);
    const auto is_zero = digit.has_magnitude(0);
    addend.value.point = look_up(multiples.points, digit);
    twice_times(sum.value, doublings.value.w, kWindowBits, addend.value);
    add_unlike(sum.value, addend.value, is_zero, all_zero, doublings.value);
    all_zero = all_zero & is_zero;
  }
  sum.value.z = sum.value.z * multiples.c;  // back to P-256
  return select(all_zero, JacobianPoint<F>::neutral(), sum.value);
}

// scalar * G, for any scalar below the group's order n: (0, 0, 0, 0) for zero. Any other scalar below 2^256 gives
// nonsense, in the same time.
//
// Why no addition whose sum is kept meets a special case. Let the scalar be k = sum of d_j 32^j, |d_j| <= 16, and let
// T G be the sum of the digits so far and t G, t = d_i 32^i, what is added to it. The sum is kept where neither d_i nor
// all digits before it are zero. Then T, T - t and T + t must not be multiples of n. They are sums of e_j 32^j with
// |e_j| <= 16, and
//   (a) such a sum is zero only when all e_j are: modulo 32 it is e_0, and so on.
// - The odd digits, taken with the weights 32^(j - 1): all sums are below 2^252 < n, so (a) is all it takes.
// - The even digits, from the highest to the lowest: sums are below 2 n, which leaves n and -n. n = 17 modulo 32 makes
//   e_0 = -15 for n and 15 for -n, but e_0 is zero until d_0 is added. Then T + t = k itself is no multiple of n; and T
//   - t = n would mean d_0 = 15 and k = n + 30, T - t = -n that k = -n - 30. Neither lies between 0 and n.
// Going up through the even digits would be wrong: k = n - 2^230 passes through n.
//
// tables: CombTables, or for lanes CombColumnTables.
template <P256Field F, class Tables, class Digits>
inline CombSum<F> multiply_generator(const Tables& tables, const Digits& digits) noexcept {
  const auto lowest = digits.at(1);
  auto all_zero = lowest.has_magnitude(0);
  Secret<CombSum<F>> sum(CombSum<F>::of(look_up<F>(tables[0], lowest)));
  const auto add_digit = [&](std::size_t table, std::size_t index) noexcept {
    const auto digit = digits.at(index);
    const auto is_zero = digit.has_magnitude(0);
    add_unlike(sum.value, look_up<F>(tables[table], digit), is_zero, all_zero);
    all_zero = all_zero & is_zero;
  };
  for (std::size_t i = 1; i < kCombTableCount; ++i) add_digit(i, 2 * i + 1);
  twice_times(sum.value, kWindowBits);
  for (std::size_t i = kCombTableCount; i-- > 0;) add_digit(i, 2 * i);
  return select(all_zero, CombSum<F>{F::zero(), F::zero(), F::zero(), F::zero()}, sum.value);
}

}  // namespace breakwater::crypto
