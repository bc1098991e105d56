// 256-bit integers in eight lanes: in and out of memory, and cut into limbs of 52 bits.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/lane_count.h"
#include "core/crypto/limbs.h"

namespace breakwater::crypto {

using Limbs52 = std::array<Limb, 5>;

// The limbs of an integer below 2^256.
[[gnu::always_inline]] constexpr Limbs52 limbs52(const Limbs& value) noexcept {
  constexpr Limb kMask = (Limb{1} << 52) - 1;
  return {value[0] & kMask, ((value[0] >> 52) | (value[1] << 12)) & kMask,
          ((value[1] >> 40) | (value[2] << 24)) & kMask, ((value[2] >> 28) | (value[3] << 36)) & kMask, value[3] >> 16};
}

// Four 64-bit words for each lane, least significant first.
template <class L>
class LaneIntegers {
 public:
  static LaneIntegers broadcast(const Limbs& integer) noexcept {
    LaneIntegers result;
    for (std::size_t i = 0; i < 4; ++i) result.words_[i] = L::broadcast(integer[i]);
    return result;
  }

  static LaneIntegers load(const std::array<Limbs, kLanes>& integers) noexcept {
    LaneIntegers result;
    Secret<std::array<Limb, kLanes>> column;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) column.value[lane] = integers[lane][i];
      result.words_[i] = L::load(column.value);
    }
    return result;
  }

  void store(std::array<Limbs, kLanes>& integers) const noexcept {
    Secret<std::array<Limb, kLanes>> column;
    for (std::size_t i = 0; i < 4; ++i) {
      words_[i].store(column.value);
      for (std::size_t lane = 0; lane < kLanes; ++lane) integers[lane][i] = column.value[lane];
    }
  }

  // In each lane the integer that its index (0 to 15) says; column i holds word i of the sixteen.
  static LaneIntegers from_columns(const std::array<std::array<Limb, 16>, 4>& columns, const L& index) noexcept {
    LaneIntegers result;
    for (std::size_t i = 0; i < 4; ++i) result.words_[i] = look_up(columns[i], index);
    return result;
  }

  const L& operator[](std::size_t i) const noexcept { return words_[i]; }

  friend std::array<L, 5> to_limbs52(const LaneIntegers& integers) noexcept {
    const auto& w = integers.words_;
    const L mask = L::broadcast((Limb{1} << 52) - 1);
    return {w[0] & mask, (w[0].template shift_right<52>() | w[1].template shift_left<12>()) & mask,
            (w[1].template shift_right<40>() | w[2].template shift_left<24>()) & mask,
            (w[2].template shift_right<28>() | w[3].template shift_left<36>()) & mask, w[3].template shift_right<16>()};
  }

  // Limbs below 2^52, the top one below 2^48.
  static LaneIntegers from_limbs52(const std::array<L, 5>& limbs) noexcept {
    LaneIntegers result;
    result.words_ = {limbs[0] | limbs[1].template shift_left<52>(),
                     limbs[1].template shift_right<12>() | limbs[2].template shift_left<40>(),
                     limbs[2].template shift_right<24>() | limbs[3].template shift_left<28>(),
                     limbs[3].template shift_right<36>() | limbs[4].template shift_left<16>()};
    return result;
  }

 private:
  std::array<L, 4> words_;
};

}  // namespace breakwater::crypto
