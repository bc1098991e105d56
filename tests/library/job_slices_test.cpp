// Slices of the job queue: how long the first connections wait for the last, and who goes first.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "library/src/server_impl.h"
#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

using batch::Operation;

// Signs nothing, and says in which order it was asked.
struct Log {
  std::string order;
} log;
bool note_ecdsa(std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* digest, ConstBytes hedge) noexcept {
  log.order += 'e';
  return crypto::kPortable.p256->sign(out, scalar, digest, hedge);
}
const crypto::P256Functions kNotingP256{crypto::kPortable.p256->public_key, crypto::kPortable.p256->shared_secret,
                                        note_ecdsa};
crypto::Implementation noting() {
  crypto::Implementation arithmetic = crypto::kPortable;
  arithmetic.name = "noting";
  arithmetic.p256 = &kNotingP256;
  arithmetic.rsa = nullptr;  // the host signs
  return arithmetic;
}
const crypto::Implementation kNoting = noting();

class JobSlices : public testing::Test {
 protected:
  struct Peer {
    std::unique_ptr<Client> client;
    std::unique_ptr<ServerEnd> server;
  };

  void SetUp() override {
    log = {};
    impl().arithmetic = &kNoting;
    impl().tuning = batch::default_tuning(kNoting);
    for (const auto& certificate : impl().certificates) {
      if (certificate->key.type != batch::KeyType::Rsa) continue;
      certificate->key.sign = [](const batch::SigningKey& key, tls::SignatureScheme scheme, ConstBytes digest,
                                 MutableBytes out) noexcept {
        log.order += 'r';
        return static_cast<const RsaSigner*>(key.host_key)->sign(scheme, digest, out);
      };
    }
  }

  Server::Impl& impl() { return const_cast<Server::Impl&>(server_->impl()); }
  void set_cost(Operation operation, std::uint32_t nanoseconds) {
    impl().tuning.cost(operation) = {.alone = nanoseconds};
    impl().tuning.derive();
  }

  // A connection whose hello has been read and whose signature is the next job but the shared secret.
  Peer waiting(bool rsa) {
    worker_.prepare();
    Script script;
    script.offer = Offer::tls13_only();
    if (rsa) script.offer.schemes = {0x0804};
    script.now_ms = kNow;
    script.seed = ++seed_;
    Peer peer{std::make_unique<Client>(script), std::make_unique<ServerEnd>(worker_, *server_)};
    EXPECT_EQ(peer.server->give(peer.client->start()), Event::WantJobs);
    return peer;
  }
  void add(int count, bool rsa) {
    for (int i = 0; i < count; ++i) peers_.push_back(waiting(rsa));
  }

  // Runs a slice; how many connections it named.
  std::size_t run_slice() {
    std::size_t named = 0;
    worker_.run_some_jobs([&](Connection& ready) {
      ++named;
      EXPECT_NE(ServerEnd::of(ready).resume(), Event::Failed);
    });
    return named;
  }
  std::string take_order() { return std::exchange(log.order, {}); }

  ServerPtr server_ = server_of(options_for(Keys::Both));
  Worker worker_{server_};
  std::vector<Peer> peers_;
  std::uint64_t seed_ = 0;
};

TEST_F(JobSlices, HoldAtMostSixtyFourCheapConnections) {
  add(150, false);
  EXPECT_EQ(run_slice(), 64U);
  EXPECT_EQ(run_slice(), 64U);
  EXPECT_TRUE(worker_.jobs_waiting());
  EXPECT_EQ(run_slice(), 22U);
  EXPECT_FALSE(worker_.jobs_waiting());
  for (Peer& peer : peers_) {
    peer.server->give(peer.client->receive(peer.server->take_output()));
    EXPECT_TRUE(peer.client->connected()) << peer.client->error();
  }
}

