// Level: down while work waits, up while there is none, and open in the end.
#include "core/guard/level.h"

#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using guard::Level;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kStep = 5 * kMs;

// One that has been bound since 0.
Level bound() {
  Level level;
  level.note(30 * kMs, true, 0);
  return level;
}

TEST(Level, IsOpenUntilThereIsLoad) {
  Level level;
  for (std::uint64_t ms = 0; ms < 1'000; ++ms) level.note(15 * kMs, false, ms * kMs);
  EXPECT_TRUE(level.is_open());
  level.note(0, true, 1'000 * kMs);
  EXPECT_FALSE(level.is_open());
  EXPECT_EQ(level.value(), Level::kFirst);
}

TEST(Level, OpenAdmitsEverybodyWhoCanBe) {
  const Level level;
  EXPECT_TRUE(level.admits(0, 0));
  EXPECT_TRUE(level.admits(1'000'000'000, 1'549));
}

TEST(Level, AdmitsByShares) {
  const Level level = bound();
  EXPECT_TRUE(level.admits(256 * 100, 100));
  EXPECT_FALSE(level.admits(256 * 100 + 1, 100));
  EXPECT_FALSE(level.admits(~0U, 1'549));
  EXPECT_TRUE(level.admits(0, 0));
  EXPECT_TRUE(level.admits(~0U, ~0U));
}

TEST(Level, AdmitsLessFromACrowdButTheShareItself) {
  const Level level = bound();
  EXPECT_TRUE(level.admits(64 * 100, 100, 4));
  EXPECT_FALSE(level.admits(64 * 100 + 1, 100, 4));
  EXPECT_TRUE(level.admits(256 * 100, 100, 0)) << "less than its share is none";
  EXPECT_TRUE(level.admits(100, 100, ~0U));
  EXPECT_FALSE(level.admits(101, 100, ~0U));
  EXPECT_TRUE(Level().admits(1'000'000'000, 1, ~0U)) << "open";
}

// Where much work waits: from where it begins to the share itself within a hundred milliseconds, and no further.
TEST(Level, FallsFastWhileMuchWorkWaits) {
  Level level = bound();
  for (std::uint64_t step = 1; step < 20; ++step) {
    const std::uint64_t before = level.value();
    level.note(40 * kMs + 1, true, step * kStep);
    EXPECT_EQ(level.value(), before - before / 4);
  }
  EXPECT_LT(level.value(), 2 * Level::kOne);
  for (std::uint64_t step = 20; step <= 100; ++step) level.note(1'000 * kMs, true, step * kStep);
  EXPECT_EQ(level.value(), Level::kOne);
  EXPECT_TRUE(level.admits(100, 100));
}

TEST(Level, FallsSlowlyWhileWorkWaits) {
  Level level = bound();
  for (std::uint64_t step = 1; step < 20; ++step) {
    const std::uint64_t before = level.value();
    level.note(step % 2 == 0 ? 40 * kMs : 40 * kMs - step, true, step * kStep);
    const bool gets_less = step > 1 && step % 2 == 1;
    EXPECT_EQ(level.value(), gets_less ? before : before - before / 32);
  }
}

// It is low enough when what waits gets less, however much that is.
TEST(Level, StaysWhileTheWorkThatWaitsGetsLess) {
  Level level = bound();
  std::uint64_t delay = 200 * kMs;
  level.note(delay, true, kStep);
  const std::uint64_t once = level.value();
  for (std::uint64_t step = 2; delay > 15 * kMs; ++step) level.note(delay -= 5 * kMs, true, step * kStep);
  EXPECT_EQ(level.value(), once);
  level.note(delay, true, 1'000 * kStep);  // not less any more
  EXPECT_LT(level.value(), once);
}

TEST(Level, OneStepInFiveMilliseconds) {
  Level level = bound();
  level.note(30 * kMs, true, kStep - 1);
  EXPECT_EQ(level.value(), Level::kFirst);
  level.note(30 * kMs, true, kStep);
  const std::uint64_t once = level.value();
  EXPECT_LT(once, Level::kFirst);
  for (std::uint64_t i = 0; i < 1'000; ++i) level.note(30 * kMs, true, kStep + i);
  EXPECT_EQ(level.value(), once);
  // Many that were not noted are one.
  level.note(30 * kMs, true, 100 * kStep);
  EXPECT_EQ(level.value(), once - once / 32);
}

TEST(Level, StaysWhereWorkWaitsALittle) {
  Level level = bound();
  for (std::uint64_t step = 1; step <= 1'000; ++step) {
    level.note(step % 2 == 0 ? 4 * kMs : 10 * kMs, true, step * kStep);
  }
  EXPECT_EQ(level.value(), Level::kFirst);
}

TEST(Level, RisesSlowlyAndOpens) {
  Level level = bound();
  std::uint64_t step = 1;
  for (; level.value() != Level::kOne && step < 100; ++step) level.note(50 * kMs, true, step * kStep);
  const std::uint64_t begin = step;
  std::uint64_t before = level.value();
  for (; !level.is_open(); ++step) {
    ASSERT_LT(step, begin + 1'000);
    level.note(4 * kMs - 1, true, step * kStep);
    ASSERT_GT(level.value(), before);
    ASSERT_TRUE(level.is_open() || level.value() <= before + before / 64 + 1) << before;
    before = level.value();
  }
  EXPECT_GT((step - begin) * kStep, 2'000 * kMs);
  EXPECT_LT((step - begin) * kStep, 4'000 * kMs);
  // While it is loaded still, it binds again at once; else it stays open.
  Level loaded = level;
  loaded.note(0, true, step * kStep);
  EXPECT_EQ(loaded.value(), Level::kFirst);
  for (int i = 0; i < 100; ++i) level.note(15 * kMs, false, (step + static_cast<std::uint64_t>(i)) * kStep);
  EXPECT_TRUE(level.is_open());
}

// It does not need load to go on: what it refuses is why there is none.
TEST(Level, MovesWithoutLoadOnceItBinds) {
  Level level = bound();
  level.note(11 * kMs, false, kStep);
  const std::uint64_t once = level.value();
  EXPECT_LT(once, Level::kFirst);
  level.note(0, false, 2 * kStep);
  EXPECT_GT(level.value(), once);
}

}  // namespace
}  // namespace breakwater::test
