// The first multiples of a point of P-256, with one denominator for all of them. Nothing here is secret.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/p256_group.h"

namespace breakwater::crypto {

// Entry j - 1 stands for j times a point: (x / c^2, y / c^3). They are affine points of the curve
// y^2 = x^3 - 3 c^4 x + b c^6, on which formulas that name no coefficient of the curve are the same.
template <P256Field F, std::size_t kCount>
struct Multiples {
  std::array<AffinePoint<F>, kCount> points;
  F c;
};

// Of any point but the neutral one; kCount > 2. Products: 12 for each entry.
// Sums of points (x1, y1) and (x2, y2) with one Z (Meloni 2007): with h = x2 - x1 and r = y2 - y1, the sum has the
// denominator Z h, and (x1 h^2, y1 h^3) is the first of the points with that; x = r^2 - x1 h^2 - x2 h^2 and
// y = r (x1 h^2 - x) - y1 h^3. The first is the point itself, the second its last multiple: never equal or opposite.
template <std::size_t kCount, P256Field F>
[[gnu::noinline]] constexpr void set_multiples(Multiples<F, kCount>& multiples, const AffinePoint<F>& point) noexcept {
  auto& [points, c] = multiples;
  const F yy = point.y.square();
  const F xyy = point.x * yy;
  const F m = triple((point.x - F::one()) * (point.x + F::one()));
  const F xyy2 = xyy + xyy;
  const F yy2 = yy + yy;
  const F square = yy2.square();  // 4 y^4
  // Twice the point, and the point, with Z = 2 y.
  AffinePoint<F> one{xyy2 + xyy2, square + square};
  const F x = m.square() - (one.x + one.x);
  points[1] = {x, m * (one.x - x) - one.y};
  c = point.y + point.y;
  std::array<F, kCount> factors;  // what its entry's denominator is in terms of that before
  for (std::size_t j = 2; j < kCount; ++j) {
    const AffinePoint<F>& last = points[j - 1];
    const F h = last.x - one.x;
    const F r = last.y - one.y;
    const F hh = h.square();
    const F first = one.x * hh;
    const F second = last.x * hh;
    c = c * h;
    one = {first, one.y * (second - first)};
    const F sum_x = r.square() - first - second;
    points[j] = {sum_x, r * (first - sum_x) - one.y};
    factors[j] = h;
  }
  points[0] = one;
  F factor = factors[kCount - 1];
  for (std::size_t j = kCount - 2; j > 0; --j) {
    const F square_factor = factor.square();
    points[j] = {points[j].x * square_factor, points[j].y * (square_factor * factor)};
    if (j > 1) factor = factor * factors[j];
  }
}

}  // namespace breakwater::crypto
