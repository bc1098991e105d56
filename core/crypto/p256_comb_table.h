// The generator's comb tables: constant data, 26 KiB, the same for every layer that keeps the prime field's elements as
// four 64-bit limbs in Montgomery form.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/limbs.h"
#include "core/crypto/signed_windows.h"

namespace breakwater::crypto {

// Coordinates in Montgomery form, below p.
struct AffineLimbs {
  Limbs x;
  Limbs y;
};

// Entry [i][j - 1] is j * 2^(10 i) * G, i < 26.
// They serve the even digits directly, and the odd ones, whose weight is 32 times that, before five doublings.
inline constexpr std::size_t kCombTableCount = kWindowCount / 2;
using CombTable = std::array<AffineLimbs, kWindowTableSize>;
using CombTables = std::array<CombTable, kCombTableCount>;

extern const CombTables kP256CombTables;

// The same with the entries of each limb side by side: column i of a coordinate holds limb i of entries 1 to 16.
using LimbColumn = std::array<Limb, kWindowTableSize>;
struct alignas(64) CombColumns {
  std::array<LimbColumn, 4> x;
  std::array<LimbColumn, 4> y;
};
using CombColumnTables = std::array<CombColumns, kCombTableCount>;

extern const CombColumnTables kP256CombColumns;

}  // namespace breakwater::crypto
