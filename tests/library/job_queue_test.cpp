// The queue of connections that wait for jobs, while connections close, open and come back.
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

class JobQueue : public testing::Test {
 protected:
  struct Peer {
    std::unique_ptr<Client> client;
    std::unique_ptr<ServerEnd> server;
  };

  // A connection that has sent its hello and waits.
  Peer waiting() {
    Script script;
    script.offer = Offer::tls13_only();
    script.now_ms = kNow;
    script.seed = ++seed_;
    Peer peer{std::make_unique<Client>(script), std::make_unique<ServerEnd>(worker_, *server_)};
    EXPECT_EQ(peer.server->give(peer.client->start()), Event::WantJobs);
    return peer;
  }
  std::vector<Peer> waiting(int count) {
    std::vector<Peer> peers;
    for (int i = 0; i < count; ++i) peers.push_back(waiting());
    return peers;
  }
  void finish(Peer& peer) {
    run_all_jobs(worker_);
    peer.server->give(peer.client->receive(peer.server->take_output()));
    peer.client->receive(peer.server->take_output());
    EXPECT_TRUE(peer.client->connected()) << peer.client->error();
    EXPECT_TRUE(peer.server->connection().handshake_done());
  }

  ServerPtr server_ = server_of(options_for(Keys::Ecdsa));
  Worker worker_{server_};
  std::uint64_t seed_ = 0;
};

TEST_F(JobQueue, NamesConnectionsInTheOrderTheyCame) {
  auto peers = waiting(200);  // several batches
  std::vector<Connection*> named;
  EXPECT_TRUE(worker_.jobs_waiting());
  worker_.run_jobs([&](Connection& ready) {
    named.push_back(&ready);
    ServerEnd::of(ready).resume();
  });
  ASSERT_EQ(named.size(), peers.size());
  for (std::size_t i = 0; i < peers.size(); ++i) EXPECT_EQ(named[i], &peers[i].server->connection());
  for (Peer& peer : peers) finish(peer);
  EXPECT_FALSE(worker_.jobs_waiting());
}

TEST_F(JobQueue, TakesNoInputBeforeTheJobsHaveRun) {
  Peer peer = waiting();
  EXPECT_EQ(peer.server->give({}), Event::WantJobs);
  EXPECT_TRUE(peer.server->take_output().empty());
  finish(peer);
}

TEST_F(JobQueue, ForgetsConnectionsThatClose) {
  auto peers = waiting(5);
  for (const std::size_t i : {0u, 2u, 4u}) peers[i].server->close();
  std::size_t named = 0;
  worker_.run_jobs([&](Connection& ready) {
    ++named;
    ServerEnd::of(ready).resume();
  });
  EXPECT_EQ(named, 2u);
  peers[1].server->close();
  finish(peers[3]);
}

TEST_F(JobQueue, IsEmptyWhenAllThatWaitedHaveClosed) {
  auto peers = waiting(3);
  for (Peer& peer : peers) peer.server->close();
  EXPECT_FALSE(worker_.jobs_waiting());
  worker_.run_jobs([](Connection&) { FAIL() << "there is none to name"; });
}

TEST_F(JobQueue, EveryConnectionMayCloseEveryOtherWhileTheyAreNamed) {
  // Two batches and more, so that some of the closed ones have not run their jobs yet.
  auto peers = waiting(150);
  std::vector<std::size_t> named;
  worker_.run_jobs([&](Connection& ready) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (!peers[i].server->closed() && &peers[i].server->connection() == &ready) named.push_back(i);
    }
    ServerEnd::of(ready).resume();
    // Closes itself, its neighbours on both sides and one far behind.
    const std::size_t i = named.back();
    for (const std::size_t other : {i, i + 1, i + 40, i + 100}) {
      if (other < peers.size()) peers[other].server->close();
    }
    if (i > 0) peers[i - 1].server->close();
  });
  EXPECT_FALSE(worker_.jobs_waiting());
  EXPECT_EQ(named.front(), 0u);
  EXPECT_GT(named.size(), 10u);
  for (std::size_t k = 1; k < named.size(); ++k) EXPECT_LT(named[k - 1], named[k]);
  for (const Peer& peer : peers) EXPECT_TRUE(peer.server->closed());
  EXPECT_EQ(worker_.connections(), 0u);
}

TEST_F(JobQueue, LeavesConnectionsThatComeMeanwhileForTheNextRun) {
  Peer first = waiting();
  std::vector<Peer> more;
  int named = 0;
  worker_.run_jobs([&](Connection& ready) {
    ++named;
    ServerEnd::of(ready).resume();
    more.push_back(waiting());
  });
  EXPECT_EQ(named, 1);
  EXPECT_TRUE(worker_.jobs_waiting());
  finish(first);
  for (Peer& peer : more) finish(peer);
}

TEST_F(JobQueue, LetsANamedConnectionWait) {
  auto peers = waiting(2);
  worker_.run_jobs([](Connection&) {});  // neither is resumed now
  EXPECT_EQ(peers[0].server->give({}), Event::WantJobs);
  peers[0].server->resume();
  peers[1].server->close();
  finish(peers[0]);
}

TEST_F(JobQueue, LetsOneConnectionResumeAnother) {
  auto peers = waiting(3);
  int named = 0;
  worker_.run_jobs([&](Connection& ready) {
    ++named;
    if (named == 1) peers[2].server->resume();  // in the same batch: its jobs have run
    ServerEnd::of(ready).resume();
  });
  EXPECT_EQ(named, 2);
  for (Peer& peer : peers) finish(peer);
}

#ifdef BREAKWATER_DEBUG
TEST_F(JobQueue, StopsTheProgramWhenAnotherThreadUsesTheWorker) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Peer peer = waiting();
  EXPECT_DEATH(std::thread([&] { worker_.run_jobs([](Connection&) {}); }).join(), "belong to one thread");
  finish(peer);
}

TEST_F(JobQueue, StopsTheProgramWhenAConnectionIsResumedUnasked) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Peer peer = waiting();
  EXPECT_DEATH(peer.server->resume(), "run_jobs\\(\\) named");
  finish(peer);
}
#endif

}  // namespace
}  // namespace breakwater::test
