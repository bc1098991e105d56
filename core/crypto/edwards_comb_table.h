// Multiples of edwards25519's base point (RFC 7748 4.1, whose u is 9): constant data, 24 KiB, the same for every layer.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/x25519_scalar.h"

namespace breakwater::crypto {

// A point (x, y) as an addition takes it: halves, so that a sum of points is made of sums of products only.
// Coordinates are below p.
struct EdwardsLimbs {
  Limbs half_sum;         // (y + x) / 2
  Limbs half_difference;  // (y - x) / 2
  Limbs product;          // d x y
};

// Entry [i][j - 1] is j * 2^(8 i) times the base point, i < 32.
// They serve the even digits directly, and the odd ones, whose weight is 16 times that, before four doublings.
inline constexpr std::size_t kEdwardsCombTableCount = kDigitCount / 2;
using EdwardsCombTable = std::array<EdwardsLimbs, kDigitMost>;
using EdwardsCombTables = std::array<EdwardsCombTable, kEdwardsCombTableCount>;

extern const EdwardsCombTables kEdwardsCombTables;

}  // namespace breakwater::crypto
