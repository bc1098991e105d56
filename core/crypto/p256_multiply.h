// Scalar multiplication on P-256 over any field layer, constant time: fixed signed windows, tables read by full masked
// scans, so neither branches nor addresses depend on the scalar.
// Digits is SignedWindows or a lane layer's equivalent.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_group.h"
#include "core/crypto/signed_windows.h"

namespace breakwater::crypto {

// Entry j - 1 is j times a point.
template <class Point>
using WindowTable = std::array<Point, kWindowTableSize>;

// digit's multiple out of the table, sign included; absent is what a zero digit gives.
template <class Point, class Digit>
constexpr Point look_up(const WindowTable<Point>& table, const Digit& digit, const Point& absent) noexcept {
  Point found = absent;
  for (std::size_t j = 0; j < kWindowTableSize; ++j) found = select(digit.has_magnitude(j + 1), table[j], found);
  return negate_if(digit.negative, found);
}

// The same out of a comb table; what a zero digit gives is to be thrown away.
template <P256Field F, class Digit>
constexpr AffinePoint<F> look_up(const CombTable& table, const Digit& digit) noexcept {
  AffinePoint<F> found{F::zero(), F::zero()};
  for (std::size_t j = 0; j < kWindowTableSize; ++j) {
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

// scalar * point, for any scalar below 2^256.
template <P256Field F, class Digits>
inline ProjectivePoint<F> multiply(const AffinePoint<F>& point, const Digits& digits) noexcept {
  using Point = ProjectivePoint<F>;
  WindowTable<Point> table{};  // multiples of the peer's public point: no secret
  table[0] = Point::from_affine(point);
  for (std::size_t j = 2; j <= kWindowTableSize; ++j) {
    table[j - 1] = j % 2 == 0 ? twice(table[j / 2 - 1]) : add(table[j - 2], point);
  }

  Secret<Point> sum(look_up(table, digits.at(kWindowCount - 1), Point::neutral()));
  for (std::size_t i = kWindowCount - 1; i-- > 0;) {
    sum.value = twice_times(sum.value, kWindowBits);
    sum.value = add(sum.value, look_up(table, digits.at(i), Point::neutral()));
  }
  return sum.value;
}

// scalar * G, for any scalar below the group's order n: (0, 0, 0) for zero. Any other scalar below 2^256 gives
// nonsense, in the same time.
//
// Why no addition here meets a special case. Let the scalar be k = sum of d_j 32^j, |d_j| <= 16, and let T G be the sum
// so far and t G, t = d_i 32^i, what is added to it: d_i is not zero, and T is not once a digit was not zero. Then T, T
// - t and T + t must not be multiples of n. They are sums of e_j 32^j with |e_j| <= 16, and
//   (a) such a sum is zero only when all e_j are: modulo 32 it is e_0, and so on.
// - The odd digits, taken with the weights 32^(j - 1): all sums are below 2^252 < n, so (a) is all it takes.
// - The even digits, from the highest to the lowest: sums are below 2 n, which leaves n and -n. n = 17 modulo 32 makes
//   e_0 = -15 for n and 15 for -n, but e_0 is zero until d_0 is added. Then T + t = k itself is no multiple of n; and T
//   - t = n would mean d_0 = 15 and k = n + 30, T - t = -n that k = -n - 30. Neither lies between 0 and n.
// Going up through the even digits would be wrong: k = n - 2^230 passes through n.
//
// tables: CombTables, or for lanes CombColumnTables.
template <P256Field F, class Tables, class Digits>
inline JacobianPoint<F> multiply_generator(const Tables& tables, const Digits& digits) noexcept {
  using Point = JacobianPoint<F>;
  Secret<Point> sum(Point{F::zero(), F::zero(), F::zero()});
  auto all_zero = sum.value.z.is_zero();  // set
  const auto add_digit = [&](std::size_t table, std::size_t index) noexcept {
    const auto digit = digits.at(index);
    // What a zero digit looks up is thrown away, and its sum with it.
    const AffinePoint<F> multiple = look_up<F>(tables[table], digit);
    const auto is_zero = digit.has_magnitude(0);
    Point next = add_unlike(sum.value, multiple);
    next = select(all_zero, Point{multiple.x, multiple.y, F::one()}, next);
    sum.value = select(is_zero, sum.value, next);
    all_zero = all_zero & is_zero;
  };
  for (std::size_t i = 0; i < kCombTableCount; ++i) add_digit(i, 2 * i + 1);
  for (unsigned i = 0; i < kWindowBits; ++i) sum.value = twice(sum.value);
  for (std::size_t i = kCombTableCount; i-- > 0;) add_digit(i, 2 * i);
  return sum.value;
}

}  // namespace breakwater::crypto
