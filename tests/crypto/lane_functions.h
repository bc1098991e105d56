// The functions of the lane layer as plain functions on arrays, one table for each unit, so that one test runs them all
// and none of its own code is compiled for AVX-512. Masks are bits, lane 0 lowest.
#pragma once

#include <array>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/crypto/lane_count.h"

namespace breakwater::test {

using LaneWords = std::array<crypto::Limb, crypto::kLanes>;

struct LaneFunctions {
  using Unary = void (*)(LaneWords& out, const LaneWords& value) noexcept;
  using Binary = void (*)(LaneWords& out, const LaneWords& left, const LaneWords& right) noexcept;
  using Shift = void (*)(LaneWords& out, const LaneWords& value, unsigned count) noexcept;
  using MultiplyAdd = void (*)(LaneWords& out, const LaneWords& addend, const LaneWords& left,
                               const LaneWords& right) noexcept;
  using Compare = std::uint8_t (*)(const LaneWords& left, const LaneWords& right) noexcept;
  using MaskBinary = std::uint8_t (*)(std::uint8_t left, std::uint8_t right) noexcept;

  void (*initial)(LaneWords& out) noexcept;  // of the default constructor
  void (*zero)(LaneWords& out) noexcept;
  void (*broadcast)(LaneWords& out, crypto::Limb value) noexcept;
  Binary add, subtract, bit_and, bit_or, bit_xor;
  Shift shift_left, shift_right;                             // counts known at run time
  std::array<Unary, 64> left_by, right_by, signed_right_by;  // counts known to the compiler
  MultiplyAdd multiply_add_low, multiply_add_high;
  Compare equal, less;
  void (*select)(LaneWords& out, std::uint8_t mask, const LaneWords& left, const LaneWords& right) noexcept;
  void (*select_broadcast)(LaneWords& out, std::uint8_t mask, crypto::Limb value, const LaneWords& other) noexcept;
  void (*look_up)(LaneWords& out, const std::array<crypto::Limb, 16>& table, const LaneWords& index) noexcept;

  std::uint8_t (*no_mask)() noexcept;
  std::uint8_t (*initial_mask)() noexcept;
  std::uint8_t (*mask_not)(std::uint8_t) noexcept;
  MaskBinary mask_and, mask_or;
};

namespace emulated {
extern const LaneFunctions kLaneFunctions;
}
namespace ifma {
extern const LaneFunctions kLaneFunctions;
}

}  // namespace breakwater::test
