// Guard: ranks and refusals at the hello, tickets, what an end costs, cookies, rates of kinds.
#include <gtest/gtest.h>

#include <random>

#include "tests/guard/guard_fixture.h"

namespace breakwater::test {
namespace {

using guard::Address;
using guard::Answer;
using guard::Ask;
using guard::Client;
using guard::End;
using guard::Reason;

using GuardHello = GuardRules;

// ---- the hello

TEST_F(GuardHello, WhatComesFirst) {
  EXPECT_EQ(rank(v4(1), {.arithmetic = kArithmetic}), guard::kRankFair);
  EXPECT_EQ(rank(v4(1), {.ticket = 5, .arithmetic = 40}), guard::kRankFirst);
}

TEST_F(GuardHello, WhatCostsMoreOrIsWorthLessComesLater) {
  const auto of = [&](Ask ask) {
    ask.arithmetic = 10;
    return rank(v4(1), ask);
  };
  EXPECT_EQ(of({}), guard::kRankFair);
  EXPECT_EQ(of({.rsa = true}), guard::kRankFair + 1);
  EXPECT_EQ(of({.tls12 = true}), guard::kRankFair + 1);
  EXPECT_EQ(of({.unknown_name = true}), guard::kRankFair + 1);
  EXPECT_EQ(of({.generator_share = true}), guard::kRankFair + 2);
  EXPECT_EQ(of({.tls12 = true, .rsa = true, .unknown_name = true, .generator_share = true}), guard::kRankFair + 5);
  EXPECT_EQ(of({.ticket = 9, .tls12 = true, .unknown_name = true}), guard::kRankFirst) << "resumptions are none of it";
  handshake(v4(1), {.arithmetic = 1'000 * limits_.address});
  EXPECT_EQ(of({.tls12 = true, .rsa = true, .unknown_name = true, .generator_share = true}), guard::kRankLowest);
}

TEST_F(GuardHello, RankByAddressNetworkFingerprintAndHost) {
  const auto ratio = [](std::uint32_t share, std::uint32_t times) { return share * times - kCosts.connection; };
  // The address.
  EXPECT_EQ(rank(v4(1), {.arithmetic = ratio(limits_.address, 8)}), guard::kRankHeavy - 1);
  EXPECT_EQ(rank(v4(1), {.arithmetic = ratio(limits_.address, 4)}), guard::kRankHeavy);
  EXPECT_EQ(rank(v4(2), {}), guard::kRankFair) << "its neighbour";
  // The network: many addresses that are within their shares.
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; used <= 2 * limits_.network; ++i) {
    handshake(Address::v4(0x0a000000 + i % 256), {.arithmetic = 1'000});
    used += 1'000 + kCosts.connection;
    if (i == 255) now_ += 1;  // time does not matter here
  }
  EXPECT_GT(rank(Address::v4(0x0a0000ff), {}), guard::kRankFair);
  EXPECT_EQ(rank(Address::v4(0x0a000100), {}), guard::kRankFair) << "the network beside it";
  // The fingerprint, from everywhere.
  use(limits_, true);
  for (std::uint32_t i = 0; i < 100; ++i) {
    handshake(Address::v4(0x0b000000 + 256 * i), {.fingerprint = 77, .arithmetic = limits_.fingerprint / 25});
  }
  EXPECT_GE(rank(Address::v4(0x0c000000), {.fingerprint = 77, .host = 1}), guard::kRankFair + 4);
  EXPECT_EQ(rank(Address::v4(0x0c000000), {.fingerprint = 78, .host = 1}), guard::kRankFair);
  // The host: it has had what the fingerprint has had, and has twice the share.
  EXPECT_GE(rank(Address::v4(0x0c000000), {.fingerprint = 78}), guard::kRankFair + 2);
  use(limits_, false);
  EXPECT_EQ(rank(Address::v4(0x0c000000), {.fingerprint = 78}), guard::kRankFair);
}

TEST_F(GuardHello, AFullQueueTakesOnlyBetterOnes) {
  const auto ask_with = [&](std::uint64_t queued, guard::Rank worst, const Ask& ask) {
    Client client;
    EXPECT_EQ(guard_.door(v4(1), now_, client).refused, Reason::None);
    const Answer answer = guard_.hello(client, ask, {.queued = queued, .most = 250 * kMs, .worst = worst}, now_);
    guard_.ended(client, End::Ours, now_);
    return answer.refused;
  };
  EXPECT_EQ(ask_with(251 * kMs, guard::kRankFair, {}), Reason::None) << "in peace";
  load();
  EXPECT_EQ(ask_with(250 * kMs, guard::kRankFair, {}), Reason::None);
  EXPECT_EQ(ask_with(251 * kMs, guard::kRankFair, {}), Reason::QueueFull);
  EXPECT_EQ(ask_with(251 * kMs, guard::kRankFair + 1, {}), Reason::None);
  EXPECT_EQ(ask_with(251 * kMs, guard::kRankFair + 1, {.rsa = true}), Reason::QueueFull);
  EXPECT_EQ(ask_with(251 * kMs, guard::kRankFair, {.ticket = 1}), Reason::None);
}

// ---- tickets

TEST_F(GuardHello, ABrowserMayUseATicketEightTimesAtOnce) {
  for (int i = 0; i < 8; ++i) EXPECT_EQ(rank(v4(1), {.ticket = 5, .arithmetic = 40}), guard::kRankFirst) << i;
}

TEST_F(GuardHello, AUsedUpTicketIsWorthLessThanNoneWhoeverBringsIt) {
  for (std::uint32_t i = 0; i < 100; ++i) rank(Address::v4(0x0b000000 + 256 * i), {.ticket = 5, .arithmetic = 40});
  EXPECT_GT(rank(v4(1), {.ticket = 5, .arithmetic = 40}), guard::kRankHeavy);
  EXPECT_EQ(rank(v4(1), {.ticket = 6, .arithmetic = 40}), guard::kRankFirst);
  EXPECT_EQ(rank(v4(1), {.arithmetic = 40}), guard::kRankFair);
  now_ += 20'000 * kMs;  // and as time goes by it may be used again
  EXPECT_EQ(rank(v4(1), {.ticket = 5, .arithmetic = 40}), guard::kRankFirst);
}

TEST_F(GuardHello, ATicketDoesNotHelpWhoHasHadTooMuch) {
  handshake(v4(1), {.arithmetic = 10 * limits_.address});
  EXPECT_GE(rank(v4(1), {.ticket = 5, .arithmetic = 40}), guard::kRankHeavy);
}

// Whoever comes back does not use up what new clients of the same software may have.
TEST_F(GuardHello, ResumptionsAreNotChargedToTheirSoftware) {
  handshake(v4(1), {.fingerprint = 77, .ticket = 5, .arithmetic = 40});
  EXPECT_EQ(guard_.groups().of(77, now_), 0U);
  handshake(v4(1), {.fingerprint = 77, .arithmetic = 40});
  EXPECT_EQ(guard_.groups().of(77, now_), 40 + kCosts.connection);
}

// ---- the end

TEST_F(GuardHello, WhatAnEndCosts) {
  const auto charged = [&](End end) {
    now_ += 100'000 * kMs;
    handshake(v4(1), {.fingerprint = 77, .arithmetic = kArithmetic}, end);
    const std::uint32_t cost = record_of(v4(1));
    EXPECT_EQ(record_of(guard::aggregate_of(v4(1))), cost);
    EXPECT_EQ(guard_.groups().of(77, now_), cost);
    return cost;
  };
  constexpr std::uint32_t kCost = kArithmetic + kCosts.connection;
  EXPECT_EQ(charged(End::Completed), kCost);
  EXPECT_EQ(charged(End::Ours), kCost);
  EXPECT_EQ(charged(End::Failed), kCost + kCosts.connection);
  EXPECT_EQ(charged(End::Refused), kCost + kCosts.connection);
  EXPECT_EQ(charged(End::Gone), kCost * (1 + kCosts.gone_factor));
  EXPECT_EQ(charged(End::Stalled), kCost + kCosts.stalled);
}

TEST_F(GuardHello, WhoStallsBeforeTheHelloIsChargedToo) {
  enter(v4(1));
  guard_.ended(client_, End::Stalled, now_);
  EXPECT_EQ(record_of(v4(1)), kCosts.stalled);
  EXPECT_GT(rank(v4(1), {.arithmetic = kArithmetic}), guard::kRankFair);
}

TEST_F(GuardHello, WhoIsNotJudgedIsNotCharged) {
  Client nobody;
  EXPECT_EQ(guard_.hello(nobody, {.fingerprint = 77, .arithmetic = 1'000}, {}, now_).rank, guard::kRankFirst);
  guard_.ended(nobody, End::Stalled, now_);
  EXPECT_EQ(guard_.groups().of(77, now_), 0U);
}

// ---- cookies

class GuardRetry : public GuardRules {
 protected:
  // Under load, from addresses that nobody has seen.
  bool retries(Ask ask, bool loaded = true) {
    if (loaded) load();
    ask.fingerprint = 77;
    ask.arithmetic = kArithmetic;
    return handshake(Address::v4(0x0d000000 + 256 * ++fresh_), ask, End::Ours).retry;
  }
  void leave(int times, End end = End::Gone) {
    for (int i = 0; i < times; ++i) {
      handshake(Address::v4(0x0e000000 + 256 * ++fresh_), {.fingerprint = 77, .arithmetic = kArithmetic}, end);
    }
  }
  static constexpr Ask kDoubtful{.tls12 = true, .can_retry = true};  // one step down
  std::uint32_t fresh_ = 0;
};

TEST_F(GuardRetry, SoftwareThatLeavesHasToShowThatItReads) {
  EXPECT_FALSE(retries(kDoubtful));
  leave(8);
  EXPECT_FALSE(retries(kDoubtful)) << "eight may be chance";
  leave(1);
  EXPECT_TRUE(retries(kDoubtful));
  leave(10, End::Completed);
  EXPECT_FALSE(retries(kDoubtful)) << "most complete";
  leave(2);
  EXPECT_TRUE(retries(kDoubtful));
}

TEST_F(GuardRetry, OnlyOnceAndWhereItHelps) {
  leave(20);
  now_ += 3'000 * kMs;  // what it has cost is forgotten before what it is like
  EXPECT_FALSE(retries(kDoubtful, false)) << "in peace";
  EXPECT_TRUE(retries(kDoubtful));
  Ask ask = kDoubtful;
  ask.can_retry = false;
  EXPECT_FALSE(retries(ask));
  ask = kDoubtful;
  ask.retried = true;
  EXPECT_FALSE(retries(ask));
  ask = kDoubtful;
  ask.ticket = 5;
  EXPECT_FALSE(retries(ask));
  ask = kDoubtful;
  ask.tls12 = false;
  EXPECT_FALSE(retries(ask)) << "within its share";
  ask.fingerprint = 77;
  handshake(v4(1), {.arithmetic = 3 * limits_.address});
  EXPECT_TRUE(handshake(v4(1), ask, End::Ours).retry) << "beyond it";
  ask.ticket = 5;
  EXPECT_FALSE(handshake(v4(1), ask, End::Ours).retry) << "but with a ticket";
  limits_.retry = false;
  use(limits_);
  EXPECT_FALSE(retries(kDoubtful));
}

TEST_F(GuardRetry, ArithmeticIsChargedOnce) {
  leave(20);
  load();
  Ask ask = kDoubtful;
  ask.fingerprint = 77;
  ask.arithmetic = kArithmetic;
  enter(v4(9));
  EXPECT_TRUE(guard_.hello(client_, ask, {}, now_).retry);
  const std::uint32_t first = guard_.clients().of(client_.address, now_);
  EXPECT_GE(first, kArithmetic);
  ask.retried = true;
  EXPECT_EQ(guard_.hello(client_, ask, {}, now_).refused, Reason::None);
  EXPECT_LT(guard_.clients().of(client_.address, now_) - first, kArithmetic / 2);

  enter(v4(10));
  ask.retried = false;
  ask.arithmetic = 0;  // no share that we could use: nothing is computed for its first hello
  guard_.hello(client_, ask, {}, now_);
  const std::uint32_t without = guard_.clients().of(client_.address, now_);
  ask.retried = true;
  ask.arithmetic = kArithmetic;
  guard_.hello(client_, ask, {}, now_);
  EXPECT_GE(guard_.clients().of(client_.address, now_) - without, kArithmetic);
}

TEST_F(GuardRetry, ReputationsFade) {
  leave(20);
  EXPECT_TRUE(retries(kDoubtful));
  now_ += 120'000 * kMs;  // two half-lives: five are left
  EXPECT_FALSE(retries(kDoubtful));
}

// ---- rates of kinds

class GuardRates : public GuardRules {
 protected:
  // How many of these are served in a second, of 20,000 that ask in vain or not, from everywhere.
  double served(const Ask& ask, bool loaded) {
    int served = 0;
    for (int i = 0; i < 3 * 20'000; ++i) {
      now_ += 50'000;
      if (loaded) load();
      Client client;
      guard_.door(Address::v4(0x0d000000 + 256 * ++fresh_), now_, client);
      const Reason refused = guard_.hello(client, ask, {}, now_).refused;
      EXPECT_TRUE(refused == Reason::None || refused == Reason::Rate);
      served += i >= 20'000 && refused == Reason::None ? 1 : 0;  // without the first second
      guard_.ended(client, End::Ours, now_);
    }
    return served / 2.0;
  }
  std::uint32_t fresh_ = 0;
};

TEST_F(GuardRates, HoldUnderLoadOnly) {
  limits_.rsa_rate = 1'000;
  limits_.tls12_rate = 30;
  use(limits_);
  EXPECT_EQ(served({.tls12 = true, .rsa = true}, false), 20'000);
  EXPECT_NEAR(served({.rsa = true}, true), 1'000, 50);
  EXPECT_NEAR(served({.tls12 = true}, true), 30, 3);
  EXPECT_NEAR(served({.tls12 = true, .rsa = true}, true), 30, 3);
  EXPECT_EQ(served({}, true), 20'000) << "not meant";
  EXPECT_EQ(served({.rsa = false, .unknown_name = true}, true), 20'000);
}

TEST_F(GuardRates, NoneIsNoLimit) { EXPECT_EQ(served({.tls12 = true, .rsa = true}, true), 20'000); }

TEST_F(GuardRates, ResumptionsAreFree) {
  limits_.rsa_rate = limits_.tls12_rate = 1;
  use(limits_);
  load();
  for (std::uint64_t ticket = 1; ticket < 1'000; ++ticket) {
    enter(Address::v4(0x0d000000 + 256 * ++fresh_));
    EXPECT_EQ(guard_.hello(client_, {.ticket = ticket, .tls12 = true, .rsa = true}, {}, now_).refused, Reason::None);
  }
}

// What is said to be refused whatever software sent it is refused with any, and with none; and whoever is refused by
// rates, or within a queue that is full by what its address has had, is said to be.
TEST_F(GuardRates, WhoIsRefusedAnywayIsRefused) {
  limits_.rsa_rate = 50;
  limits_.strikes = 0;
  use(limits_);
  load();
  std::mt19937_64 random(7);
  std::size_t anyway = 0, otherwise = 0;
  for (int i = 0; i < 20'000; ++i) {
    now_ += 50'000;
    guard_.note_delay(30 * kMs, now_);
    if (enter(Address::v4(0x0e000000 + 256 * static_cast<std::uint32_t>(random() % 100))).refused != Reason::None)
      continue;
    const Ask ask{
        .arithmetic = static_cast<std::uint32_t>(random() % 400), .tls12 = random() % 2 == 0, .rsa = random() % 4 == 0};
    const guard::Backlog backlog{.queued = random() % 400 * kMs, .worst = static_cast<guard::Rank>(random() % 10)};
    const bool said = guard_.is_refused_anyway(client_, ask, backlog, now_);
    Ask seen = ask;
    if (!said) seen.fingerprint = 1 + random() % 3;
    const Reason reason = guard_.hello(client_, seen, backlog, now_).refused;
    (said ? anyway : otherwise) += reason != Reason::None;
    if (said) {
      ASSERT_NE(reason, Reason::None) << i;
    } else {
      ASSERT_NE(reason, Reason::Rate) << i;
    }
  }
  EXPECT_GT(anyway, 1'000U);
  EXPECT_GT(otherwise, 100U);
}

// It asks, and charges nothing.
TEST_F(GuardRates, AskingChargesNothing) {
  limits_.rsa_rate = 1;
  use(limits_);
  load();
  enter(v4(1));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(guard_.is_refused_anyway(client_, {.rsa = true}, {}, now_));
  EXPECT_EQ(record_of(v4(1)), 0U);
  EXPECT_EQ(guard_.hello(client_, {.rsa = true}, {}, now_).refused, Reason::None);
  guard_.hello(client_, {.rsa = true}, {}, now_);
  EXPECT_TRUE(guard_.is_refused_anyway(client_, {.rsa = true}, {}, now_));
  EXPECT_FALSE(guard_.is_refused_anyway(client_, {.ticket = 5, .rsa = true}, {}, now_)) << "a ticket may be good";
}

}  // namespace
}  // namespace breakwater::test
