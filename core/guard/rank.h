// Ranks: the order in which handshakes are worked on when there are more than can be. 0 is the best.
//
// A rank says how many times its share somebody has had lately: what is left of a CPU goes to those who have had least.
// So it needs no limit that fits: among clients who all want more than there is, each ends with about the same
// (max-min fairness), and who wants little does not notice the others.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/guard/usage.h"

namespace breakwater::guard {

using Rank = std::uint8_t;

inline constexpr Rank kRankFirst = 0;    // resumptions, and what has been begun
inline constexpr Rank kRankFair = 1;     // within its share
inline constexpr Rank kRankHeavy = 8;    // eight times its share, or more
inline constexpr Rank kRankWorst = 12;   // a hundred and twenty-eight times
inline constexpr Rank kRankLowest = 15;  // with everything that makes it worse

// What somebody may have on record in Usage, in microseconds, for a share of a CPU in millionths.
constexpr std::uint32_t microseconds_of_share(std::uint32_t millionths, Usage::Memory memory) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{Usage::window(memory)} * millionths / 1'000'000);
}

// Half an octave for each of the first steps, then an octave.
constexpr Rank rank_of(std::uint32_t used, std::uint32_t share) noexcept {
  constexpr std::uint32_t kSixteenths[] = {16, 23, 32, 45, 64, 91, 128, 256, 512, 1024, 2048};
  const std::uint64_t ratio = std::uint64_t{used} * 16 / std::max<std::uint32_t>(share, 1);
  Rank rank = kRankFair;
  for (const std::uint32_t step : kSixteenths) {
    if (ratio <= step) break;
    ++rank;
  }
  return rank;
}

static_assert(rank_of(128, 16) == kRankHeavy - 1 && rank_of(129 * 2, 16 * 2) == kRankHeavy);
static_assert(rank_of(~0U, 1) == kRankWorst);

}  // namespace breakwater::guard
