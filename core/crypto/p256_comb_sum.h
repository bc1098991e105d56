// Sums of the entries of the generator's comb tables. Products of an addition, squarings included: 10, one less than in
// Jacobian coordinates, and none has to wait for powers of Z.
#pragma once

#include "core/crypto/p256_group.h"

namespace breakwater::crypto {

// (X, Y, ZZ, ZZZ) with ZZ^3 = ZZZ^2 stands for (X / ZZ, Y / ZZZ); the neutral element is (0, 0, 0, 0).
template <P256Field F>
struct CombSum {
  F x;
  F y;
  F zz;
  F zzz;

  // A point that is not neutral, with its y, which is never zero, for Z: not one, which is mostly zeros.
  static constexpr CombSum of(const AffinePoint<F>& point) noexcept {
    const F zz = point.y.square();
    const F zzz = zz * point.y;
    return {point.x * zz, zz.square(), zz, zzz};
  }
  static constexpr CombSum of(const JacobianPoint<F>& point) noexcept {
    const F zz = point.z.square();
    return {point.x, point.y, zz, zz * point.z};
  }
};

// sum + point: neither equal nor opposite. The sum, which is never neutral, stays what it is where skip is set, else
// becomes the point where first is: both of their sums are computed, and dropped.
// With h = x2 ZZ - X and r = y2 ZZZ - Y the slope is r / (Z h), and Z h is the new Z.
// Not inlined: inline assembly leaves no registers for the loops around it.
template <P256Field F, class M>
[[gnu::noinline]] constexpr void add_unlike(CombSum<F>& sum, const AffinePoint<F>& point, const M& skip,
                                            const M& first) noexcept {
  const F point_x = point.x * sum.zz;
  const F point_y = point.y * sum.zzz;
  const F h = point_x - sum.x;
  const F r = point_y - sum.y;
  const F hh = h.square();
  const auto rr = r.square();
  const F hhh = h * hh;
  const F xhh = sum.x * hh;
  const F zz = sum.zz * hh;
  const auto yhhh = open_product(sum.y, hhh);
  const F x = rr - hhh - (xhh + xhh);
  const F zzz = sum.zzz * hhh;
  const F y = product_less<F>(r, xhh - x, yhhh);
  const M same_z = skip | first;
  sum.x = select(skip, sum.x, select(first, point_x, x));
  sum.y = select(skip, sum.y, select(first, point_y, y));
  sum.zz = select(same_z, sum.zz, zz);
  sum.zzz = select(same_z, sum.zzz, zzz);
}

// 2^count times the point, count > 0. Jacobian coordinates with Z^3 for Z, which are x ZZ^2 and y ZZZ^2, double best.
template <P256Field F>
constexpr void twice_times(CombSum<F>& sum, unsigned count) noexcept {
  const F w = sum.zzz.square();
  const F zzzz = sum.zz.square();
  Secret<JacobianPoint<F>> point(JacobianPoint<F>{sum.x * zzzz, sum.y * w, sum.zzz});
  NoNext none;
  twice_times(point.value, w, count, none);
  sum = CombSum<F>::of(point.value);
}

template <P256Field F, class M>
constexpr CombSum<F> select(M mask, const CombSum<F>& left, const CombSum<F>& right) noexcept {
  return {select(mask, left.x, right.x), select(mask, left.y, right.y), select(mask, left.zz, right.zz),
          select(mask, left.zzz, right.zzz)};
}

// The affine coordinates, given 1 / ZZZ; 1 / ZZ = (ZZ / ZZZ)^2.
template <P256Field F>
constexpr F affine_x(const CombSum<F>& sum, const F& inverse_zzz) noexcept {
  const F inverse_z = sum.zz * inverse_zzz;
  return sum.x * inverse_z.square();
}
template <P256Field F>
constexpr F affine_y(const CombSum<F>& sum, const F& inverse_zzz) noexcept {
  return sum.y * inverse_zzz;
}

}  // namespace breakwater::crypto
