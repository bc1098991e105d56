// Budgets: what a client may take, and who loses its record when there are too many.
#include "core/guard/budgets.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::Budgets;
using guard::Limit;

constexpr std::uint64_t kMs = 1'000'000;
constexpr Limit kLimit{100 * kMs};

struct Table {
  explicit Table(std::size_t sets) : memory(sets), budgets(memory) {}
  std::vector<Budgets::Set> memory;
  Budgets budgets;
};

TEST(Budgets, ABurstAndThenTheRate) {
  Table table(1);
  std::uint64_t now = 5'000 * kMs;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(table.budgets.take(1, now, 10 * kMs, kLimit));
  EXPECT_FALSE(table.budgets.take(1, now, 1, kLimit));
  EXPECT_EQ(table.budgets.taken(1, now), 100 * kMs);
  now += 10 * kMs - 1;
  EXPECT_FALSE(table.budgets.take(1, now, 10 * kMs, kLimit));
  now += 1;
  EXPECT_TRUE(table.budgets.take(1, now, 10 * kMs, kLimit));
  EXPECT_FALSE(table.budgets.take(1, now, 1, kLimit));
  now += 100 * kMs;
  EXPECT_EQ(table.budgets.taken(1, now), 0U);
  EXPECT_TRUE(table.budgets.take(1, now, 100 * kMs, kLimit));
}

TEST(Budgets, ARefusalCostsNothing) {
  Table table(1);
  EXPECT_FALSE(table.budgets.take(1, kMs, 101 * kMs, kLimit));
  EXPECT_EQ(table.budgets.taken(1, kMs), 0U);
  EXPECT_TRUE(table.budgets.take(1, kMs, 100 * kMs, kLimit));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(table.budgets.take(1, kMs, kMs, kLimit));
  EXPECT_EQ(table.budgets.taken(1, kMs), 100 * kMs);
}

TEST(Budgets, ChargesHaveABound) {
  Table table(1);
  table.budgets.charge(1, kMs, 500 * kMs, 300 * kMs);
  EXPECT_EQ(table.budgets.taken(1, kMs), 300 * kMs);
  EXPECT_FALSE(table.budgets.take(1, kMs, 1, kLimit));
  table.budgets.charge(1, 2 * kMs, 0, 300 * kMs);
  EXPECT_EQ(table.budgets.taken(1, 2 * kMs), 299 * kMs);
  EXPECT_FALSE(table.budgets.take(1, 2 * kMs, ~std::uint64_t{0}, kLimit));
  EXPECT_FALSE(table.budgets.take(2, 2 * kMs, ~std::uint64_t{0}, kLimit));
  table.budgets.charge(2, 2 * kMs, ~std::uint64_t{0}, 300 * kMs);
  EXPECT_EQ(table.budgets.taken(2, 2 * kMs), 300 * kMs);
}

// While there is room, every client is judged as if it had a table of its own.
TEST(Budgets, ClientsDoNotMeet) {
  std::mt19937_64 random(1);
  Table table(1);
  std::map<std::uint64_t, std::uint64_t> paid_until;
  std::uint64_t now = kMs;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t key = random() % Budgets::kWays, cost = random() % (30 * kMs);
    now += random() % (4 * kMs);
    const std::uint64_t from = std::max(now, paid_until[key]);
    const bool expected = from + cost <= now + kLimit.burst;
    ASSERT_EQ(table.budgets.take(key, now, cost, kLimit), expected) << i;
    if (expected) paid_until[key] = from + cost;
  }
}

// A flood of addresses that come once, many times more than there is room for, between the steps of honest clients:
// what these have on record stays.
TEST(Budgets, VarietyDoesNotDriveOutWhoIsActive) {
  constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};
  Table table(512);  // 4,096 entries
  std::mt19937_64 random(2);
  std::uint64_t now = kMs, honest_losses = 0;
  std::vector<std::uint64_t> honest;
  for (std::uint64_t i = 0; i < 400; ++i) honest.push_back(guard::keyed_hash(kKey, 7, i));
  for (int round = 0; round < 50; ++round) {
    for (const std::uint64_t key : honest) EXPECT_TRUE(table.budgets.take(key, now, 2 * kMs, kLimit));
    std::vector<std::uint64_t> before;
    for (const std::uint64_t key : honest) before.push_back(table.budgets.taken(key, now));
    for (int i = 0; i < 40'000; ++i) table.budgets.take(guard::keyed_hash(kKey, random(), random()), now, kMs, kLimit);
    for (std::size_t i = 0; i < honest.size(); ++i) {
      honest_losses += table.budgets.taken(honest[i], now) == before[i] ? 0 : 1;
    }
    now += kMs;
  }
  EXPECT_EQ(honest_losses, 0U);
}

// To drive a client out, its whole set has to be held at more than it has.
TEST(Budgets, OnlyThoseWhoHaveTakenMoreDriveOut) {
  Table table(1);
  EXPECT_TRUE(table.budgets.take(99, kMs, 5 * kMs, kLimit));
  for (std::uint64_t key = 0; key < 7; ++key) EXPECT_TRUE(table.budgets.take(key, kMs, 6 * kMs, kLimit));
  EXPECT_EQ(table.budgets.taken(99, kMs), 5 * kMs);
  EXPECT_TRUE(table.budgets.take(50, kMs, kMs, kLimit));  // all are held: the least goes
  EXPECT_EQ(table.budgets.taken(99, kMs), 0U);
  EXPECT_EQ(table.budgets.taken(50, kMs), kMs);
  for (std::uint64_t key = 0; key < 7; ++key) EXPECT_EQ(table.budgets.taken(key, kMs), 6 * kMs);
}

}  // namespace
}  // namespace breakwater::test
