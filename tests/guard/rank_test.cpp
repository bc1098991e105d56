// Ranks: each step, and that more is never better.
#include "core/guard/rank.h"

#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using guard::rank_of;
using Memory = guard::Usage::Memory;

TEST(Rank, EachStep) {
  constexpr std::uint32_t kShare = 16'000;
  constexpr std::uint32_t kEnds[] = {16, 23, 32, 45, 64, 91, 128, 256, 512, 1024, 2048};  // in sixteenths of the share
  guard::Rank rank = guard::kRankFair;
  for (const std::uint32_t end : kEnds) {
    EXPECT_EQ(rank_of(end * 1'000, kShare), rank) << end;
    EXPECT_EQ(rank_of((end + 1) * 1'000, kShare), rank + 1) << end;
    ++rank;
  }
  EXPECT_EQ(rank, guard::kRankWorst);
}

TEST(Rank, AFewThatAreNamed) {
  EXPECT_EQ(rank_of(0, 100), guard::kRankFair);
  EXPECT_EQ(rank_of(100, 100), guard::kRankFair);
  EXPECT_EQ(rank_of(800, 100), guard::kRankHeavy - 1);
  EXPECT_EQ(rank_of(900, 100), guard::kRankHeavy);
  EXPECT_EQ(rank_of(12'900, 100), guard::kRankWorst);
  EXPECT_EQ(rank_of(~0U, 100), guard::kRankWorst);
  EXPECT_EQ(rank_of(~0U, ~0U), guard::kRankFair);
}

// A share of nothing is one of a microsecond.
TEST(Rank, NoShare) {
  EXPECT_EQ(rank_of(0, 0), guard::kRankFair);
  EXPECT_EQ(rank_of(1, 0), guard::kRankFair);
  EXPECT_EQ(rank_of(2, 0), rank_of(2, 1));
  EXPECT_EQ(rank_of(~0U, 0), guard::kRankWorst);
}

TEST(Rank, MoreIsNeverBetter) {
  for (const std::uint32_t share : {16U, 1'549U, 48'408U}) {
    guard::Rank before = guard::kRankFair;
    for (std::uint64_t used = 0; used < std::uint64_t{share} * 200; used += 1 + share / 64) {
      const guard::Rank rank = rank_of(static_cast<std::uint32_t>(used), share);
      ASSERT_GE(rank, before);
      ASSERT_LE(rank, before + 1);
      before = rank;
    }
    EXPECT_EQ(before, guard::kRankWorst);
  }
}

TEST(Rank, SharesOfACpu) {
  // A half-life by the natural logarithm of 2: 2^27 ns and 2^30 ns.
  EXPECT_EQ(microseconds_of_share(1'000'000, Memory::Short), 193'635U);
  EXPECT_EQ(microseconds_of_share(1'000'000, Memory::Long), 1'549'081U);
  EXPECT_EQ(microseconds_of_share(1'000, Memory::Long), 1'549U);
  EXPECT_EQ(microseconds_of_share(0, Memory::Long), 0U);
}

}  // namespace
}  // namespace breakwater::test
