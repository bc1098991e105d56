// Load: when it begins, and that it does not end at once.
#include "core/guard/load.h"

#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using guard::Load;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kLasting = guard::LoadLimits{}.lasting;

// Makes it high at `now`.
void strain(Load& load, std::uint64_t now) {
  load.note(30 * kMs, now - kLasting);
  load.note(30 * kMs, now);
}

TEST(Load, BeginsWhenWorkHasWaitedForLongForAWhile) {
  Load load;
  EXPECT_FALSE(load.is_high());
  for (std::uint64_t ms = 0; ms < 500; ++ms) load.note(20 * kMs, ms * kMs);
  EXPECT_FALSE(load.is_high());
  load.note(20 * kMs + 1, 500 * kMs);
  load.note(21 * kMs, 579 * kMs);
  EXPECT_FALSE(load.is_high());
  load.note(21 * kMs, 580 * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 580 * kMs);
  load.note(50 * kMs, 581 * kMs);
  EXPECT_EQ(load.since(), 580 * kMs);
}

// A machine that stood still for a moment catches up.
TEST(Load, AMomentIsNone) {
  Load load;
  for (std::uint64_t ms = 0; ms < 1'000; ++ms) load.note(ms % 80 == 79 ? 20 * kMs : 200 * kMs, ms * kMs);
  EXPECT_FALSE(load.is_high());
}

TEST(Load, EndsWhenItHasBeenCalmForAWhile) {
  Load load;
  strain(load, 100 * kMs);
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
  strain(load, 10'000 * kMs);
  for (std::uint64_t ms = 10'001; ms < 20'000; ++ms) load.note(6 * kMs, ms * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 10'000 * kMs);
  load.note(0, 20'500 * kMs);
  EXPECT_TRUE(load.is_high());
  load.note(0, 20'999 * kMs);
  EXPECT_FALSE(load.is_high());
}

TEST(Load, IsHeld) {
  Load load;
  load.hold(0);
  EXPECT_FALSE(load.is_high());
  strain(load, kLasting);
  for (std::uint64_t ms = 100; ms < 5'000; ++ms) {
    load.hold(ms * kMs);
    load.note(0, ms * kMs);
    ASSERT_TRUE(load.is_high());
  }
  load.note(0, 5'999 * kMs);
  EXPECT_FALSE(load.is_high());
}

// One moment of work in between, and the calm begins anew.
TEST(Load, TheCalmHasToBeWhole) {
  Load load;
  strain(load, kLasting);
  load.note(0, 900 * kMs);
  load.note(5 * kMs + 1, 901 * kMs);
  load.note(0, 1'900 * kMs);
  EXPECT_TRUE(load.is_high());
  load.note(0, 1'901 * kMs);
  EXPECT_FALSE(load.is_high());
  strain(load, 1'902 * kMs);
  EXPECT_TRUE(load.is_high());
  EXPECT_EQ(load.since(), 1'902 * kMs);
}

TEST(Load, OtherLimits) {
  Load load({.high = 100, .lasting = 0, .low = 10, .calm = 1000});
  load.note(101, 0);
  EXPECT_TRUE(load.is_high());
  load.note(11, 500);
  load.note(10, 1499);
  EXPECT_TRUE(load.is_high());
  load.note(10, 1500);
  EXPECT_FALSE(load.is_high());
  load.use({.high = 50, .lasting = 0, .low = 10, .calm = 10});
  load.note(51, 2000);
  EXPECT_TRUE(load.is_high());
  load.note(0, 2010);
  EXPECT_FALSE(load.is_high());
}

}  // namespace
}  // namespace breakwater::test
