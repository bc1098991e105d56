// Usage: how what clients have cost fades, and who loses its record when there are too many.
#include "core/guard/usage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::Usage;
using Memory = Usage::Memory;

constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};
constexpr std::uint64_t kTick = std::uint64_t{1} << 20;
constexpr std::uint64_t kMost = 0xffffffff;

constexpr std::uint64_t half_life(Memory memory) { return kTick << static_cast<unsigned>(memory); }

struct Table {
  explicit Table(std::size_t sets, Memory memory = Memory::Long) : sets(sets), usage(this->sets, memory) {}
  std::vector<Usage::Set> sets;
  Usage usage;
};

class UsageOf : public testing::TestWithParam<Memory> {};
INSTANTIATE_TEST_SUITE_P(Both, UsageOf, testing::Values(Memory::Short, Memory::Long));

TEST_P(UsageOf, HalfIsLeftAfterAHalfLife) {
  Table table(1, GetParam());
  const std::uint64_t begin = 77 * kTick;
  EXPECT_EQ(table.usage.of(1, begin), 0U);
  EXPECT_EQ(table.usage.add(1, begin, 1'000'000), 1'000'000U);
  EXPECT_EQ(table.usage.of(1, begin), 1'000'000U);
  for (unsigned halves = 0; halves < 40; ++halves) {
    EXPECT_EQ(table.usage.of(1, begin + halves * half_life(GetParam())), halves < 32 ? 1'000'000U >> halves : 0U);
  }
  EXPECT_EQ(table.usage.add(1, begin + 2 * half_life(GetParam()), 5), 250'005U);
  EXPECT_EQ(table.usage.of(2, begin), 0U);
}

// Never a jump, never more than there was, and never far from the curve.
TEST_P(UsageOf, FadesEvenlyBetween) {
  Table table(1, GetParam());
  constexpr std::uint32_t kCost = 1'000'000'000;
  table.usage.add(1, 0, kCost);
  const std::uint64_t ticks = half_life(GetParam()) / kTick;
  std::uint32_t before = kCost;
  for (std::uint64_t passed = 1; passed <= 3 * ticks; ++passed) {
    const std::uint32_t left = table.usage.of(1, passed * kTick);
    ASSERT_LT(left, before);
    ASSERT_LT(before - left, kCost / ticks);
    const double exact = kCost * std::exp2(-static_cast<double>(passed) / static_cast<double>(ticks));
    ASSERT_GT(left, exact * 0.99) << passed;
    ASSERT_LT(left, exact * 1.0001) << passed;
    before = left;
  }
}

// Whoever costs a part of a CPU all the time has that part of window() on record, however often it is added to.
TEST_P(UsageOf, AShareOfACpuHasThatMuchOfTheWindow) {
  for (const std::uint64_t apart_ms : {1U, 2U, 5U, 20U}) {
    Table table(1, GetParam());
    const std::uint32_t cost = static_cast<std::uint32_t>(apart_ms * 250);  // a quarter of a CPU
    std::uint64_t now = 0, sum = 0, count = 0;
    const std::uint64_t settled = 12 * half_life(GetParam());
    for (; now < 2 * settled; now += apart_ms * 1'000'000) {
      const std::uint64_t record = table.usage.add(1, now, cost);
      if (now < settled) continue;
      sum += record - cost / 2;  // on average between two
      ++count;
    }
    const double share = static_cast<double>(sum) / static_cast<double>(count) / Usage::window(GetParam());
    EXPECT_NEAR(share, 0.25, 0.02) << apart_ms;
  }
}

TEST(Usage, EndsAtTheMost) {
  Table table(1);
  EXPECT_EQ(table.usage.add(1, 0, kMost), kMost);
  EXPECT_EQ(table.usage.add(1, 0, 1), kMost);
  EXPECT_EQ(table.usage.add(1, 0, kMost), kMost);
  EXPECT_EQ(table.usage.of(1, half_life(Memory::Long)), kMost >> 1);
  EXPECT_EQ(table.usage.add(2, 0, kMost - 1), kMost - 1);
  EXPECT_EQ(table.usage.add(2, 0, 1), kMost);
}

// Time is kept modulo 2^32 ticks.
TEST(Usage, TheClockOfTicksMayWrap) {
  Table table(1);
  const std::uint64_t wrap = kTick << 32, half = half_life(Memory::Long);
  for (const std::uint64_t base : {wrap, 2 * wrap, ~std::uint64_t{0} - 10 * half}) {
    const std::uint64_t before = base - half / 2;
    table.usage.add(1, before, 1 << 20);
    EXPECT_EQ(table.usage.of(1, before + half), 1U << 19);
    EXPECT_EQ(table.usage.of(1, before + 3 * half), 1U << 17);
    EXPECT_EQ(table.usage.add(1, before + 3 * half, 0), 1U << 17);
    EXPECT_EQ(table.usage.of(1, before + 4 * half), 1U << 16);
    EXPECT_EQ(table.usage.of(1, before + 40 * half), 0U);
    table = Table(1);
  }
}

// Small costs fade too, although they are whole numbers.
TEST(Usage, SmallRecordsFade) {
  Table table(1);
  std::uint64_t now = 0;
  std::uint32_t record = 0;
  for (int i = 0; i < 10'000; ++i) record = table.usage.add(1, now += 10 * kTick, 1);
  EXPECT_GT(record, 100U);  // a hundred in a second: 148 on record
  EXPECT_LT(record, 320U);
  EXPECT_EQ(table.usage.of(1, now + 10 * half_life(Memory::Long)), 0U);
}

// While there is room, every client is counted as if it had a table of its own.
TEST(Usage, ClientsDoNotMeet) {
  std::mt19937_64 random(1);
  Table table(4);
  std::map<std::uint64_t, Table> alone;
  std::uint64_t now = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t key = 1 + random() % 4 + 4 * (random() % Usage::kWays);
    const std::uint32_t cost = static_cast<std::uint32_t>(random() % 10'000);
    now += random() % (100 * kTick);
    Table& own = alone.try_emplace(key, 1).first->second;
    ASSERT_EQ(table.usage.of(key, now), own.usage.of(key, now)) << i;
    ASSERT_EQ(table.usage.add(key, now, cost), own.usage.add(key, now, cost)) << i;
  }
  EXPECT_EQ(alone.size(), 4 * Usage::kWays);
}

// A flood of addresses that come once, many times more than there is room for, between the steps of honest clients:
// what these have on record stays.
TEST(Usage, VarietyDoesNotDriveOutWhoIsActive) {
  Table table(512);  // 4,096 entries
  std::mt19937_64 random(2);
  std::uint64_t now = 0, losses = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::uint32_t> before;
    for (std::uint64_t i = 0; i < 400; ++i) {
      before.push_back(table.usage.add(guard::keyed_hash(kKey, 7, i), now, 2'000));
    }
    for (int i = 0; i < 40'000; ++i) table.usage.add(guard::keyed_hash(kKey, random(), random()), now, 1'000);
    for (std::uint64_t i = 0; i < 400; ++i) {
      losses += table.usage.of(guard::keyed_hash(kKey, 7, i), now) == before[i] ? 0U : 1U;
    }
    now += 20 * kTick;
  }
  EXPECT_EQ(losses, 0U);
}

// Not even those who know its set: any number of keys that have cost less drive out each other.
TEST(Usage, NobodyIsDrivenOutByThoseWhoCostLess) {
  Table table(1);
  table.usage.add(99, 0, 5'000);
  for (std::uint64_t key = 100; key < 100'100; ++key) table.usage.add(key, 0, 4'999);
  EXPECT_EQ(table.usage.of(99, 0), 5'000U);
  EXPECT_EQ(table.usage.of(100'099, 0), 4'999U);
}

// To drive a client out, its whole set has to be held at as much as it has.
TEST(Usage, OnlySevenWhoCostAsMuchDriveOut) {
  Table table(1);
  table.usage.add(99, 0, 5'000);
  for (std::uint64_t key = 1; key <= 7; ++key) table.usage.add(key, 0, 6'000);
  EXPECT_EQ(table.usage.of(99, 0), 5'000U);
  table.usage.add(50, 0, 10);  // all are held: the least goes
  EXPECT_EQ(table.usage.of(99, 0), 0U);
  EXPECT_EQ(table.usage.of(50, 0), 10U);
  for (std::uint64_t key = 1; key <= 7; ++key) EXPECT_EQ(table.usage.of(key, 0), 6'000U);
}

// What counts is what is left now, not what it was when it was written.
TEST(Usage, WhatHasFadedGoesFirst) {
  Table table(1);
  const std::uint64_t later = 10 * half_life(Memory::Long);
  table.usage.add(1, 0, 100'000);  // a hundred then
  for (std::uint64_t key = 2; key <= 8; ++key) table.usage.add(key, later, 1'000);
  table.usage.add(9, later, 1);
  EXPECT_EQ(table.usage.of(1, later), 0U);
  for (std::uint64_t key = 2; key <= 8; ++key) EXPECT_EQ(table.usage.of(key, later), 1'000U);
}

}  // namespace
}  // namespace breakwater::test
