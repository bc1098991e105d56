// However the client's bytes are cut, the engine does the same: same bytes sent, same plaintext, same events.
// Jobs are replayed from a first run, so that tens of thousands of handshakes cost no public-key arithmetic.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/batch/executor.h"
#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

constexpr std::uint64_t kSeed = 4242;
constexpr int kRandomSplits = 10'000;

struct DoneJob {
  batch::JobKind kind;
  Bytes input;
  Bytes output;
  Bytes private_key;
};

// Everything that can be seen of a run.
struct Seen {
  Bytes sent;
  Bytes received;
  std::string events;
  std::string broken_promise;
  bool peer_closed = false;

  bool operator==(const Seen&) const = default;
};

class Recording {
 public:
  Recording(const ServerSetup& setup, Script script) : setup_(setup) {
    script.seed = kSeed;
    Client client(std::move(script));
    EngineServer server(setup, kSeed);
    server.job_hook = [this](batch::Job& job) { return run_and_keep(job); };
    Bytes bytes = client.start();
    while (!bytes.empty()) {
      append(stream_, bytes);
      const Bytes answer = server.feed(bytes);
      append(whole_.sent, answer);
      bytes = client.receive(answer);
    }
    error_ = client.connected() && server.done() ? "" : "no handshake: " + client.error();
    if (!error_.empty()) return;
    give(client, server, client.send(Random(1).bytes(300)));
    give(client, server, client.send(View{}));
    if (client.facts().version == ProtocolVersion::Tls13) give(client, server, client.update_keys(true));
    give(client, server, client.send(Random(2).bytes(40)));
    give(client, server, client.close());
    finish(server, whole_);
  }

  const std::string& error() const { return error_; }
  const Bytes& stream() const { return stream_; }
  const Seen& whole() const { return whole_; }

  // The stream in pieces of these sizes; `together` of them are given in one call.
  Seen replay(const std::vector<std::size_t>& sizes, std::size_t together) const {
    Seen seen;
    EngineServer server(setup_, kSeed);
    std::size_t next_job = 0;
    server.job_hook = [&](batch::Job& job) { return replay_job(job, next_job); };
    View rest = stream_;
    for (std::size_t i = 0; i < sizes.size(); i += together) {
      std::vector<View> pieces;
      for (std::size_t j = i; j < std::min(i + together, sizes.size()); ++j) {
        pieces.push_back(rest.first(sizes[j]));
        rest = rest.subspan(sizes[j]);
      }
      append(seen.sent, server.feed_pieces(pieces));
    }
    finish(server, seen);
    if (next_job != jobs_.size()) seen.broken_promise = "other jobs";
    return seen;
  }

 private:
  void give(Client& client, EngineServer& server, const Bytes& bytes) {
    append(stream_, bytes);
    const Bytes answer = server.feed(bytes);
    append(whole_.sent, answer);
    client.receive(answer);
  }

  static void finish(EngineServer& server, Seen& seen) {
    append(seen.sent, server.send(Bytes(100, 7)));
    append(seen.sent, server.close());
    seen.received = server.received();
    seen.events = server.events();
    seen.broken_promise = server.broken_promise();
    seen.peer_closed = server.peer_closed();
  }

  bool run_and_keep(batch::Job& job) {
    const Bytes input = to_bytes(job.input);
    const auto fill = [](void* context, MutableBytes out) noexcept {
      const Bytes bytes = static_cast<Random*>(context)->bytes(out.size());
      std::copy(bytes.begin(), bytes.end(), out.begin());
    };
    batch::run(job, Entropy{fill, &random_});
    if (job.status != batch::JobStatus::Done) return true;
    Bytes private_key;
    if (job.kind == batch::JobKind::KeyPair)
      private_key.assign(job.private_key, job.private_key + batch::kPrivateKeySize);
    jobs_.push_back({job.kind, input, to_bytes(job.output.first(job.output_size)), private_key});
    return true;
  }