// Where there are lanes, those who do not fill them wait for a slice in which others may; but not for two.
TEST_F(JobSlices, LeaveWhatDoesNotFillTheLanes) {
  crypto::Implementation with_lanes = kNoting;
  with_lanes.p256_lanes = crypto::kEmulated.p256_lanes;
  impl().arithmetic = &with_lanes;
  impl().tuning = batch::default_tuning(with_lanes);
  add(30, false);
  EXPECT_EQ(run_slice(), 24U);
  EXPECT_TRUE(worker_.jobs_waiting());
  add(3, false);
  EXPECT_EQ(run_slice(), 8U);  // six of the first among them
  EXPECT_EQ(run_slice(), 1U);
  EXPECT_FALSE(worker_.jobs_waiting());
  add(7, false);
  EXPECT_EQ(run_slice(), 7U);  // nobody to wait with
  add(11, false);
  std::size_t named = 0;
  worker_.run_jobs([&](Connection& ready) {
    ++named;
    ServerEnd::of(ready).resume();
  });
  EXPECT_EQ(named, 11U);
  EXPECT_FALSE(worker_.jobs_waiting());
  impl().arithmetic = &kNoting;
}

// The cap on time: a slice ends with the connection that takes it to 4 ms by estimate.
TEST_F(JobSlices, EndWhenTheirTimeIsUsed) {
  set_cost(Operation::X25519Agreement, 400'000);
  set_cost(Operation::EcdsaSignature, 700'000);
  add(9, false);
  EXPECT_EQ(run_slice(), 4U);  // 4.4 ms
  EXPECT_EQ(run_slice(), 4U);
  EXPECT_EQ(run_slice(), 1U);
  set_cost(Operation::EcdsaSignature, 50'000'000);
  add(2, false);
  EXPECT_EQ(run_slice(), 1U);  // never none
  EXPECT_EQ(run_slice(), 1U);
}

// A flood of RSA handshakes, and one without: it does not wait for them, although they came first.
TEST_F(JobSlices, CheapConnectionsGoBeforeAFloodOfRsa) {
  set_cost(Operation::HostSignature, 1'000'000);
  set_cost(Operation::X25519Agreement, 0);
  add(20, true);
  add(1, false);
  EXPECT_EQ(run_slice(), 5U);
  EXPECT_EQ(take_order(), "errrr");
  EXPECT_EQ(run_slice(), 4U);
  EXPECT_EQ(take_order(), "rrrr");
  add(2, false);
  EXPECT_EQ(run_slice(), 6U);
  EXPECT_EQ(take_order(), "eerrrr");
}

// And the other way round: the dear ones get their share however many cheap ones wait.
TEST_F(JobSlices, RsaIsNotStarvedByAFloodOfOthers) {
  set_cost(Operation::HostSignature, 3'000'000);
  add(200, false);
  add(3, true);
  for (int i = 0; i < 2; ++i) {
    run_slice();
    const std::string order = take_order();
    EXPECT_EQ(std::count(order.begin(), order.end(), 'r'), i == 0 ? 2 : 1);
    EXPECT_EQ(std::count(order.begin(), order.end(), 'e'), 64);
  }
}

// No arithmetic is done for a connection that its host closes between slices.
TEST_F(JobSlices, ClosedConnectionsCostNothing) {
  set_cost(Operation::HostSignature, 5'000'000);
  add(4, true);
  EXPECT_EQ(run_slice(), 1U);
  peers_[1].server->close();
  peers_[3].server->close();
  EXPECT_EQ(run_slice(), 1U);
  EXPECT_FALSE(worker_.jobs_waiting());
  EXPECT_EQ(take_order(), "rr");
  EXPECT_EQ(worker_.operations()[batch::index_of(Operation::HostSignature)].alone, 2U);
}

// run_jobs() still runs all that was queued, slice by slice.
TEST_F(JobSlices, AreAllRunByRunJobs) {
  set_cost(Operation::HostSignature, 1'000'000);
  add(10, true);
  add(3, false);
  std::size_t named = 0;
  worker_.run_jobs([&](Connection& ready) {
    ++named;
    ServerEnd::of(ready).resume();
  });
  EXPECT_EQ(named, 13U);
  EXPECT_EQ(take_order(), "eeerrrrrrrrrr");
}

// Connections of servers with different arithmetic share no batch.
TEST_F(JobSlices, EndWhereAReloadChangedTheArithmetic) {
  add(3, false);
  ServerOptions options = options_for(Keys::Both);
  options.arithmetic = Arithmetic::Portable;
  const ServerPtr old = server_;  // the connections keep theirs in any case
  server_ = server_of(options, old.get());
  worker_.use(server_);
  add(2, false);
  EXPECT_EQ(run_slice(), 3U);
  EXPECT_EQ(take_order(), "eee");
  EXPECT_EQ(run_slice(), 2U);
  EXPECT_EQ(take_order(), "");
}

}  // namespace
}  // namespace breakwater::test
