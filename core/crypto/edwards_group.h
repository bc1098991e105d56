// The group of edwards25519, -x^2 + y^2 = 1 + d x^2 y^2 with d = -121665 / 121666 modulo 2^255 - 19, over any field
// layer: extended coordinates and the complete formulas of Hisil, Wong, Carter and Dawson (Asiacrypt 2008). No case is
// special, the neutral element (0, 1) and doublings by addition included. Constant time.
#pragma once

#include "core/crypto/x25519_field.h"

namespace breakwater::crypto {

// x = X / Z, y = Y / Z, x y = T / Z
template <X25519Field F>
struct EdwardsPoint {
  using Product = typename F::Product;
  Product x{F::zero()}, y{F::one()}, z{F::one()}, t{F::zero()};  // the neutral element
};

// What edwards_comb_table.h has of a point.
template <X25519Field F>
struct EdwardsMultiple {
  F half_sum, half_difference, product;
};

// Seven products. With halves in the second operand everything in between is half of what it is in the paper.
template <X25519Field F>
[[gnu::always_inline]] inline EdwardsPoint<F> add(const EdwardsPoint<F>& left,
                                                  const EdwardsMultiple<F>& right) noexcept {
  const auto a = (left.y - left.x) * right.half_difference;
  const auto b = (left.y + left.x) * right.half_sum;
  const auto c = F(left.t) * right.product;
  const F e = b - a;
  const F f = left.z - c;
  const F g = left.z + c;
  const F h = b + a;
  return {e * f, g * h, f * g, e * h};
}

// e, f, g and h are the opposites of the paper's, so their products are its own. times_small() turns a sum into a
// product, for the next sum.
template <X25519Field F>
inline EdwardsPoint<F> twice(const EdwardsPoint<F>& point) noexcept {
  using Product = typename F::Product;
  const F x = F(point.x), y = F(point.y);
  const Product a = x.square();
  const Product b = y.square();
  const F g = a - b;
  const F h = a + b;
  const F e = F((Product(F::zero()) - x * y).times_small(2));
  const F f = F(F(point.z).square()).times_small(2) + g.times_small(1);
  return {e * f, g * h, f * g, e * h};
}

}  // namespace breakwater::crypto
