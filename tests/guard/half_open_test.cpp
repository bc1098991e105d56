// HalfOpen: counts of connections that are never too high, and who loses its count when there are too many.
#include "core/guard/half_open.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::HalfOpen;

constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};

struct Table {
  explicit Table(std::size_t sets) : sets(sets), half_open(this->sets) {}
  std::vector<HalfOpen::Set> sets;
  HalfOpen half_open;
};

TEST(HalfOpen, Counts) {
  Table table(1);
  EXPECT_EQ(table.half_open.of(1), 0U);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    table.half_open.begin(1);
    table.half_open.begin(2);
    EXPECT_EQ(table.half_open.of(1), i);
  }
  for (std::uint64_t i = 1000; i-- > 0;) {
    table.half_open.end(1);
    EXPECT_EQ(table.half_open.of(1), i);
  }
  EXPECT_EQ(table.half_open.of(2), 1000U);
}

TEST(HalfOpen, EndsOfTheUnknownCountNothing) {
  Table table(1);
  table.half_open.end(1);
  EXPECT_EQ(table.half_open.of(1), 0U);
  table.half_open.begin(1);
  table.half_open.end(1);
  table.half_open.end(1);
  EXPECT_EQ(table.half_open.of(1), 0U);
  table.half_open.begin(1);
  EXPECT_EQ(table.half_open.of(1), 1U);
}

// While there is room, counts are exact, whoever comes and goes.
TEST(HalfOpen, ClientsDoNotMeet) {
  Table table(2);
  std::mt19937_64 random(1);
  std::map<std::uint64_t, std::uint64_t> expected;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t key = 1 + random() % (2 * HalfOpen::kWays);
    if (random() % 2 == 0) {
      table.half_open.begin(key);
      ++expected[key];
    } else if (expected[key] != 0) {
      table.half_open.end(key);
      --expected[key];
    }
    ASSERT_EQ(table.half_open.of(key), expected[key]) << i;
  }
}

// Many more clients than there is room for, in any order: counts that are lost make them lower, never higher, and when
// all have ended nothing is left.
TEST(HalfOpen, CountsAreNeverTooHigh) {
  Table table(2);
  std::mt19937_64 random(2);
  std::map<std::uint64_t, std::uint64_t> open;
  std::vector<std::uint64_t> begun;
  std::uint64_t exact = 0;
  for (int i = 0; i < 300'000; ++i) {
    const bool fill = i / 1000 % 2 == 0;
    if (begun.empty() || random() % 4 < (fill ? 3 : 1)) {
      begun.push_back(1 + random() % 60);
      table.half_open.begin(begun.back());
      ++open[begun.back()];
    } else {
      std::swap(begun[random() % begun.size()], begun.back());
      table.half_open.end(begun.back());
      --open[begun.back()];
      begun.pop_back();
    }
    for (std::uint64_t key = 1; key <= 60; ++key) {
      ASSERT_LE(table.half_open.of(key), open[key]) << i;
      exact += table.half_open.of(key) == open[key] && open[key] != 0 ? 1U : 0U;
    }
  }
  EXPECT_GT(exact, 300'000U);
  for (const std::uint64_t key : begun) table.half_open.end(key);
  for (std::uint64_t key = 1; key <= 60; ++key) EXPECT_EQ(table.half_open.of(key), 0U);
}

// A flood of clients with a connection each drives out nobody who holds several.
TEST(HalfOpen, VarietyDoesNotDriveOutWhoHoldsSeveral) {
  Table table(512);  // 4,096 entries
  const std::uint64_t holder = guard::keyed_hash(kKey, 1, 1);
  table.half_open.begin(holder);
  table.half_open.begin(holder);
  for (std::uint64_t i = 0; i < 400'000; ++i) table.half_open.begin(guard::keyed_hash(kKey, 2, i));
  EXPECT_EQ(table.half_open.of(holder), 2U);
}

TEST(HalfOpen, OnlySevenWhoHoldAsManyDriveOut) {
  Table table(1);
  for (int i = 0; i < 5; ++i) table.half_open.begin(99);
  for (std::uint64_t key = 1; key <= 7; ++key) {
    for (int i = 0; i < 6; ++i) table.half_open.begin(key);
  }
  EXPECT_EQ(table.half_open.of(99), 5U);
  table.half_open.begin(50);
  EXPECT_EQ(table.half_open.of(99), 0U);
  EXPECT_EQ(table.half_open.of(50), 1U);
  // Its connections that end now are not those of who comes back.
  for (int i = 0; i < 5; ++i) table.half_open.end(99);
  table.half_open.begin(99);  // in the place of 50
  EXPECT_EQ(table.half_open.of(99), 1U);
  EXPECT_EQ(table.half_open.of(50), 0U);
  for (std::uint64_t key = 1; key <= 7; ++key) EXPECT_EQ(table.half_open.of(key), 6U);
}

}  // namespace
}  // namespace breakwater::test
