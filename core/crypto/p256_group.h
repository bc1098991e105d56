// The group of P-256, y^2 = x^3 - 3 x + b, over any field layer.
// add() is the complete formula for a = -3 of Renes, Costello and Batina, "Complete addition formulas for prime order
// elliptic curves" (EUROCRYPT 2016), algorithms 4 and 5: right for every pair of points, equal, opposite or neutral, so
// there is no special case that could branch on a secret. Doublings go through Jacobian coordinates, which make them
// cheaper; no point but the neutral one is special there, because the order is odd, and a mask mends that.
// add_unlike() is cheaper still, for callers who can prove that no special case is met.
// Products, squarings included: addition 14, to an affine point 13, of unlike points 11, n doublings 2 + 8 n.
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

// (x, y); has no form for the neutral element.
template <P256Field F>
struct AffinePoint {
  F x;
  F y;
};

// (X : Y : Z) stands for (X / Z, Y / Z); the neutral element is (0 : 1 : 0).
template <P256Field F>
struct ProjectivePoint {
  F x;
  F y;
  F z;

  static constexpr ProjectivePoint neutral() noexcept { return {F::zero(), F::one(), F::zero()}; }
  static constexpr ProjectivePoint from_affine(const AffinePoint<F>& point) noexcept {
    return {point.x, point.y, F::one()};
  }
};

// In the formulas below, F is what is multiplied, and auto what is only added: a layer may leave that uncarried. No sum
// has more than 15 terms.
constexpr auto triple(const auto& value) noexcept { return value + value + value; }

// The common end of both additions, from the products of coordinates:
// xx = X1 X2, yy = Y1 Y2, zz = Z1 Z2, xy = X1 Y2 + X2 Y1, yz = Y1 Z2 + Y2 Z1, xz = X1 Z2 + X2 Z1.
template <P256Field F>
constexpr ProjectivePoint<F> combine_products(const auto& xx, const auto& yy, const F& zz, const F& xy, const F& yz,
                                              const F& xz) noexcept {
  const auto zz3 = triple(zz);
  const auto s = triple(xz - curve_b<F>() * zz);
  const F plus = yy + s;
  const F minus = yy - s;
  const F u = triple(curve_b<F>() * xz - zz3 - xx);
  const F v = triple(xx) - zz3;
  return {xy * plus - yz * u, plus * minus + v * u, yz * minus + xy * v};
}

// Algorithm 4: any two points.
template <P256Field F>
constexpr ProjectivePoint<F> add(const ProjectivePoint<F>& left, const ProjectivePoint<F>& right) noexcept {
  const auto xx = left.x * right.x;
  const auto yy = left.y * right.y;
  const F zz = left.z * right.z;
  const F xy = (left.x + left.y) * (right.x + right.y) - (xx + yy);
  const F yz = (left.y + left.z) * (right.y + right.z) - (yy + zz);
  const F xz = (left.x + left.z) * (right.x + right.z) - (xx + zz);
  return combine_products(xx, yy, zz, xy, yz, xz);
}

// Algorithm 5: any point on the left, any point but the neutral one (which has no affine form) on the right.
template <P256Field F>
constexpr ProjectivePoint<F> add(const ProjectivePoint<F>& left, const AffinePoint<F>& right) noexcept {
  const auto xx = left.x * right.x;
  const auto yy = left.y * right.y;
  const F xy = (left.x + left.y) * (right.x + right.y) - (xx + yy);
  const F yz = left.y + right.y * left.z;
  const F xz = left.x + right.x * left.z;
  return combine_products(xx, yy, left.z, xy, yz, xz);
}

// (X : Y : Z) stands for (X / Z^2, Y / Z^3). Only between doublings: what to_projective() makes of the neutral element
// is right only when it came as (0, 0, 0).
template <P256Field F>
struct JacobianPoint {
  F x;
  F y;
  F z;
};

