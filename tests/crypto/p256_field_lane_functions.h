// The field of P-256 in lanes as plain functions, one table for each unit, so that one test runs them all and none of
// its own code is compiled for AVX-512. Elements are given limb by limb, five of 52 bits for each lane, as any limbs
// within their bounds: bounds are what is tested.
#pragma once

#include <array>
#include <cstdint>

#include "core/crypto/lane_count.h"
#include "core/crypto/limbs.h"

namespace breakwater::test {

using P256LaneLimbs = std::array<std::array<crypto::Limb, crypto::kLanes>, 5>;
using P256LaneIntegers = std::array<crypto::Limbs, crypto::kLanes>;

// How often each of four kinds of terms goes into a sum: 30 terms at most, of either sign.
struct P256SumTerms {
  unsigned plus_elements = 0, minus_elements = 0, plus_products = 0, minus_squares = 0;
};

struct P256FieldLaneFunctions {
  using Constant = void (*)(P256LaneLimbs& out) noexcept;
  using Unary = void (*)(P256LaneLimbs& out, const P256LaneLimbs& value) noexcept;
  using Binary = void (*)(P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept;

  Constant zero, initial, one, curve_b;
  Unary square, negate;
  Binary product, sum, difference;
  Binary open_product;  // before its carries
  Unary open_square;
  // Terms are left (added), right (subtracted), left * right (added), right^2 (subtracted), all open.
  void (*sum_of)(P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right,
                 P256SumTerms terms) noexcept;
  // left - right, times right - left, minus left^2: sums inside a sum.
  Binary nested;
  // left^2 - 2 right^2 and left right - right^2, with one reduction each.
  Binary square_less_squares, product_less_product;
  std::uint8_t (*is_zero)(const P256LaneLimbs& value) noexcept;
  std::uint8_t (*difference_is_zero)(const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept;
  void (*select)(P256LaneLimbs& out, std::uint8_t mask, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept;
  void (*from_integers)(P256LaneLimbs& out, const P256LaneIntegers& integers) noexcept;
  void (*from_integer)(P256LaneLimbs& out, const crypto::Limbs& integer) noexcept;
  void (*to_integers)(P256LaneIntegers& out, const P256LaneLimbs& value) noexcept;
  void (*from_columns)(P256LaneLimbs& out, const std::array<std::array<crypto::Limb, 16>, 4>& columns,
                       const std::array<crypto::Limb, crypto::kLanes>& index) noexcept;
};

namespace emulated {
extern const P256FieldLaneFunctions kP256Field;
}
namespace ifma {
extern const P256FieldLaneFunctions kP256Field;
}

}  // namespace breakwater::test
