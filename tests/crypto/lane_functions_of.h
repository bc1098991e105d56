// The functions of lane_functions.h over any Lanes.
#pragma once

#include <cstddef>
#include <utility>

#include "tests/crypto/lane_functions.h"

namespace breakwater::test {

template <class Lanes>
class LaneFunctionsOf {
 public:
  static constexpr LaneFunctions table() {
    LaneFunctions all{};
    all.initial = [](LaneWords& out) noexcept { Lanes().store(out); };
    all.zero = [](LaneWords& out) noexcept { Lanes::zero().store(out); };
    all.broadcast = [](LaneWords& out, crypto::Limb value) noexcept { Lanes::broadcast(value).store(out); };
    all.add = [](LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept {
      (Lanes::load(left) + Lanes::load(right)).store(out);
    };
    all.subtract = [](LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept {
      (Lanes::load(left) - Lanes::load(right)).store(out);
    };
    all.bit_and = [](LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept {
      (Lanes::load(left) & Lanes::load(right)).store(out);
    };
    all.bit_or = [](LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept {
      (Lanes::load(left) | Lanes::load(right)).store(out);
    };
    all.bit_xor = [](LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept {
      (Lanes::load(left) ^ Lanes::load(right)).store(out);
    };
    all.shift_left = [](LaneWords& out, const LaneWords& value, unsigned count) noexcept {
      Lanes::load(value).shift_left(count).store(out);
    };
    all.shift_right = [](LaneWords& out, const LaneWords& value, unsigned count) noexcept {
      Lanes::load(value).shift_right(count).store(out);
    };
    set_shifts(all, std::make_index_sequence<64>());
    all.multiply_add_low = [](LaneWords& out, const LaneWords& addend, const LaneWords& left,
                              const LaneWords& right) noexcept {
      multiply_add_low(Lanes::load(addend), Lanes::load(left), Lanes::load(right)).store(out);
    };
    all.multiply_add_high = [](LaneWords& out, const LaneWords& addend, const LaneWords& left,
                               const LaneWords& right) noexcept {
      multiply_add_high(Lanes::load(addend), Lanes::load(left), Lanes::load(right)).store(out);
    };
    all.equal = [](const LaneWords& left, const LaneWords& right) noexcept {
      return equal(Lanes::load(left), Lanes::load(right)).bits();
    };
    all.less = [](const LaneWords& left, const LaneWords& right) noexcept {
      return less(Lanes::load(left), Lanes::load(right)).bits();
    };
    all.select = [](LaneWords& out, std::uint8_t mask, const LaneWords& left, const LaneWords& right) noexcept {
      select(Mask::from_bits(mask), Lanes::load(left), Lanes::load(right)).store(out);
    };
    all.select_broadcast = [](LaneWords& out, std::uint8_t mask, crypto::Limb value, const LaneWords& other) noexcept {
      select_broadcast(Mask::from_bits(mask), value, Lanes::load(other)).store(out);
    };
    all.look_up = [](LaneWords& out, const std::array<crypto::Limb, 16>& table, const LaneWords& index) noexcept {
      look_up(table, Lanes::load(index)).store(out);
    };
    all.no_mask = []() noexcept { return Mask().bits(); };
    all.initial_mask = []() noexcept { return Mask().bits(); };
    all.mask_not = [](std::uint8_t mask) noexcept { return (~Mask::from_bits(mask)).bits(); };
    all.mask_and = [](std::uint8_t left, std::uint8_t right) noexcept {
      return (Mask::from_bits(left) & Mask::from_bits(right)).bits();
    };
    all.mask_or = [](std::uint8_t left, std::uint8_t right) noexcept {
      return (Mask::from_bits(left) | Mask::from_bits(right)).bits();
    };
    return all;
  }

 private:
  using Mask = typename Lanes::Mask;

  template <std::size_t... kCounts>
  static constexpr void set_shifts(LaneFunctions& all, std::index_sequence<kCounts...>) {
    all.left_by = {[](LaneWords& out, const LaneWords& value) noexcept {
      Lanes::load(value).template shift_left<kCounts>().store(out);
    }...};
    all.right_by = {[](LaneWords& out, const LaneWords& value) noexcept {
      Lanes::load(value).template shift_right<kCounts>().store(out);
    }...};
    all.signed_right_by = {[](LaneWords& out, const LaneWords& value) noexcept {
      Lanes::load(value).template shift_right_signed<kCounts>().store(out);
    }...};
  }
};

}  // namespace breakwater::test