// Any point. With x = X / Z and y = Y / Z the tangent's slope is m / z, m = 3 (X^2 - Z^2) and z = 2 Y Z. Taking z for
// the new Z leaves m^2 - 2 x z^2 = m^2 - 8 X Y^2 Z for the new X, m (x z^2 - X) - y z^3 = m (4 X Y^2 Z - X) - 8 (Y^2
// Z)^2 for the new Y. Y is never zero but in no point of odd order, so z is zero for the neutral element (0 : Y : 0)
// alone, which becomes (0, 0, 0).
template <P256Field F>
constexpr JacobianPoint<F> twice_to_jacobian(const ProjectivePoint<F>& point) noexcept {
  const F yz = point.y * point.z;
  const F yyz = point.y * yz;
  const auto xyyz = point.x * yyz;
  const F m = triple((point.x - point.z) * (point.x + point.z));
  const F yyz2 = yyz + yyz;
  const auto xyyz2 = xyyz + xyyz;
  const auto xyyz4 = xyyz2 + xyyz2;
  const auto square = yyz2.square();  // 4 (Y^2 Z)^2
  const F x = m.square() - (xyyz4 + xyyz4);
  return {x, m * (xyyz4 - x) - (square + square), yz + yz};
}

// Any point, and (0, 0, 0) to itself: m = 3 (X^2 - Z^4), the new X is m^2 - 8 X Y^2, the new Y m (4 X Y^2 - X) - 8 Y^4,
// the new Z 2 Y Z.
template <P256Field F>
constexpr JacobianPoint<F> twice(const JacobianPoint<F>& point) noexcept {
  const F yy = point.y.square();
  const auto zz = point.z.square();
  const auto xyy = point.x * yy;
  const auto yz = point.y * point.z;
  const F m = triple((point.x - zz) * (point.x + zz));
  const F yy2 = yy + yy;
  const auto xyy2 = xyy + xyy;
  const auto xyy4 = xyy2 + xyy2;
  const auto square = yy2.square();  // 4 Y^4
  const F x = m.square() - (xyy4 + xyy4);
  return {x, m * (xyy4 - x) - (square + square), yz + yz};
}

// The sum of two points that are neither equal nor opposite, nor one of them neutral.
// With h = x2 Z^2 - X and r = y2 Z^3 - Y the slope is r / (Z h), and Z h is the new Z.
template <P256Field F>
constexpr JacobianPoint<F> add_unlike(const JacobianPoint<F>& left, const AffinePoint<F>& right) noexcept {
  const F zz = left.z.square();
  const F zzz = zz * left.z;
  const F h = right.x * zz - left.x;
  const F r = right.y * zzz - left.y;
  const F hh = h.square();
  const F hhh = h * hh;
  const F xhh = left.x * hh;
  const F x = r.square() - hhh - (xhh + xhh);
  return {x, r * (xhh - x) - left.y * hhh, left.z * h};
}

// Of a doubled point: (X Z : Y : Z^3), and (0 : 1 : 0) of (0, 0, 0).
template <P256Field F>
constexpr ProjectivePoint<F> to_projective(const JacobianPoint<F>& point) noexcept {
  return {point.x * point.z, select(point.z.is_zero(), F::one(), point.y), point.z.square() * point.z};
}

// 2^count times the point, count > 0.
template <P256Field F>
constexpr ProjectivePoint<F> twice_times(const ProjectivePoint<F>& point, unsigned count) noexcept {
  JacobianPoint<F> doubled = twice_to_jacobian(point);
  for (unsigned i = 1; i < count; ++i) doubled = twice(doubled);
  return to_projective(doubled);
}

template <P256Field F>
constexpr ProjectivePoint<F> twice(const ProjectivePoint<F>& point) noexcept {
  return twice_times(point, 1);
}

template <P256Field F, class M>
constexpr ProjectivePoint<F> select(M mask, const ProjectivePoint<F>& left, const ProjectivePoint<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y), select(mask, left.z, right.z)};
}

template <P256Field F, class M>
constexpr JacobianPoint<F> select(M mask, const JacobianPoint<F>& left, const JacobianPoint<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y), select(mask, left.z, right.z)};
}

template <P256Field F, class M>
constexpr AffinePoint<F> select(M mask, const AffinePoint<F>& left, const AffinePoint<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y)};
}

// -point where the mask is set, else point.
template <class Point, class M>
constexpr Point negate_if(M mask, Point point) noexcept {
  point.y = select(mask, point.y.negate(), point.y);
  return point;
}

// (0, 0), which is not on the curve, for the neutral element.
template <P256Field F>
constexpr AffinePoint<F> to_affine(const ProjectivePoint<F>& point) noexcept {
  const F inverse = invert(point.z);
  return {point.x * inverse, point.y * inverse};
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
