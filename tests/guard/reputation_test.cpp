// Reputation: counts that fade, and who is forgotten when there are too many.
#include "core/guard/reputation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::Reputation;
using guard::Standing;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kHalfLife = 64 * kSecond, kStep = kHalfLife / 16;
constexpr std::uint32_t kOne = Standing::kOne;
constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};

struct Table {
  explicit Table(std::size_t sets) : memory(sets), reputation(memory, kHalfLife) {}

  void complete(std::uint64_t key, std::uint64_t now, unsigned times = 1) {
    for (unsigned i = 0; i < times; ++i) {
      reputation.begin(key, now);
      reputation.completed(key, now);
    }
  }
  bool knows(std::uint64_t key, std::uint64_t now) const { return reputation.of(key, now).known; }

  std::vector<Reputation::Set> memory;
  Reputation reputation;
};

TEST(Reputation, Counts) {
  Table table(1);
  EXPECT_FALSE(table.knows(1, 0));
  EXPECT_FALSE(table.knows(0, 0));
  for (int i = 0; i < 5; ++i) table.reputation.begin(1, kSecond);
  for (int i = 0; i < 3; ++i) table.reputation.completed(1, kSecond);
  table.reputation.abandoned(1, kSecond);
  const Standing standing = table.reputation.of(1, kSecond);
  EXPECT_TRUE(standing.known);
  EXPECT_EQ(standing.begun, 5 * kOne);
  EXPECT_EQ(standing.completed, 3 * kOne);
  EXPECT_EQ(standing.abandoned, kOne);
  EXPECT_FALSE(table.knows(2, kSecond));
}

TEST(Reputation, EndsWithoutABeginning) {
  Table table(1);
  table.reputation.completed(1, kSecond);
  table.reputation.abandoned(2, kSecond);
  EXPECT_EQ(table.reputation.of(1, kSecond).begun, kOne);
  EXPECT_EQ(table.reputation.of(1, kSecond).completed, kOne);
  EXPECT_EQ(table.reputation.of(2, kSecond).begun, kOne);
  EXPECT_EQ(table.reputation.of(2, kSecond).abandoned, kOne);
  // A beginning that has faded more than its end.
  table.reputation.begin(3, kSecond);
  table.reputation.completed(3, kSecond + kHalfLife);
  EXPECT_EQ(table.reputation.of(3, kSecond + kHalfLife).begun, kOne);
  table.reputation.abandoned(3, kSecond + kHalfLife);
  EXPECT_EQ(table.reputation.of(3, kSecond + kHalfLife).begun, 2 * kOne);
}

TEST(Reputation, HalfIsLeftAfterAHalfLife) {
  Table table(1);
  for (int i = 0; i < 1000; ++i) table.reputation.begin(1, 0);
  for (std::uint64_t steps = 0; steps <= 200; ++steps) {
    const double expected = 1000.0 * kOne * std::exp2(-static_cast<double>(steps) / 16.0);
    for (const std::uint64_t now : {steps * kStep, (steps + 1) * kStep - 1}) {
      EXPECT_NEAR(table.reputation.of(1, now).begun, expected, 2.0) << steps;
    }
  }
  EXPECT_EQ(table.reputation.of(1, kHalfLife).begun, 500 * kOne);
  EXPECT_FALSE(table.knows(1, 18 * kHalfLife));
  EXPECT_FALSE(table.knows(1, ~std::uint64_t{0}));
}

// Seen in many small steps or in few, what is left is the same but for what is rounded.
TEST(Reputation, FadesAlikeHoweverOftenItIsSeen) {
  std::mt19937_64 random(7);
  Table table(1);
  double expected = 0;
  std::uint64_t now = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t next = now + random() % (i % 1000 == 0 ? 4 * kHalfLife : kStep / 2);
    expected *= std::exp2(-static_cast<double>(next / kStep - now / kStep) / 16.0);
    now = next;
    table.reputation.begin(1, now);
    expected += 1;
    const double begun = static_cast<double>(table.reputation.of(1, now).begun) / kOne;
    ASSERT_LE(begun, expected + 0.001) << i;
    ASSERT_GE(begun, expected - 0.1) << i;
  }
}

TEST(Reputation, CountsHaveAnEnd) {
  Table table(1);
  table.memory[0].entries[0] = {1, 0, ~0U - 10, ~0U - 300, ~0U - 300};
  table.reputation.begin(1, 0);
  table.reputation.completed(1, 0);
  table.reputation.completed(1, 0);
  table.reputation.abandoned(1, 0);
  const Standing standing = table.reputation.of(1, 0);
  EXPECT_EQ(standing.begun, ~0U);
  EXPECT_EQ(standing.completed, ~0U);
  EXPECT_EQ(standing.abandoned, ~0U - 44);
}

// While there is room, every key is counted as if it had a table of its own.
TEST(Reputation, KeysDoNotMeet) {
  Table table(1);
  std::vector<Table> alone(Reputation::kWays, Table(1));
  for (Table& one : alone) one.reputation = Reputation(one.memory, kHalfLife);
  std::mt19937_64 random(8);
  std::uint64_t now = 1;
  for (int i = 0; i < 50'000; ++i) {
    now += random() % (2 * kSecond);
    const std::uint64_t key = random() % Reputation::kWays, what = random() % 4;
    for (Reputation* const one : {&table.reputation, &alone[key].reputation}) {
      if (what < 2) one->begin(key, now);
      if (what == 2) one->completed(key, now);
      if (what == 3) one->abandoned(key, now);
    }
    const Standing mixed = table.reputation.of(key, now), expected = alone[key].reputation.of(key, now);
    ASSERT_EQ(mixed.begun, expected.begun);
    ASSERT_EQ(mixed.completed, expected.completed);
    ASSERT_EQ(mixed.abandoned, expected.abandoned);
    ASSERT_TRUE(mixed.known);
  }
}

