// Blocks: how long they last, what is remembered of them, and who loses its block when there are too many.
#include "core/guard/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::Address;
using guard::BackOff;
using guard::Blocked;
using guard::Blocks;
using guard::Network;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};
const Network kSomebody = guard::client_of(Address::v4(0xc0000201));

struct Table {
  explicit Table(std::size_t sets, const BackOff& back_off = {}) : memory(sets), blocks(memory, back_off) {}

  std::vector<Blocks::Set> memory;
  Blocks blocks;
};

TEST(Blocks, TwiceAsLongEachTimeUpToAMost) {
  Table table(1);
  std::uint64_t now = 5 * kSecond;
  EXPECT_FALSE(table.blocks.is_blocked(1, now));
  for (const std::uint64_t seconds : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 512U, 600U, 600U, 600U}) {
    const std::uint64_t until = table.blocks.block(1, kSomebody, now);
    EXPECT_EQ(until, now + seconds * kSecond);
    EXPECT_TRUE(table.blocks.is_blocked(1, now));
    EXPECT_TRUE(table.blocks.is_blocked(1, until - 1));
    EXPECT_FALSE(table.blocks.is_blocked(1, until));
    EXPECT_FALSE(table.blocks.is_blocked(2, now));
    now = until;
  }
}

TEST(Blocks, ABackOffThatIsNoPowerOfTwo) {
  Table table(1, {.first = 3, .most = 10, .forget = 100});
  std::uint64_t now = 1000;
  for (const std::uint64_t length : {3U, 6U, 10U, 10U}) {
    EXPECT_EQ(table.blocks.block(1, kSomebody, now), now + length);
    now += length;
  }
  Table largest(1, {.first = 1, .most = ~std::uint64_t{0} / 4, .forget = 0});
  EXPECT_EQ(largest.blocks.block(1, kSomebody, 0), 1U);
  Table constant(1, {.first = 7, .most = 7, .forget = 100});
  EXPECT_EQ(constant.blocks.block(1, kSomebody, 0), 7U);
  EXPECT_EQ(constant.blocks.block(1, kSomebody, 7), 14U);
}

TEST(Blocks, WhoIsBlockedIsNotStruckAgain) {
  Table table(1);
  const std::uint64_t until = table.blocks.block(1, kSomebody, kSecond);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(table.blocks.block(1, kSomebody, kSecond + i), until);
  EXPECT_EQ(table.blocks.find(1, kSecond)->strikes, 1U);
  EXPECT_EQ(table.blocks.block(1, kSomebody, until), until + 2 * kSecond);
}

