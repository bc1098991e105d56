// The field of Curve25519 in lanes as plain functions, one table for each unit, so that one test runs them all and none
// of its own code is compiled for AVX-512. Numbers are given limb by limb, five of 51 bits for each lane, as any limbs:
// bounds are what is tested.
#pragma once

#include <array>

#include "core/crypto/lane_count.h"
#include "core/crypto/x25519_words.h"

namespace breakwater::test {

using LaneLimbs = std::array<std::array<crypto::Limb, crypto::kLanes>, 5>;
using LaneIntegers = std::array<std::array<crypto::Limb, crypto::kLanes>, 4>;

struct X25519FieldLaneFunctions {
  void (*product)(LaneLimbs&, const LaneLimbs&, const LaneLimbs&) noexcept;
  void (*square)(LaneLimbs&, const LaneLimbs&) noexcept;
  void (*times_small)(LaneLimbs&, const LaneLimbs&, crypto::Limb) noexcept;
  // left * left + right * right, left * left - right * right, with carries open in between.
  void (*sum)(LaneLimbs&, const LaneLimbs&, const LaneLimbs&) noexcept;
  void (*difference)(LaneLimbs&, const LaneLimbs&, const LaneLimbs&) noexcept;
  void (*inverse)(LaneLimbs&, const LaneLimbs&) noexcept;
  void (*from_integer)(LaneLimbs&, const LaneIntegers&) noexcept;
  void (*to_integer)(LaneIntegers&, const LaneLimbs&) noexcept;
  void (*select)(LaneLimbs&, std::uint8_t, const LaneLimbs&, const LaneLimbs&) noexcept;
};

namespace emulated {
extern const X25519FieldLaneFunctions kField;
}
namespace ifma {
extern const X25519FieldLaneFunctions kField;
}

}  // namespace breakwater::test