// Even an attacker who knows the hash: nothing but completed handshakes drives out who has completed one.
TEST(Reputation, OnlyCompletedHandshakesDriveOut) {
  Table table(1);
  table.complete(99, kSecond);
  for (std::uint64_t key = 1000; key < 100'000; ++key) {
    table.reputation.begin(key, kSecond);
    if (key % 2 == 0) table.reputation.abandoned(key, kSecond);
  }
  EXPECT_EQ(table.reputation.of(99, kSecond).completed, kOne);
  // A set that is full of those who have: who has completed nothing is not noted at all.
  for (std::uint64_t key = 1; key <= 7; ++key) table.complete(key, kSecond, 2);
  table.reputation.begin(50, kSecond);
  EXPECT_FALSE(table.knows(50, kSecond));
  table.reputation.abandoned(50, kSecond);
  EXPECT_FALSE(table.knows(50, kSecond));
  EXPECT_TRUE(table.knows(99, kSecond));
  table.reputation.completed(50, kSecond);  // the ninth that has: now the least goes
  EXPECT_TRUE(table.knows(50, kSecond));
  EXPECT_FALSE(table.knows(99, kSecond));
  for (std::uint64_t key = 1; key <= 7; ++key) EXPECT_EQ(table.reputation.of(key, kSecond).completed, 2 * kOne);
}

// What counts is what is left of what was completed.
TEST(Reputation, WhoIsNotSeenAnyMoreGoes) {
  Table table(1);
  table.complete(99, 0, 4);
  for (std::uint64_t key = 1; key <= 7; ++key) table.complete(key, 3 * kHalfLife, 2);
  EXPECT_EQ(table.reputation.of(99, 3 * kHalfLife).completed, kOne / 2);
  table.reputation.begin(50, 3 * kHalfLife);
  EXPECT_FALSE(table.knows(99, 3 * kHalfLife));
  EXPECT_TRUE(table.knows(50, 3 * kHalfLife));
}

// Of those who have completed nothing, the one not seen for longest goes.
TEST(Reputation, TheLatestStay) {
  Table table(1);
  for (std::uint64_t key = 1; key <= 8; ++key) table.reputation.begin(key, key);
  table.reputation.begin(1, 9);
  table.reputation.begin(50, 10);
  EXPECT_TRUE(table.knows(1, 10));
  EXPECT_FALSE(table.knows(2, 10));
  EXPECT_TRUE(table.knows(50, 10));
}

struct Flooded {
  std::size_t lost = 0;  // of those that are in use, each time
};

// A hundred kinds of software in use, each with a handshake now and then, in a flood of fingerprints that come once.
// complete_every: of how many forged fingerprints one completes its handshake.
Flooded flood(std::uint64_t complete_every) {
  Table table(512);  // 4,096 entries
  Flooded result;
  std::uint64_t now = 0, spoofed = 0;
  for (std::uint64_t round = 0; round < 60; ++round) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      const std::uint64_t key = guard::keyed_hash(kKey, 7, i);
      const std::uint32_t before = table.reputation.of(key, now).completed;
      if (round != 0 && before < kOne * 2) ++result.lost;
      table.complete(key, now, round == 0 ? 4 : 1);
    }
    for (int i = 0; i < 20'000; ++i, ++spoofed) {
      const std::uint64_t key = guard::keyed_hash(kKey, 8, spoofed);
      table.reputation.begin(key, now);
      if (complete_every != 0 && spoofed % complete_every == 0) table.reputation.completed(key, now);
    }
    now += 5 * kSecond;
  }
  return result;
}

TEST(Reputation, VarietyDoesNotDriveOutWhatIsInUse) {
  EXPECT_EQ(flood(0).lost, 0U);
  EXPECT_EQ(flood(100).lost, 0U);
  EXPECT_EQ(flood(1).lost, 0U);  // each completes one, which is less than what the honest ones have
}

// New software of honest clients: forgotten, perhaps, while its first handshake is under way, but not after that.
TEST(Reputation, TheNewGetInWithTheirFirstCompletedHandshake) {
  Table table(16);
  std::uint64_t spoofed = 0;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const std::uint64_t key = guard::keyed_hash(kKey, 7, i), now = i * kSecond;
    table.reputation.begin(key, now);
    for (int j = 0; j < 1000; ++j) table.reputation.begin(guard::keyed_hash(kKey, 8, ++spoofed), now + 1);
    EXPECT_FALSE(table.knows(key, now + 1));
    table.reputation.completed(key, now + 2);
    for (int j = 0; j < 1000; ++j) table.reputation.begin(guard::keyed_hash(kKey, 8, ++spoofed), now + 3);
    EXPECT_TRUE(table.knows(key, now + 3));
  }
}

}  // namespace
}  // namespace breakwater::test
