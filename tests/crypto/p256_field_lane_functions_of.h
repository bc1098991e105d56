// The functions of p256_field_lane_functions.h over any Lanes.
#pragma once

#include "core/crypto/p256_field_lanes.h"
#include "tests/crypto/p256_field_lane_functions.h"

namespace breakwater::test {

template <class Lanes>
class P256FieldLaneFunctionsOf {
 public:
  static constexpr P256FieldLaneFunctions table() {
    P256FieldLaneFunctions all{};
    all.zero = [](P256LaneLimbs& out) noexcept { put(out, Field::zero()); };
    all.initial = [](P256LaneLimbs& out) noexcept { put(out, Field()); };
    all.one = [](P256LaneLimbs& out) noexcept { put(out, Field::one()); };
    all.curve_b = [](P256LaneLimbs& out) noexcept { put(out, Field::curve_b()); };
    all.square = [](P256LaneLimbs& out, const P256LaneLimbs& value) noexcept { put(out, get(value).square()); };
    all.negate = [](P256LaneLimbs& out, const P256LaneLimbs& value) noexcept { put(out, get(value).negate()); };
    all.product = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      put(out, get(left) * get(right));
    };
    all.sum = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      put(out, get(left) + get(right));
    };
    all.difference = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      put(out, get(left) - get(right));
    };
    all.open_product = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      put_limbs(out, (get(left) * get(right)).limbs);
    };
    all.open_square = [](P256LaneLimbs& out, const P256LaneLimbs& value) noexcept {
      put_limbs(out, get(value).square().limbs);
    };
    all.sum_of = sum_of;
    all.nested = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      const Field a = get(left), b = get(right);
      put(out, Field(a - b) * Field(b - a) - a.square());
    };
    all.square_less_squares = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      const Field a = get(left);
      const auto square = get(right).open_square();
      put(out, Field::product_less(a, a, square + square));
    };
    all.product_less_product = [](P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      const Field a = get(left), b = get(right);
      put(out, Field::product_less(a, b, Field::open_product(b, b)));
    };
    all.is_zero = [](const P256LaneLimbs& value) noexcept { return get(value).is_zero().bits(); };
    all.difference_is_zero = [](const P256LaneLimbs& left, const P256LaneLimbs& right) noexcept {
      return (get(left) - get(right)).is_zero().bits();
    };
    all.select = [](P256LaneLimbs& out, std::uint8_t mask, const P256LaneLimbs& left,
                    const P256LaneLimbs& right) noexcept {
      put(out, select(Lanes::Mask::from_bits(mask), get(left), get(right)));
    };
    all.from_integers = [](P256LaneLimbs& out, const P256LaneIntegers& integers) noexcept {
      put(out, Field::from_integers(crypto::LaneIntegers<Lanes>::load(integers)));
    };
    all.from_integer = [](P256LaneLimbs& out, const crypto::Limbs& integer) noexcept {
      put(out, Field::from_integer(integer));
    };
    all.to_integers = [](P256LaneIntegers& out, const P256LaneLimbs& value) noexcept {
      get(value).to_integers().store(out);
    };
    all.from_columns = [](P256LaneLimbs& out, const std::array<std::array<crypto::Limb, 16>, 4>& columns,
                          const std::array<crypto::Limb, crypto::kLanes>& index) noexcept {
      put(out, Field::from_columns(columns, Lanes::load(index)));
    };
    return all;
  }

 private:
  using Field = crypto::P256FieldLanes<Lanes>;
  using Sum = typename Field::Sum;
  using Product = typename Field::Product;

  static Field get(const P256LaneLimbs& limbs) noexcept {
    std::array<Lanes, 5> lanes;
    for (std::size_t i = 0; i < 5; ++i) lanes[i] = Lanes::load(limbs[i]);
    return __builtin_bit_cast(Field, lanes);
  }
  static void put_limbs(P256LaneLimbs& limbs, const std::array<Lanes, 5>& lanes) noexcept {
    for (std::size_t i = 0; i < 5; ++i) lanes[i].store(limbs[i]);
  }
  static void put(P256LaneLimbs& limbs, const Field& element) noexcept { put_limbs(limbs, element.limbs()); }

  static void sum_of(P256LaneLimbs& out, const P256LaneLimbs& left, const P256LaneLimbs& right,
                     P256SumTerms terms) noexcept {
    const Field a = get(left), b = get(right);
    const Product product = a * b, square = b.square();
    Sum sum;
    for (unsigned i = 0; i < terms.plus_elements; ++i) sum = sum + a;
    for (unsigned i = 0; i < terms.minus_elements; ++i) sum = sum - b;
    for (unsigned i = 0; i < terms.plus_products; ++i) sum = sum + product;
    for (unsigned i = 0; i < terms.minus_squares; ++i) sum = sum - square;
    put(out, sum);
  }
};

}  // namespace breakwater::test