// A strike for each `forget` after the end of the block, in one step or in several.
TEST(Blocks, StrikesAreForgottenOneByOne) {
  constexpr BackOff kBackOff{.first = 10, .most = 1000, .forget = 500};
  const auto next_after = [&](std::uint64_t quiet) {
    Table table(1, kBackOff);
    std::uint64_t now = 1;
    for (int i = 0; i < 4; ++i) now = table.blocks.block(1, kSomebody, now);  // 80
    now += quiet;
    return table.blocks.block(1, kSomebody, now) - now;
  };
  EXPECT_EQ(next_after(0), 160U);
  EXPECT_EQ(next_after(499), 160U);
  EXPECT_EQ(next_after(500), 80U);
  EXPECT_EQ(next_after(999), 80U);
  EXPECT_EQ(next_after(1000), 40U);
  EXPECT_EQ(next_after(1500), 20U);
  EXPECT_EQ(next_after(1999), 20U);
  EXPECT_EQ(next_after(2000), 10U);
  EXPECT_EQ(next_after(1'000'000'000), 10U);
}

TEST(Blocks, ReleaseForgetsAll) {
  Table table(1);
  std::uint64_t now = table.blocks.block(1, kSomebody, kSecond);
  EXPECT_FALSE(table.blocks.release(1, now));
  table.blocks.block(1, kSomebody, now);
  EXPECT_FALSE(table.blocks.release(2, now));
  EXPECT_TRUE(table.blocks.release(1, now));
  EXPECT_FALSE(table.blocks.is_blocked(1, now));
  EXPECT_FALSE(table.blocks.release(1, now));
  EXPECT_EQ(table.blocks.block(1, kSomebody, now), now + kSecond);
}

TEST(Blocks, AZeroKeyIsOneLikeOthers) {
  Table table(1);
  EXPECT_FALSE(table.blocks.is_blocked(0, kSecond));
  EXPECT_FALSE(table.blocks.release(0, kSecond));
  table.blocks.block(0, kSomebody, kSecond);
  for (std::uint64_t key = 1; key < Blocks::kWays; ++key) table.blocks.block(key, kSomebody, kSecond);
  for (std::uint64_t key = 0; key < Blocks::kWays; ++key) EXPECT_TRUE(table.blocks.is_blocked(key, kSecond));
}

TEST(Blocks, ReportsWhoIsBlockedNow) {
  Table table(8);
  std::map<std::uint64_t, Network> expected;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Network network(Address{0x20010db800000000 + i, 0}, 64);
    table.blocks.block(i, network, i < 5 ? 0 : 10 * kSecond);
    if (i >= 5) expected[i] = network;
  }
  std::map<std::uint64_t, Network> reported;
  table.blocks.for_each(10 * kSecond, [&](std::uint64_t key, const Blocked& blocked) {
    EXPECT_EQ(blocked.until, 11 * kSecond);
    EXPECT_EQ(blocked.strikes, 1U);
    EXPECT_TRUE(reported.emplace(key, blocked.network).second);
  });
  EXPECT_EQ(reported, expected);
  EXPECT_EQ(table.blocks.find(7, 10 * kSecond)->network, expected[7]);
}

// Another object over the same memory, as after a reload.
TEST(Blocks, OutliveTheObject) {
  Table table(4);
  const std::uint64_t until = table.blocks.block(3, kSomebody, kSecond);
  Blocks later(table.memory, {.first = 5 * kSecond, .most = 60 * kSecond, .forget = kSecond});
  EXPECT_TRUE(later.is_blocked(3, until - 1));
  EXPECT_EQ(later.block(3, kSomebody, until), until + 10 * kSecond);
}

// While there is room, every client is treated as if it had a table of its own.
TEST(Blocks, ClientsDoNotMeet) {
  constexpr BackOff kBackOff{.first = 1000, .most = 50'000, .forget = 20'000};
  struct Known {
    std::uint64_t until = 0, strikes = 0;
  };
  Table table(1, kBackOff);
  std::map<std::uint64_t, Known> clients;
  std::mt19937_64 random(3);
  std::uint64_t now = 1;
  for (int i = 0; i < 100'000; ++i) {
    now += random() % 4000;
    const std::uint64_t key = random() % Blocks::kWays;
    Known& client = clients[key];
    ASSERT_EQ(table.blocks.is_blocked(key, now), now < client.until) << i;
    if (now >= client.until) {
      const std::uint64_t forgotten = (now - client.until) / kBackOff.forget;
      const std::uint64_t left = client.strikes > forgotten ? client.strikes - forgotten : 0;
      client.strikes = std::min<std::uint64_t>(left + 1, 7);  // 64,000 would be the seventh
      client.until = now + std::min(kBackOff.first << (client.strikes - 1), kBackOff.most);
    }
    ASSERT_EQ(table.blocks.block(key, kSomebody, now), client.until) << i;
  }
}

TEST(Blocks, OnlySevenThatLastLongerDriveOut) {
  Table table(1, {.first = 1000, .most = 1'000'000, .forget = 1'000'000});
  for (std::uint64_t key = 1; key <= 7; ++key) table.blocks.block(key, kSomebody, 100);  // until 1100
  table.blocks.block(99, kSomebody, 50);                                                 // until 1050
  EXPECT_TRUE(table.blocks.is_blocked(99, 101));
  table.blocks.block(50, kSomebody, 101);
  EXPECT_FALSE(table.blocks.is_blocked(99, 101));
  EXPECT_TRUE(table.blocks.is_blocked(50, 101));
  for (std::uint64_t key = 1; key <= 7; ++key) EXPECT_TRUE(table.blocks.is_blocked(key, 101));
}

TEST(Blocks, OfOthersTheLaterEndAndTheMoreStrikesCount) {
  Table table(1, {.first = 10, .most = 1000, .forget = 1000});
  const auto found = [](std::uint64_t until, std::uint8_t strikes) {
    return Blocked{.network = kSomebody, .until = until, .forget_at = until + 1000, .strikes = strikes};
  };
  table.blocks.take_over(1, found(100, 2), 100);
  EXPECT_FALSE(table.blocks.is_blocked(1, 99)) << "it was over when it came";
  table.blocks.take_over(1, found(140, 2), 100);
  ASSERT_TRUE(table.blocks.is_blocked(1, 139));
  EXPECT_EQ(table.blocks.find(1, 139)->network, kSomebody);
  table.blocks.take_over(1, found(130, 5), 100);
  table.blocks.take_over(1, found(150, 1), 100);
  EXPECT_FALSE(table.blocks.is_blocked(1, 150));
  ASSERT_TRUE(table.blocks.is_blocked(1, 149));
  EXPECT_EQ(table.blocks.find(1, 149)->strikes, 2);
  EXPECT_EQ(table.blocks.block(1, kSomebody, 150), 190U) << "its third strike";
}

TEST(Blocks, OfOthersDriveOutNobodyWhoHasLonger) {
  Table table(1, {.first = 1000, .most = 1'000'000, .forget = 1'000'000});
  for (std::uint64_t key = 1; key <= 8; ++key) table.blocks.block(key, kSomebody, 100 + key);
  const auto take = [&](std::uint64_t key, std::uint64_t until) {
    table.blocks.take_over(key, {.network = kSomebody, .until = until, .forget_at = until, .strikes = 1}, 200);
  };
  take(50, 1100);
  EXPECT_FALSE(table.blocks.is_blocked(50, 200));
  EXPECT_TRUE(table.blocks.is_blocked(1, 200));
  take(51, 1102);
  EXPECT_TRUE(table.blocks.is_blocked(51, 200));
  EXPECT_FALSE(table.blocks.is_blocked(1, 200));
  for (std::uint64_t key = 2; key <= 8; ++key) EXPECT_TRUE(table.blocks.is_blocked(key, 200)) << key;
}

// Who is not blocked goes first, and of those who has nothing to remember.
TEST(Blocks, WhoGoesFirst) {
  Table table(1, {.first = 10, .most = 1000, .forget = 1000});
  std::uint64_t until = 0;
  for (int strike = 0; strike < 3; ++strike) until = table.blocks.block(1, kSomebody, until);
  EXPECT_EQ(until, 70U);
  EXPECT_EQ(table.blocks.block(2, kSomebody, 100), 110U);
  for (std::uint64_t key = 3; key <= 8; ++key) table.blocks.block(key, kSomebody, 1195);
  table.blocks.block(9, kSomebody, 1200);                    // in the place of 2, whose only strike is forgotten
  EXPECT_EQ(table.blocks.block(1, kSomebody, 1200), 1240U);  // two of its three strikes are left
  EXPECT_EQ(table.blocks.block(3, kSomebody, 1206), 1226U);  // its second
  for (std::uint64_t key = 20; key < 25; ++key) table.blocks.block(key, kSomebody, 1206);
  for (const std::uint64_t key : {1U, 3U, 9U, 20U, 21U, 22U, 23U, 24U})
    EXPECT_TRUE(table.blocks.is_blocked(key, 1207)) << key;
  EXPECT_EQ(table.blocks.block(4, kSomebody, 1207), 1217U);  // drove out 9, and its own first strike was forgotten
  EXPECT_FALSE(table.blocks.is_blocked(9, 1207));
}

// A flood of addresses that are blocked once each, many times more than there is room for: they drive out each other,
// and nobody who has longer.
TEST(Blocks, VarietyDoesNotReleaseWhoIsBlockedForLong) {
  Table table(512);  // 4,096 places
  std::vector<std::uint64_t> persistent;
  std::uint64_t now = 0;
  for (std::uint64_t i = 0; i < 500; ++i) persistent.push_back(guard::keyed_hash(kKey, 7, i));
  for (int strike = 0; strike < 10; ++strike) {
    std::uint64_t last = now;
    for (const std::uint64_t key : persistent) last = std::max(last, table.blocks.block(key, kSomebody, now));
    if (strike < 9) now = last;
  }
  const std::uint64_t end = now + 500 * kSecond;  // they are blocked for 512 seconds
  for (std::uint64_t i = 0; now < end; ++i) {
    now += kSecond / 2000;
    const std::uint64_t key = guard::keyed_hash(kKey, 8, i);
    table.blocks.block(key, kSomebody, now);
    ASSERT_TRUE(table.blocks.is_blocked(key, now));
  }
  std::size_t still = 0;
  for (const std::uint64_t key : persistent) still += table.blocks.is_blocked(key, now) ? 1U : 0U;
  EXPECT_EQ(still, persistent.size());
}

}  // namespace
}  // namespace breakwater::test
