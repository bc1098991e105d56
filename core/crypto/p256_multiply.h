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

// The same out of a comb table; a zero digit gives (0, 0), which is no point.
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

// scalar * G, for any scalar below 2^256.
template <P256Field F, class Digits>
inline ProjectivePoint<F> multiply_generator(const CombTables& tables, const Digits& digits) noexcept {
  using Point = ProjectivePoint<F>;
  Secret<Point> sum(Point::neutral());
  const auto add_digit = [&](std::size_t table, std::size_t index) noexcept {
    const auto digit = digits.at(index);
    // What a zero digit looks up is no point; that sum is thrown away.
    const AffinePoint<F> multiple = look_up<F>(tables[table], digit);
    sum.value = select(digit.has_magnitude(0), sum.value, add(sum.value, multiple));
  };
  for (std::size_t i = 0; i < kCombTableCount; ++i) add_digit(i, 2 * i + 1);
  sum.value = twice_times(sum.value, kWindowBits);
  for (std::size_t i = 0; i < kCombTableCount; ++i) add_digit(i, 2 * i);
  return sum.value;
}

}  // namespace breakwater::crypto
