// Worker::prepare(): the stock of key pairs behind the public API, and what becomes of it in a child process.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>

#include "library/src/server_impl.h"
#include "library/src/wiped_on_fork.h"
#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

using batch::Operation;

std::uint64_t done(const Worker& worker, Operation operation) {
  const OperationCount count = worker.operations()[batch::index_of(operation)];
  return count.alone + count.lanes_filled;
}

// Rounds of jobs that one handshake takes.
int rounds_of_a_handshake(Worker& worker, const Server& server, bool tls13, std::uint64_t seed) {
  Script script;
  script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
  script.now_ms = kNow;
  script.seed = seed;
  Client client(script);
  ServerEnd end(worker, server);
  int rounds = 0;
  for (Bytes bytes = client.start(); !bytes.empty(); bytes = client.receive(end.take_output())) {
    end.give(bytes);
    while (worker.jobs_waiting()) {
      ++rounds;
      worker.run_jobs([](Connection& ready) { ServerEnd::of(ready).resume(); });
    }
  }
  EXPECT_TRUE(client.connected()) << client.error();
  return rounds;
}

// Runs `body` in a child process; whether it returned true.
template <class Body>
bool in_child(Body&& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() && !testing::Test::HasFailure() ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class Prepare : public testing::Test {
 protected:
  ServerPtr server_ = server_of(options_for(Keys::Ecdsa));
  Worker worker_{server_};
};

TEST_F(Prepare, IsWantedWhereEightAreMissing) {
  EXPECT_TRUE(worker_.wants_preparing());
  worker_.prepare();
  EXPECT_FALSE(worker_.wants_preparing());
  for (std::uint64_t seed = 1; seed < 8; ++seed) rounds_of_a_handshake(worker_, *server_, true, seed);
  EXPECT_FALSE(worker_.wants_preparing());
  rounds_of_a_handshake(worker_, *server_, true, 8);
  EXPECT_TRUE(worker_.wants_preparing());
}

TEST_F(Prepare, FillsTheStockOnceAndSavesARound) {
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, true, 1), 2);
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, false, 2), 3);
  const std::uint64_t before = done(worker_, Operation::X25519KeyPair);
  worker_.prepare();
  EXPECT_EQ(done(worker_, Operation::X25519KeyPair), before + 64);
  EXPECT_EQ(done(worker_, Operation::P256KeyPair), 64U);
  worker_.prepare();
  EXPECT_EQ(done(worker_, Operation::X25519KeyPair), before + 64);  // it is full
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, true, 3), 1);
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, false, 4), 2);
  worker_.prepare();
  EXPECT_EQ(done(worker_, Operation::X25519KeyPair), before + 64);  // not for less than eight
}

TEST_F(Prepare, LastsForAsManyHandshakesAsItHolds) {
  worker_.prepare();
  for (std::uint64_t i = 0; i < 64; ++i) ASSERT_EQ(rounds_of_a_handshake(worker_, *server_, true, i), 1) << i;
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, true, 64), 2);
  worker_.prepare();
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, true, 65), 1);
}

TEST_F(Prepare, MakesPairsOfTheGroupsInUseOnly) {
  ServerOptions options = options_for(Keys::Ecdsa);
  options.groups = {"secp256r1"};
  const ServerPtr server = server_of(options);
  Worker worker(server);
  worker.prepare();
  EXPECT_EQ(done(worker, Operation::X25519KeyPair), 0U);
  EXPECT_EQ(done(worker, Operation::P256KeyPair), 64U);
}

// A child has no pair of its parent's: its first handshake makes its own. The parent's stock is as it was.
TEST_F(Prepare, IsForOneProcess) {
  worker_.prepare();
  EXPECT_TRUE(in_child([&] { return rounds_of_a_handshake(worker_, *server_, true, 1) == 2; }));
  EXPECT_TRUE(in_child([&] {
    worker_.prepare();
    return rounds_of_a_handshake(worker_, *server_, true, 1) == 1;
  }));
  EXPECT_EQ(rounds_of_a_handshake(worker_, *server_, true, 1), 1);
}

TEST(WipedOnFork, IsEmptyInTheChildAndWholeInTheParent) {
  struct Numbers {
    std::array<std::uint64_t, 2000> list;  // several pages
  };
  const WipedOnFork<Numbers> numbers;
  ASSERT_TRUE(numbers.is_promised());
  std::iota(numbers->list.begin(), numbers->list.end(), 1);
  EXPECT_TRUE(in_child([&] { return std::accumulate(numbers->list.begin(), numbers->list.end(), 0U) == 0; }));
  EXPECT_EQ(numbers->list.back(), 2000U);
}

}  // namespace
}  // namespace breakwater::test
