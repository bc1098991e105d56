// The functions of x25519_field_lane_functions.h over any Lanes.
#pragma once

#include "core/crypto/x25519_field_lanes.h"
#include "tests/crypto/x25519_field_lane_functions.h"

namespace breakwater::test {

template <class Lanes>
class X25519FieldLaneFunctionsOf {
 public:
  static constexpr X25519FieldLaneFunctions table() {
    return {product, square, times_small, sum, difference, inverse, from_integer, to_integer, select_lanes};
  }

 private:
  using Field = crypto::X25519FieldLanes<Lanes>;

  static Field get(const LaneLimbs& limbs) noexcept {
    std::array<Lanes, 5> lanes;
    for (std::size_t i = 0; i < 5; ++i) lanes[i] = Lanes::load(limbs[i]);
    return __builtin_bit_cast(Field, lanes);
  }
  static void put(LaneLimbs& limbs, const Field& element) noexcept {
    const auto lanes = __builtin_bit_cast(std::array<Lanes, 5>, element);
    for (std::size_t i = 0; i < 5; ++i) lanes[i].store(limbs[i]);
  }

  static void product(LaneLimbs& out, const LaneLimbs& left, const LaneLimbs& right) noexcept {
    put(out, Field(get(left) * get(right)));
  }
  static void square(LaneLimbs& out, const LaneLimbs& value) noexcept { put(out, Field(get(value).square())); }
  static void times_small(LaneLimbs& out, const LaneLimbs& value, crypto::Limb factor) noexcept {
    put(out, Field(get(value).times_small(factor)));
  }
  static void sum(LaneLimbs& out, const LaneLimbs& left, const LaneLimbs& right) noexcept {
    put(out, get(left) * get(left) + get(right).square());
  }
  static void difference(LaneLimbs& out, const LaneLimbs& left, const LaneLimbs& right) noexcept {
    put(out, get(left).square() - get(right) * get(right));
  }
  static void inverse(LaneLimbs& out, const LaneLimbs& value) noexcept { put(out, get(value).inverse()); }
  static void from_integer(LaneLimbs& out, const LaneIntegers& integers) noexcept {
    crypto::Words<Lanes> words;
    for (std::size_t i = 0; i < 4; ++i) words[i] = Lanes::load(integers[i]);
    put(out, Field::from_integer(words));
  }
  static void to_integer(LaneIntegers& out, const LaneLimbs& value) noexcept {
    const crypto::Words<Lanes> words = get(value).to_integer();
    for (std::size_t i = 0; i < 4; ++i) words[i].store(out[i]);
  }
  static void select_lanes(LaneLimbs& out, std::uint8_t mask, const LaneLimbs& left, const LaneLimbs& right) noexcept {
    put(out, select(Lanes::Mask::from_bits(mask), get(left), get(right)));
  }
};

}  // namespace breakwater::test
