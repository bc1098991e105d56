// The judge of the public API, and what its ranks do to the queue of jobs.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

class JudgeOfWorker : public testing::Test, protected Judge {
 protected:
  struct Peer {
    std::unique_ptr<Client> client;
    std::unique_ptr<ServerEnd> server;
    int number = 0;
  };

  void SetUp() override { worker_.set_judge(this); }
  void TearDown() override {
    peers_.clear();
    worker_.set_judge(nullptr);
  }

  Judgement judge(Connection& connection, const Hello& hello) noexcept override {
    judged_ = &connection;
    name_ = hello.server_name;
    fingerprint_ = std::string(hello.ja4().data(), hello.ja4().size());
    last_ = hello;
    return judgement_;
  }

  Script script(bool tls13 = true) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.now_ms = kNow;
    script.seed = ++seed_;
    return script;
  }

  // A connection that waits for its first jobs under this rank, since `when`.
  Peer& waiting(std::uint8_t rank, bool rsa = false, std::uint64_t when = kNow, bool tls13 = true) {
    worker_.prepare();
    Script by = script(tls13);
    if (rsa) by.offer.schemes = {0x0804};
    if (rsa) by.offer.suites = {0x1301, 0xC02F};
    judgement_ = {Verdict::Proceed, rank};
    Peer peer{std::make_unique<Client>(by), std::make_unique<ServerEnd>(worker_, *server_),
              static_cast<int>(peers_.size())};
    EXPECT_EQ(peer.server->give(peer.client->start(), when), Event::WantJobs);
    return peers_.emplace_back(std::move(peer));
  }

  int number_of(const Connection& connection) {
    for (const Peer& peer : peers_) {
      if (!peer.server->closed() && &peer.server->connection() == &connection) return peer.number;
    }
    return -1;
  }

  // The order in which slices name the connections.
  std::vector<int> run() {
    std::vector<int> order;
    while (worker_.jobs_waiting()) {
      worker_.run_some_jobs([&](Connection& ready) {
        order.push_back(number_of(ready));
        EXPECT_NE(ServerEnd::of(ready).resume(), Event::Failed);
      });
    }
    return order;
  }
  std::vector<int> withdraw(std::uint64_t before_ms, std::uint64_t most_ns) {
    std::vector<int> order;
    worker_.withdraw_jobs(before_ms, most_ns, [&](Connection& connection) {
      order.push_back(number_of(connection));
      ServerEnd::of(connection).close();
    });
    return order;
  }

  ServerPtr server_ = server_of(options_for(Keys::Both));
  Worker worker_{server_};
  Judgement judgement_;
  std::vector<Peer> peers_;
  Connection* judged_ = nullptr;
  std::string name_, fingerprint_;
  Hello last_{nullptr};
  std::uint64_t seed_ = 0;
};

using Order = std::vector<int>;

TEST_F(JudgeOfWorker, SeesTheHello) {
  Peer& peer = waiting(0);
  EXPECT_EQ(judged_, &peer.server->connection());
  EXPECT_EQ(last_.version, Version::Tls13);
  EXPECT_EQ(last_.signature, SignatureKind::Ecdsa);
  EXPECT_EQ(name_, "ecdsa.example");
  EXPECT_TRUE(last_.known_name);
  EXPECT_FALSE(last_.resumed);
  EXPECT_TRUE(last_.can_retry);
  EXPECT_EQ(fingerprint_.substr(0, 4), "t13d");
  const std::uint32_t ecdsa = last_.cost_ns;
  EXPECT_GT(ecdsa, 0U);
  waiting(0, true);
  EXPECT_EQ(last_.signature, SignatureKind::Rsa);
  EXPECT_GT(last_.cost_ns, ecdsa) << "an RSA signature is charged what it costs";
  waiting(0, false, kNow, false);
  EXPECT_EQ(last_.version, Version::Tls12);
}

TEST_F(JudgeOfWorker, SeesTickets) {
  Both first(worker_, *server_, script());
  ASSERT_TRUE(first.client.connected());
  const std::uint32_t full = last_.cost_ns;
  Script by = script();
  by.offer.sessions = {first.client.sessions().at(0)};
  Both second(worker_, *server_, by);
  ASSERT_TRUE(second.client.connected());
  EXPECT_TRUE(last_.resumed);
  EXPECT_NE(last_.ticket_id, 0U);
  EXPECT_EQ(last_.signature, SignatureKind::None);
  EXPECT_LT(last_.cost_ns, full);
}

