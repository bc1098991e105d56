// Guard: lists, who is one client, the door and blocks.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/guard/guard_fixture.h"

namespace breakwater::test {
namespace {

using guard::Address;
using guard::Answer;
using guard::Backlog;
using guard::Client;
using guard::End;
using guard::Entry;
using guard::Network;
using guard::NetworkList;
using guard::Reason;

class GuardDoor : public GuardRules {
 protected:
  // How many pieces of that size the guard takes from a new client, at most 1,000.
  int pieces_of(std::size_t bytes) {
    Client client;
    guard_.door(v4(1), now_, client);
    int count = 0;
    while (count < 1'000 && guard_.piece(client, bytes)) ++count;
    return count;
  }
};

TEST_F(GuardDoor, EveryReasonHasAName) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < guard::kReasons; ++i) names.insert(guard::reason_name(static_cast<Reason>(i)));
  EXPECT_EQ(names.size(), guard::kReasons);
  EXPECT_STREQ(guard::reason_name(Reason::QueueFull), "queue-full");
  EXPECT_STREQ(guard::reason_name(Reason::Rate), "rate");
}

TEST_F(GuardDoor, KeysAreNeverThoseOfAFreePlaceAndDiffer) {
  std::set<std::uint64_t> keys;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    keys.insert(guard_.key_of(guard::client_of(v4(i))));
    keys.insert(guard_.key_of(Network(Address{std::uint64_t{i} << 16, 0}, 64)));
    keys.insert(guard_.key_of(Network(Address{std::uint64_t{i} << 16, 0}, 48)));
  }
  EXPECT_EQ(keys.count(0), 0U);
  EXPECT_EQ(keys.size(), 3000U);
  guard::Ja4 one{}, other{};
  other.text.back() = 'x';
  EXPECT_NE(guard_.key_of(one), guard_.key_of(other));
}

// Who chooses addresses and does not know the key cannot aim at a set of a table, which the lowest bits tell.
TEST_F(GuardDoor, ChosenAddressesAreSpreadOverTheSets) {
  constexpr std::uint32_t kSets = 1024, kMany = 16'384;
  struct Choice {
    const char* name;
    std::function<Network(std::uint32_t)> network;
  };
  const Choice choices[] = {
      {"in a row", [](std::uint32_t i) { return guard::client_of(Address::v4(0x0a000000 + i)); }},
      {"a table apart", [](std::uint32_t i) { return guard::client_of(Address::v4(i * kSets)); }},
      {"/64s of a /48",
       [](std::uint32_t i) {
         return guard::client_of(Address{std::uint64_t{0x20010db800010000} + i, 0});
       }},
  };
  GuardTables other_tables(1);
  const guard::Guard other(other_tables.memory(), guard::SipKey{{0x0f1e2d3c4b5a6978, 0x8796a5b4c3d2e1f0}}, {});
  for (const Choice& choice : choices) {
    std::vector<std::uint32_t> counts(kSets), other_counts(kSets);
    std::uint32_t same = 0;
    for (std::uint32_t i = 0; i < kMany; ++i) {
      const Network network = choice.network(i);
      const std::size_t set = guard_.key_of(network) % kSets;
      const std::size_t other_set = other.key_of(network) % kSets;
      ++counts[set];
      ++other_counts[other_set];
      if (set == other_set) ++same;
    }
    // 16 in each on average; with random keys the fullest has 40 or more once in 3,000 tables.
    EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 40U) << choice.name;
    EXPECT_LT(*std::max_element(other_counts.begin(), other_counts.end()), 40U) << choice.name;
    EXPECT_LT(same, 64U) << choice.name << ": 16 are expected";
  }
}

// ---- lists

TEST_F(GuardDoor, TheDenyListIsRefusedAlways) {
  const Network deny[] = {guard::aggregate_of(v4(0))};
  guard_.use({}, kCosts, false, {}, NetworkList(deny));
  EXPECT_EQ(enter(v4(1)).refused, Reason::Denied);
  EXPECT_FALSE(client_.half_open);
  EXPECT_EQ(enter(Address::v4(0x0a000001)).refused, Reason::None);
  load();
  EXPECT_EQ(enter(v4(255)).refused, Reason::Denied);
}

