// The group of P-256, y^2 = x^3 - 3 x + b, over any field layer: Jacobian coordinates, in which no point but the
// neutral one is special to doublings, because the order is odd. Sums are for callers who can prove that no special
// case of theirs is met, so there is nothing that could branch on a secret. Products, squarings included: a sum 11, a
// doubling 8.
//
// Formulas are written in the order in which what they need becomes known, and what comes after them (Next) is begun
// before they end: a product in lanes takes long, but several that do not wait for each other take little longer.
#pragma once

#include "core/crypto/p256_curve.h"
#include "core/crypto/p256_field.h"

namespace breakwater::crypto {

template <P256Field F>
inline constexpr F kCurveB = F::from_integer(kP256CurveB);

// A layer whose elements are no constants brings its own.
template <P256Field F>
constexpr F curve_b() noexcept {
  if constexpr (requires { F::curve_b(); }) {
    return F::curve_b();
  } else {
    return kCurveB<F>;
  }
}

// Products on their way into product_less(): a layer may leave them unreduced until then.
template <P256Field F>
constexpr auto open_product(const F& left, const F& right) noexcept {
  if constexpr (requires { F::open_product(left, right); }) {
    return F::open_product(left, right);
  } else {
    return left * right;
  }
}
template <P256Field F>
constexpr auto open_square(const F& value) noexcept {
  if constexpr (requires { value.open_square(); }) {
    return value.open_square();
  } else {
    return value.square();
  }
}
// left right - other, which is an open product or the sum of two.
template <P256Field F>
constexpr F product_less(const F& left, const F& right, const auto& other) noexcept {
  if constexpr (requires { F::product_less(left, right, other); }) {
    return F::product_less(left, right, other);
  } else {
    return left * right - other;
  }
}

// (x, y); has no form for the neutral element.
template <P256Field F>
struct AffinePoint {
  F x;
  F y;
};

// (X : Y : Z) stands for (X / Z^2, Y / Z^3); the neutral element is (0, 0, 0).
template <P256Field F>
struct JacobianPoint {
  F x;
  F y;
  F z;

  static constexpr JacobianPoint neutral() noexcept { return {F::zero(), F::zero(), F::zero()}; }
};

// In the formulas below, F is what is multiplied, and auto what is only added: a layer may leave that uncarried. No sum
// has more than 15 terms.
constexpr auto triple(const auto& value) noexcept { return value + value + value; }

// The Nexts of sums and doublings: begin() gets the new Z, end() comes a little later.
struct NoNext {
  constexpr void begin(const auto&) noexcept {}
  constexpr void end() noexcept {}
};

// What is to be added next, with the denominators of the sum.
template <P256Field F>
struct Addend {
  AffinePoint<F> point;
  F z, zz;
  F x, y;  // point.x Z^2, point.y Z^3

  constexpr void begin(const F& sum_z) noexcept {
    z = sum_z;
    zz = z.square();
  }
  constexpr void end() noexcept {
    const F zzz = zz * z;
    x = point.x * zz;
    y = point.y * zzz;
  }
};

// 2^count times the point, count > 0; the neutral element stays what it is.
// With w = Z^2, m = 3 (X^2 - w^2), the new X is m^2 - 8 X Y^2, the new Y m (4 X Y^2 - X) - 8 Y^4, the new Z 2 Y Z and
// the new w 4 Y^2 w. Y is never zero but in no point of odd order.
// Right for the curve y^2 = x^3 - 3 c^4 x + b c^6 too, with w = c^2 Z^2.
template <P256Field F, class Next>
[[gnu::noinline]] constexpr void twice_times(JacobianPoint<F>& point, F w, unsigned count, Next& next) noexcept {
  F x = point.x, y = point.y, z = point.z;
  F m = triple((x - w) * (x + w));
  for (;; --count) {
    const F yy = y.square();
    const auto mm = m.square();
    const auto yz = y * z;
    z = yz + yz;
    const auto xyy = x * yy;
    const F yy2 = yy + yy;
    if (count > 1) {
      const auto yyw2 = yy2 * w;
      w = yyw2 + yyw2;
    } else {
      next.begin(z);
    }
    const auto square = open_square(yy2);  // 4 Y^4
    const auto xyy2 = xyy + xyy;
    const auto xyy4 = xyy2 + xyy2;
    x = mm - (xyy4 + xyy4);
    if (count == 1) next.end();
    y = product_less<F>(m, xyy4 - x, square + square);
    if (count == 1) break;
    m = triple((x - w) * (x + w));
  }
  point = {x, y, z};
}

// sum + addend: two points that are neither equal nor opposite, nor one of them neutral. The sum stays what it is where
// skip is set, else becomes the addend where first is: both of their sums are computed, and dropped. Z stays what it is
// in either case, since the addend has been brought to it.
// With h = x2 Z^2 - X and r = y2 Z^3 - Y the slope is r / (Z h), and Z h is the new Z.
// Not inlined: inline assembly leaves no registers for the loops around it.
template <P256Field F, class M, class Next>
[[gnu::noinline]] constexpr void add_unlike(JacobianPoint<F>& sum, const Addend<F>& addend, const M& skip,
                                            const M& first, Next& next) noexcept {
  const F h = addend.x - sum.x;
  const F r = addend.y - sum.y;
  const F zh = sum.z * h;
  const F hh = h.square();
  const auto rr = r.square();
  sum.z = select(skip | first, sum.z, zh);
  const F hhh = h * hh;
  const F xhh = sum.x * hh;
  next.begin(sum.z);
  const auto yhhh = open_product(sum.y, hhh);
  const F x = rr - hhh - (xhh + xhh);
  next.end();
  const F y = product_less<F>(r, xhh - x, yhhh);
  sum.x = select(skip, sum.x, select(first, addend.x, x));
  sum.y = select(skip, sum.y, select(first, addend.y, y));
}

template <P256Field F, class M>
constexpr AffinePoint<F> select(M mask, const AffinePoint<F>& left, const AffinePoint<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y)};
}

template <P256Field F, class M>
constexpr JacobianPoint<F> select(M mask, const JacobianPoint<F>& left, const JacobianPoint<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y), select(mask, left.z, right.z)};
}

// -point where the mask is set, else point.
template <P256Field F, class M>
constexpr AffinePoint<F> negate_if(M mask, const AffinePoint<F>& point) noexcept {
  return {point.x, select(mask, point.y.negate(), point.y)};
}

// The affine coordinates, given 1 / Z.
template <P256Field F>
constexpr F affine_x(const JacobianPoint<F>& point, const F& inverse_z) noexcept {
  return point.x * inverse_z.square();
}
template <P256Field F>
constexpr F affine_y(const JacobianPoint<F>& point, const F& inverse_z) noexcept {
  const F square = inverse_z.square();
  return point.y * (square * inverse_z);
}

// Mask: set where y^2 = x^3 - 3 x + b.
template <P256Field F>
constexpr auto is_on_curve(const AffinePoint<F>& point) noexcept {
  const F right = point.x.square() * point.x - triple(point.x) + curve_b<F>();
  return (point.y.square() - right).is_zero();
}

}  // namespace breakwater::crypto