  bool replay_job(batch::Job& job, std::size_t& next) const {
    if (next >= jobs_.size() || jobs_[next].kind != job.kind || !same(jobs_[next].input, job.input)) {
      job.status = batch::JobStatus::Failed;
      return true;
    }
    const DoneJob& done = jobs_[next++];
    std::copy(done.output.begin(), done.output.end(), job.output.begin());
    if (!done.private_key.empty()) std::copy(done.private_key.begin(), done.private_key.end(), job.private_key);
    job.output_size = static_cast<std::uint16_t>(done.output.size());
    job.status = batch::JobStatus::Done;
    return true;
  }

  const ServerSetup& setup_;
  Random random_{99};
  std::vector<DoneJob> jobs_;
  Bytes stream_;
  Seen whole_;
  std::string error_;
};

struct Scenario {
  const char* name;
  bool tls13;
  bool resumed;
  bool retry;
};

class Split : public ::testing::TestWithParam<Scenario> {
 protected:
  void SetUp() override {
    Script script;
    script.offer = GetParam().tls13 ? Offer::browser() : Offer::tls12_only();
    script.offer.protocols.clear();
    if (GetParam().retry) script.offer.shares.clear();
    if (GetParam().resumed) {
      Connected first(setup_, script);
      ASSERT_EQ(first.error, "");
      script.offer.sessions = {first.client.sessions().front()};
    }
    recording_ = std::make_unique<Recording>(setup_, script);
    ASSERT_EQ(recording_->error(), "");
    ASSERT_TRUE(recording_->whole().peer_closed);
    ASSERT_EQ(recording_->whole().received.size(), 340U);
    ASSERT_EQ(recording_->whole().broken_promise, "");
  }

  ServerSetup setup_;
  std::unique_ptr<Recording> recording_;
};

TEST_P(Split, WholeStreamAtOnce) {
  EXPECT_TRUE(recording_->replay({recording_->stream().size()}, 1) == recording_->whole());
}

TEST_P(Split, OneByteAtATime) {
  const std::vector<std::size_t> sizes(recording_->stream().size(), 1);
  EXPECT_TRUE(recording_->replay(sizes, 1) == recording_->whole());
  EXPECT_TRUE(recording_->replay(sizes, 50) == recording_->whole());
}

TEST_P(Split, EveryTwoWaySplit) {
  const std::size_t size = recording_->stream().size();
  for (std::size_t cut = 1; cut < size; ++cut) {
    ASSERT_TRUE(recording_->replay({cut, size - cut}, 1) == recording_->whole()) << cut;
    ASSERT_TRUE(recording_->replay({cut, size - cut}, 2) == recording_->whole()) << cut;
  }
}

TEST_P(Split, RandomSplits) {
  Random random(7);
  const std::size_t total = recording_->stream().size();
  for (int i = 0; i < kRandomSplits; ++i) {
    const std::size_t longest = 1 + random.below(i % 20 == 0 ? 5 : 200);
    std::vector<std::size_t> sizes;
    // One draw per run decides the pieces: cheaper than one per piece.
    const Bytes draws = random.bytes(64);
    for (std::size_t left = total, n = 0; left > 0; ++n) {
      const std::size_t size = std::min(left, 1 + draws[n % draws.size()] * longest / 256);
      sizes.push_back(size);
      left -= size;
    }
    const std::size_t together = 1 + draws[0] % 6U;
    ASSERT_TRUE(recording_->replay(sizes, together) == recording_->whole()) << "run " << i << ", longest " << longest;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Split,
    ::testing::Values(Scenario{"Tls13Full", true, false, false}, Scenario{"Tls13Resumed", true, true, false},
                      Scenario{"Tls13Retry", true, false, true}, Scenario{"Tls13RetryResumed", true, true, true},
                      Scenario{"Tls12Full", false, false, false}, Scenario{"Tls12Resumed", false, true, false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace breakwater::test