TEST_F(GuardDoor, TheAllowListIsNeverJudged) {
  const Network allow[] = {guard::client_of(v4(7))}, deny[] = {guard::aggregate_of(v4(0))};
  limits_.half_open_of_address = 1;
  guard_.use(limits_, kCosts, false, NetworkList(allow), NetworkList(deny));
  load();
  guard_.set_crowded(true);
  guard_.blocks().block(guard_.key_of(guard::client_of(v4(7))), guard::client_of(v4(7)), now_);
  const Backlog full{.queued = 1'000 * kMs, .worst = guard::kRankFirst};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(enter(v4(7)).refused, Reason::None);
    ASSERT_TRUE(client_.trusted);
    for (int piece = 0; piece < 20; ++piece) ASSERT_TRUE(guard_.piece(client_, 1));
    const Answer answer = guard_.hello(client_, {.arithmetic = 10'000, .tls12 = true, .rsa = true}, full, now_);
    ASSERT_EQ(answer.refused, Reason::None);
    ASSERT_EQ(answer.rank, guard::kRankFirst);
    guard_.ended(client_, End::Gone, now_);
  }
  EXPECT_EQ(record_of(v4(7)), 0U);
  EXPECT_EQ(record_of(guard::aggregate_of(v4(7))), 0U);
  EXPECT_EQ(enter(v4(8)).refused, Reason::Denied);
}

// ---- who is one client

TEST_F(GuardDoor, TwoAddressesOfA64AreOneClient) {
  const Address one{0x20010db800010002, 1}, two{0x20010db800010002, 0xffff'ffff'ffff'ffff},
      other{0x20010db800010003, 1};
  handshake(one, {.arithmetic = 1'000});
  EXPECT_EQ(record_of(two), 1'000 + kCosts.connection);
  EXPECT_EQ(record_of(other), 0U);
  handshake(other, {.arithmetic = 1'000});
  EXPECT_EQ(record_of(guard::aggregate_of(one)), 2 * (1'000 + kCosts.connection)) << "a /48 is one network";
}

TEST_F(GuardDoor, MappedAddressesAreTheirIpv4Ones) {
  const std::uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9};
  handshake(Address::v6(mapped), {.arithmetic = 1'000});
  EXPECT_EQ(record_of(v4(9)), 1'000 + kCosts.connection);
  EXPECT_EQ(record_of(v4(8)), 0U);
  EXPECT_EQ(record_of(guard::aggregate_of(v4(8))), 1'000 + kCosts.connection);
  EXPECT_EQ(record_of(guard::aggregate_of(Address::v4(0xcb007200))), 0U) << "the /24 beside it";
}

// ---- the door

TEST_F(GuardDoor, InPeaceNobodyIsRefused) {
  const Backlog full{.queued = 1'000 * kMs, .worst = guard::kRankFirst};
  limits_.rsa_rate = limits_.tls12_rate = limits_.strikes = 1;
  use(limits_);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(enter(v4(1)).refused, Reason::None);
    for (int piece = 0; piece < 100; ++piece) ASSERT_TRUE(guard_.piece(client_, 1));
    const Answer answer = guard_.hello(
        client_, {.fingerprint = 1, .ticket = 2, .arithmetic = 3'000, .tls12 = true, .rsa = true, .can_retry = true},
        full, now_);
    ASSERT_EQ(answer.refused, Reason::None);
    ASSERT_FALSE(answer.retry);
    if (i % 4 != 0) guard_.ended(client_, End::Gone, now_);
  }
}

TEST_F(GuardDoor, UnderLoadWhoHasHadMostIsRefusedAtTheDoor) {
  limits_.network = ~0U;
  use(limits_);
  // Has had 300 times its share; another has had 200 times.
  handshake(v4(1), {.arithmetic = 300 * limits_.address});
  handshake(v4(2), {.arithmetic = 200 * limits_.address});
  load();
  EXPECT_EQ(enter(v4(1)).refused, Reason::Address);
  EXPECT_FALSE(client_.half_open);
  EXPECT_EQ(enter(v4(2)).refused, Reason::None);
  EXPECT_TRUE(client_.half_open);
  EXPECT_EQ(enter(v4(3)).refused, Reason::None);
  for (int step = 0; step < 3; ++step) guard_.note_delay(50 * kMs, now_ += 5 * kMs);
  EXPECT_EQ(enter(v4(2)).refused, Reason::Address);
  EXPECT_EQ(enter(v4(3)).refused, Reason::None);
}

// Many addresses of one owner, none of which has had very much: where the others of a network have had more than three
// times its share, a third of what anybody else may have is enough to be refused; a fourth never is, nor is one's
// share.
TEST_F(GuardDoor, UnderLoadTheNetworkCountsAtTheDoorAsWell) {
  limits_.network = 200 * limits_.address;
  use(limits_);
  const Address alone = Address::v4(0xc6336401);
  handshake(v4(1), {.arithmetic = 100 * limits_.address});
  handshake(alone, {.arithmetic = 100 * limits_.address});
  for (std::uint32_t other = 2; other <= 8; ++other) handshake(v4(other), {.arithmetic = 100 * limits_.address});
  handshake(v4(9), {.arithmetic = limits_.address / 2});
  handshake(v4(11), {.arithmetic = 60 * limits_.address});
  load();  // 256 times its share, for who has a network to himself
  EXPECT_EQ(enter(alone).refused, Reason::None);
  EXPECT_EQ(enter(v4(1)).refused, Reason::Address);
  EXPECT_EQ(enter(v4(9)).refused, Reason::None);
  EXPECT_EQ(enter(v4(10)).refused, Reason::None);
  for (std::uint32_t other = 12; other < 52; ++other) {
    guard_.hello(client_, {.arithmetic = 100 * limits_.address}, {}, now_);
  }
  EXPECT_EQ(enter(v4(11)).refused, Reason::None) << "not even when the others have had twenty times its share";
}

// An estimate does not know everything: what waits too long is load, however little there seems to be.
TEST_F(GuardDoor, WhatHasWaitedLongIsLoadAndDoesNotMoveTheLevel) {
  guard_.note_delay(0, now_, 30 * kMs);
  guard_.note_delay(0, now_ += guard::LoadLimits{}.lasting, 30 * kMs);
  EXPECT_TRUE(guard_.load().is_high());
  const std::uint64_t level = guard_.level().value();
  for (int step = 0; step < 40; ++step) guard_.note_delay(0, now_ += 5 * kMs, 500 * kMs);
  EXPECT_TRUE(guard_.load().is_high());
  EXPECT_GE(guard_.level().value(), level);
}

// What the level keeps out is load that is not seen: its end is not that of load.
TEST_F(GuardDoor, ThereIsLoadWhileTheLevelBinds) {
  load();
  for (int step = 0; step < 40; ++step) guard_.note_delay(50 * kMs, now_ += 5 * kMs);
  for (int step = 0; step < 300; ++step) guard_.note_delay(0, now_ += 5 * kMs);
  EXPECT_FALSE(guard_.load().is_high());
  EXPECT_TRUE(guard_.is_loaded());
  for (int step = 0; step < 1'000; ++step) guard_.note_delay(0, now_ += 5 * kMs);
  EXPECT_FALSE(guard_.is_loaded());
}

// Whoever is within its share comes in at any load.
TEST_F(GuardDoor, UnderLoadNobodyWithinItsShareIsRefusedAtTheDoor) {
  load();
  for (int step = 0; step < 200; ++step) guard_.note_delay(500 * kMs, now_ += 5 * kMs);
  handshake(v4(1), {.arithmetic = limits_.address - kCosts.connection});
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  handshake(v4(1), {.arithmetic = kArithmetic});
  EXPECT_EQ(enter(v4(1)).refused, Reason::Address);
}

TEST_F(GuardDoor, ARefusalAtTheDoorIsChargedWhatItCosts) {
  handshake(v4(1), {.arithmetic = 300 * limits_.address});
  load();
  const std::uint32_t before = record_of(v4(1));
  for (int i = 0; i < 10; ++i) enter(v4(1));
  EXPECT_EQ(record_of(v4(1)), before + 10 * kCosts.refusal);
}

TEST_F(GuardDoor, HalfOpenConnectionsAreLimitedWhileTheyCrowd) {
  limits_.half_open_of_address = 4;
  limits_.strikes = 0;
  use(limits_);
  Client clients[5];
  for (Client& client : clients) EXPECT_EQ(guard_.door(v4(1), now_, client).refused, Reason::None);
  guard_.set_crowded(true);
  EXPECT_EQ(enter(v4(1)).refused, Reason::HalfOpen);
  EXPECT_EQ(enter(v4(2)).refused, Reason::None);
  guard_.ended(clients[0], End::Completed, now_);
  EXPECT_EQ(enter(v4(1)).refused, Reason::HalfOpen);
  guard_.ended(clients[0], End::Completed, now_);  // counts once
  EXPECT_EQ(enter(v4(1)).refused, Reason::HalfOpen);
  guard_.ended(clients[1], End::Stalled, now_);
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  EXPECT_EQ(enter(v4(1)).refused, Reason::HalfOpen);
  guard_.set_crowded(false);
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
}

TEST_F(GuardDoor, HellosInManyPiecesAreRefusedWhereThereIsANeedToCare) {
  const auto pieces = [&] { return pieces_of(100); };
  EXPECT_EQ(pieces(), 1'000);
  guard_.set_crowded(true);
  EXPECT_EQ(pieces(), limits_.pieces);
  guard_.set_crowded(false);
  EXPECT_EQ(pieces(), 1'000);
  // More pieces than a byte counts, before there was a need to care.
  enter(v4(1));
  for (int piece = 0; piece < 260; ++piece) guard_.piece(client_, 100);
  load();
  EXPECT_FALSE(guard_.piece(client_, 100));
  EXPECT_EQ(pieces(), limits_.pieces);
}

TEST_F(GuardDoor, WhoTricklesIsKnownBeforeThereIsANeedToCare) {
  enter(v4(1));
  for (int piece = 0; piece < 4; ++piece) {
    EXPECT_TRUE(guard_.piece(client_, 1));
    EXPECT_FALSE(guard_.trickles(client_)) << piece;
  }
  EXPECT_TRUE(guard_.piece(client_, 1));
  EXPECT_TRUE(guard_.trickles(client_));
  EXPECT_TRUE(guard_.piece(client_, 1'000));
  EXPECT_FALSE(guard_.trickles(client_)) << "it is the average that counts";
  enter(v4(1));
  for (int piece = 0; piece < limits_.pieces; ++piece) EXPECT_TRUE(guard_.piece(client_, 1'000));
  EXPECT_FALSE(guard_.trickles(client_));
  EXPECT_TRUE(guard_.piece(client_, 1'000));
  EXPECT_TRUE(guard_.trickles(client_)) << "so many, of whatever size";
  client_.trusted = true;
  EXPECT_FALSE(guard_.trickles(client_));
}

TEST_F(GuardDoor, HellosInSmallPiecesAreRefusedWhereThereIsANeedToCare) {
  const std::size_t enough = limits_.piece_bytes;
  EXPECT_EQ(pieces_of(1), 1'000);
  guard_.set_crowded(true);
  EXPECT_EQ(pieces_of(1), 4) << "the network may have cut it";
  EXPECT_EQ(pieces_of(enough - 1), 4);
  EXPECT_EQ(pieces_of(enough), limits_.pieces);
  // It is the average that counts, and what came before there was a need to care counts as well.
  guard_.set_crowded(false);
  enter(v4(1));
  EXPECT_TRUE(guard_.piece(client_, 4 * enough));
  for (int piece = 0; piece < 4; ++piece) EXPECT_TRUE(guard_.piece(client_, 0));
  guard_.set_crowded(true);
  EXPECT_FALSE(guard_.piece(client_, 2 * enough - 1));
  EXPECT_TRUE(guard_.piece(client_, enough + 1));
  // More bytes than are counted.
  enter(v4(1));
  EXPECT_TRUE(guard_.piece(client_, ~std::size_t{0} / 2));
  for (int piece = 1; piece < limits_.pieces; ++piece) EXPECT_TRUE(guard_.piece(client_, 1));
  EXPECT_FALSE(guard_.piece(client_, 1));
}

// ---- blocks

class GuardBlocks : public GuardRules {
 protected:
  void refuse(std::uint32_t times) {
    for (std::uint32_t i = 0; i < times; ++i) guard_.ended(refused_client(), End::Refused, now_);
  }
  Client& refused_client() {
    static Client client;
    client = {};
    client.address = guard_.key_of(guard::client_of(v4(1)));
    client.network = guard_.key_of(guard::aggregate_of(v4(1)));
    return client;
  }
  bool is_blocked(const Address& address) {
    return guard_.blocks().is_blocked(guard_.key_of(guard::client_of(address)), now_);
  }
};

// A machine that measures a server all alone must not be shut out of an idle one.
TEST_F(GuardBlocks, NobodyIsWithoutSomebodyToProtect) {
  guard::GuardLimits limits;
  ASSERT_GT(limits.fair_for_blocks, 0U);
  use(limits);
  refuse(limits.strikes);
  load();
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  // Clients within their share, one handshake each, in networks of their own.
  for (std::uint32_t i = 0, cost = 0; cost < limits.fair_for_blocks; ++i, cost += kArithmetic) {
    handshake(Address::v4(0x0a000001 + (i << 8)), {.fingerprint = 77, .arithmetic = kArithmetic});
  }
  EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked);
}

TEST_F(GuardBlocks, InACrowdThereIsAlwaysSomebody) {
  use({});
  refuse(limits_.strikes);
  guard_.set_crowded(true);
  EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked);
}

TEST_F(GuardBlocks, WhoGoesOnAfterRefusalsIsBlockedWhileThereIsLoad) {
  refuse(limits_.strikes - 1);
  load();
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  refuse(1);
  EXPECT_FALSE(is_blocked(v4(1))) << "not before it comes again";
  EXPECT_EQ(enter(v4(2)).refused, Reason::None);
  const Entry entry = enter(v4(1));
  EXPECT_EQ(entry.refused, Reason::Blocked);
  ASSERT_NE(entry.blocked, nullptr);
  EXPECT_EQ(entry.blocked->until, now_ + 1'000 * kMs);
  EXPECT_EQ(entry.blocked->network, client_of(v4(1)));
  EXPECT_TRUE(is_blocked(v4(1)));
  EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked);
  EXPECT_EQ(enter(v4(1)).blocked, nullptr) << "told once";
  const std::uint32_t before = record_of(v4(1));
  for (int i = 0; i < 10; ++i) enter(v4(1));
  EXPECT_EQ(record_of(v4(1)), before + 10 * kCosts.refusal);
  EXPECT_EQ(enter(v4(2)).refused, Reason::None);
  EXPECT_EQ(enter(Address::v4(0xcb007101)).refused, Reason::Blocked) << "the same address";
}

TEST_F(GuardBlocks, InPeaceNobodyIs) {
  refuse(10 * limits_.strikes);
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  guard_.set_crowded(true);
  EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked);
}

TEST_F(GuardBlocks, NobodyIsWhereStrikesAreOff) {
  limits_.strikes = 0;
  use(limits_);
  refuse(1'000);
  load();
  EXPECT_EQ(enter(v4(1)).refused, Reason::None);
}

// At the door too, refusals are counted.
TEST_F(GuardBlocks, RefusalsAtTheDoorCount) {
  handshake(v4(1), {.arithmetic = 1'000 * limits_.address});
  load();
  for (std::uint32_t i = 0; i < limits_.strikes; ++i) ASSERT_EQ(enter(v4(1)).refused, Reason::Address) << i;
  EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked);
}

// Refusals that lie back do not count, so whoever is refused now and then is not blocked.
TEST_F(GuardBlocks, OldRefusalsAreForgotten) {
  load();
  for (int second = 0; second < 60; ++second) {
    refuse(20);
    now_ += 1'000 * kMs;
    load();
    ASSERT_EQ(enter(v4(1)).refused, Reason::None) << second;
  }
}

TEST_F(GuardBlocks, TimeReleasesAndTheNextIsTwiceAsLong) {
  load();
  for (const std::uint64_t seconds : {1U, 2U, 4U, 8U, 16U}) {
    refuse(2 * limits_.strikes);
    load();
    const Entry entry = enter(v4(1));
    ASSERT_NE(entry.blocked, nullptr);
    ASSERT_EQ(entry.blocked->until, now_ + seconds * 1'000 * kMs);
    now_ = entry.blocked->until - 1;
    EXPECT_EQ(enter(v4(1)).refused, Reason::Blocked) << "in peace too";
    now_ += 5'000 * kMs;
    EXPECT_EQ(enter(v4(1)).refused, Reason::None);
  }
}

}  // namespace
}  // namespace breakwater::test