TEST_F(JudgeOfWorker, Refuses) {
  judgement_.verdict = Verdict::Refuse;
  Client client(script());
  ServerEnd server(worker_, *server_);
  EXPECT_EQ(server.give(client.start()), Event::Failed);
  EXPECT_EQ(server.connection().failure().cause, FailureCause::Refused);
  EXPECT_EQ(alert_name(server.connection().failure().alert), "internal_error");
  client.receive(server.take_output());
  ASSERT_TRUE(client.alert());
  EXPECT_FALSE(worker_.jobs_waiting());
  EXPECT_EQ(worker_.queued_ns(), 0U);
}

// So that it can be counted what was refused.
TEST_F(JudgeOfWorker, WhatWasRefusedIsKnown) {
  Both first(worker_, *server_, script());
  ASSERT_TRUE(first.client.connected());
  judgement_.verdict = Verdict::Refuse;
  for (const bool tls13 : {true, false}) {
    Client client(script(tls13));
    ServerEnd server(worker_, *server_);
    EXPECT_EQ(server.give(client.start()), Event::Failed);
    const auto facts = server.connection().facts();
    EXPECT_EQ(facts.version, tls13 ? Version::Tls13 : Version::Tls12);
    EXPECT_EQ(facts.signature_scheme, "ecdsa_secp256r1_sha256");
    EXPECT_FALSE(facts.resumed);
  }
  Script by = script();
  by.offer.sessions = {first.client.sessions().at(0)};
  Client client(by);
  ServerEnd server(worker_, *server_);
  EXPECT_EQ(server.give(client.start()), Event::Failed);
  EXPECT_TRUE(server.connection().facts().resumed);
  EXPECT_EQ(server.connection().facts().signature_scheme, "");
}

TEST_F(JudgeOfWorker, AsksForACookie) {
  judgement_.verdict = Verdict::Retry;
  Both both(worker_, *server_, script());
  EXPECT_TRUE(both.client.connected()) << both.client.error();
  EXPECT_TRUE(both.server.connection().facts().hello_retry);
  EXPECT_TRUE(last_.retried);
}

TEST_F(JudgeOfWorker, BetterRanksGoFirst) {
  worker_.set_slices({.time_us = 1});  // one at a time, or eight
  for (const int rank : {3, 1, 2, 1, 0, 15, 200}) waiting(static_cast<std::uint8_t>(rank));
  EXPECT_EQ(run(), (Order{4, 1, 3, 2, 0, 5, 6}));
}

TEST_F(JudgeOfWorker, TheNewestOfARankGoesFirstWhereAskedFor) {
  worker_.set_slices({.time_us = 1, .newest_first = true});
  for (const int rank : {1, 0, 1, 0, 1}) waiting(static_cast<std::uint8_t>(rank));
  EXPECT_EQ(run(), (Order{3, 1, 4, 2, 0}));
}

TEST_F(JudgeOfWorker, SlicesTakeAFewRsaSignaturesAtATime) {
  worker_.set_slices({.most_rsa = 2});
  for (int i = 0; i < 6; ++i) waiting(0, true);
  std::size_t named = 0;
  worker_.run_some_jobs([&](Connection& ready) {
    ++named;
    ServerEnd::of(ready).resume();
  });
  EXPECT_EQ(named, 2U);
}

TEST_F(JudgeOfWorker, QueuedTimeIsCounted) {
  waiting(0);
  const std::uint64_t one = worker_.queued_ns();
  EXPECT_GT(one, 0U);
  waiting(2);
  EXPECT_EQ(worker_.queued_ns(), 2 * one);
  waiting(0, true);
  EXPECT_GT(worker_.queued_ns(), 3 * one);
  peers_[2].server->close();
  EXPECT_EQ(worker_.queued_ns(), 2 * one);
  run();
  EXPECT_EQ(worker_.queued_ns(), 0U);
}

