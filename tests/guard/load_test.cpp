// Load: when it begins, and that it does not end at once.
#include "core/guard/load.h"

#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using guard::Load;

constexpr std::uint64_t kMs = 1'000'000;

TEST(Load, BeginsWhenWorkWaitsForLong) {
  Load load;
  EXPECT_FALSE(load.is_high());
  load.note(20 * kMs, 100 * kMs);
  EXPECT_FALSE(load.is_high());
  load.note(20 * kMs + 1, 101 * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 101 * kMs);
  load.note(50 * kMs, 102 * kMs);
  EXPECT_EQ(load.since(), 101 * kMs);
}

TEST(Load, EndsWhenItHasBeenCalmForAWhile) {
  Load load;
  load.note(30 * kMs, 100 * kMs);
  std::uint64_t now = 100 * kMs;
  for (; now < 1'100 * kMs; now += kMs) {
    load.note(5 * kMs, now);
    ASSERT_TRUE(load.is_high()) << now;
  }
  load.note(5 * kMs, now);
  EXPECT_FALSE(load.is_high());
}

// What is between the two neither begins nor ends it, however long it lasts.
TEST(Load, BetweenTheTwoNothingChanges) {
  Load load;
  for (std::uint64_t ms = 0; ms < 10'000; ++ms) load.note(6 * kMs, ms * kMs);
  EXPECT_FALSE(load.is_high());
  load.note(21 * kMs, 10'000 * kMs);
  for (std::uint64_t ms = 10'001; ms < 20'000; ++ms) load.note(6 * kMs, ms * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 10'000 * kMs);
  load.note(0, 20'500 * kMs);
  EXPECT_TRUE(load.is_high());
  load.note(0, 20'999 * kMs);
  EXPECT_FALSE(load.is_high());
}

// One moment of work in between, and the calm begins anew.
TEST(Load, TheCalmHasToBeWhole) {
  Load load;
  load.note(30 * kMs, 0);
  load.note(0, 900 * kMs);
  load.note(5 * kMs + 1, 901 * kMs);
  load.note(0, 1'900 * kMs);
  EXPECT_TRUE(load.is_high());
  load.note(0, 1'901 * kMs);
  EXPECT_FALSE(load.is_high());
  load.note(25 * kMs, 1'902 * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 1'902 * kMs);
}

TEST(Load, OtherLimits) {
  Load load({.high = 100, .low = 10, .calm = 1000});
  load.note(101, 0);
  EXPECT_TRUE(load.is_high());
  load.note(11, 500);
  load.note(10, 1499);
  EXPECT_TRUE(load.is_high());
  load.note(10, 1500);
  EXPECT_FALSE(load.is_high());
  load.use({.high = 50, .low = 10, .calm = 10});
  load.note(51, 2000);
  EXPECT_TRUE(load.is_high());
  load.note(0, 2010);
  EXPECT_FALSE(load.is_high());
}

}  // namespace
}  // namespace breakwater::test