// How long the queue takes is told by how full its lanes will be: one alone in a run has to pay for all of it.
TEST_F(JudgeOfWorker, WaitingTimeIsThatOfTheLaneRuns) {
  EXPECT_EQ(worker_.waiting().work_ns, 0U);
  waiting(0);
  const std::uint64_t alone = worker_.waiting().work_ns;
  EXPECT_GE(alone, worker_.queued_ns());
  for (int i = 1; i < 8; ++i) {
    const std::uint64_t before = worker_.waiting().work_ns;
    waiting(static_cast<std::uint8_t>(i));
    EXPECT_GE(worker_.waiting().work_ns, before);
  }
  // Eight fill their lanes; what is lost of a share is less than a nanosecond for each operation.
  EXPECT_NEAR(static_cast<double>(worker_.waiting().work_ns), static_cast<double>(worker_.queued_ns()), 32);
  EXPECT_LE(worker_.waiting().work_ns, 8 * alone);
  for (std::size_t i = 0; i < 7; ++i) peers_[i].server->close();
  EXPECT_EQ(worker_.waiting().work_ns, alone);
  run();
  EXPECT_EQ(worker_.waiting().work_ns, 0U);
}

TEST_F(JudgeOfWorker, WaitingSinceIsOfTheOldestOfTheBestRank) {
  EXPECT_EQ(worker_.waiting().since_ms, 0U);
  waiting(3, false, kNow);
  EXPECT_EQ(worker_.waiting().since_ms, kNow);
  waiting(2, true, kNow + 9);
  EXPECT_EQ(worker_.waiting().since_ms, kNow + 9) << "a better rank, whatever it waits for";
  withdraw(0, ~std::uint64_t{0});  // what came so far counts as the older half of the queue
  waiting(2, false, kNow + 5);
  EXPECT_EQ(worker_.waiting().since_ms, kNow + 5) << "the oldest of two queues";
  peers_[2].server->close();
  EXPECT_EQ(worker_.waiting().since_ms, kNow + 9);
  run();
  EXPECT_EQ(worker_.waiting().since_ms, 0U);
}

TEST_F(JudgeOfWorker, WhoHasWaitedTooLongIsWithdrawn) {
  waiting(1, false, kNow);
  waiting(3, true, kNow + 5);
  waiting(3, false, kNow + 10);
  EXPECT_EQ(withdraw(kNow, ~std::uint64_t{0}), (Order{}));
  const Order gone = withdraw(kNow + 6, ~std::uint64_t{0});
  EXPECT_EQ(std::set<int>(gone.begin(), gone.end()), (std::set<int>{0, 1}));
  EXPECT_EQ(run(), (Order{2}));
  EXPECT_EQ(worker_.queued_ns(), 0U);
}

TEST_F(JudgeOfWorker, WhatIsTooMuchIsWithdrawnFromTheWorstRank) {
  waiting(1);
  const std::uint64_t one = worker_.queued_ns();
  waiting(5);
  waiting(2);
  waiting(5);
  waiting(0);
  EXPECT_EQ(withdraw(0, 5 * one), (Order{}));
  EXPECT_EQ(withdraw(0, 2 * one), (Order{1, 3, 2}));
  EXPECT_EQ(worker_.queued_ns(), 2 * one);
  EXPECT_EQ(run(), (Order{4, 0}));
}

TEST_F(JudgeOfWorker, TheBestRankIsNeverWithdrawn) {
  waiting(0, false, kNow);
  waiting(0, true, kNow);
  waiting(1, false, kNow);
  EXPECT_EQ(withdraw(0, 1), (Order{2}));
  EXPECT_EQ(withdraw(kNow + 1, 1), (Order{}));
  EXPECT_EQ(run().size(), 2U);
}

// What has been answered is not thrown away for what has not.
TEST_F(JudgeOfWorker, HandshakesUnderWayComeFirst) {
  Peer first = std::move(waiting(9, false, kNow, false));
  peers_.clear();
  run();
  first.number = 0;
  EXPECT_EQ(first.server->give(first.client->receive(first.server->take_output())),
            Event::WantJobs);  // its key exchange
  peers_.push_back(std::move(first));
  waiting(1);
  worker_.set_slices({.time_us = 1});
  EXPECT_EQ(withdraw(0, worker_.queued_ns() - 1), (Order{1}));
  EXPECT_EQ(run(), (Order{0}));
}

}  // namespace
}  // namespace breakwater::test
