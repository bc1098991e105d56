// What a handshake costs the client: the server's bytes are recorded once and played back, so that nothing but the
// client runs. It allocates nothing, but for x25519, and the time of each kind is printed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/flood/tls_support.h"
#include "tests/support/count_allocations.h"

namespace {
std::size_t allocations = 0;
bool counting = false;
}  // namespace

void breakwater::test::note_allocation() noexcept {
  if (counting) ++allocations;
}

namespace breakwater::flood::testing {
namespace {

using breakwater::test::EngineServer;
using breakwater::test::ServerSetup;

// One connection's bytes of the server, and what the client was started with.
class Recording {
 public:
  Recording(const ClientSettings& settings, bool resume) : profile_(settings) {
    if (resume) session_ = record(nullptr, 1);
    record(session_ ? &*session_ : nullptr, 2);
    random_ = breakwater::test::Random(2).bytes(64);
    input_.resize(flights_[0].size() + flights_[1].size());
  }

  // As it was recorded: whether the handshake succeeds again.
  bool play(Client& client) {
    client.start(profile_, session_ ? &*session_ : nullptr, random_, kNow);
    client.sent(client.output().size());
    for (const Bytes& flight : flights_) {
      copy_bytes(input_.data(), flight);
      std::size_t used = 0;
      while (used < flight.size())
        used += client.receive(MutableBytes(input_).subspan(used, flight.size() - used), kNow);
      client.sent(client.output().size());
    }
    return client.state() == State::Established && client.resumed() == session_.has_value();
  }

 private:
  std::optional<Session> record(const Session* session, std::uint64_t seed) {
    flights_.clear();
    Talk talk;
    EngineServer server(setup_, seed);
    talk.start(profile_, session, seed);
    while (true) {
      const Bytes out = talk.take_output();
      if (out.empty()) break;
      flights_.push_back(server.feed(out));
      talk.deliver(flights_.back());
    }
    EXPECT_EQ(talk.trouble(), "");
    flights_.resize(2);
    return talk.client.take_session();
  }

  ServerSetup setup_;
  Profile profile_;
  std::optional<Session> session_;
  std::vector<Bytes> flights_;
  Bytes random_;
  Bytes input_;
};

struct Kind {
  const char* name;
  Version version;
  Auth auth;
  Cipher cipher;
  Group group;
  Shape shape;
  bool resume;
};

const Kind kKinds[] = {
    {"TLS 1.2 ECDSA AES-128", Version::Tls12, Auth::Ecdsa, Cipher::Aes128Gcm, Group::Secp256r1, Shape::Tool, false},
    {"TLS 1.2 ECDSA AES-256", Version::Tls12, Auth::Ecdsa, Cipher::Aes256Gcm, Group::Secp256r1, Shape::Tool, false},
    {"TLS 1.2 RSA ChaCha20", Version::Tls12, Auth::Rsa, Cipher::ChaCha20Poly1305, Group::Secp256r1, Shape::Tool, false},
    {"TLS 1.2 browser", Version::Tls12, Auth::Any, Cipher::Any, Group::Secp256r1, Shape::Browser, false},
    {"TLS 1.2 x25519", Version::Tls12, Auth::Ecdsa, Cipher::Aes128Gcm, Group::X25519, Shape::Tool, false},
    {"TLS 1.2 resumed", Version::Tls12, Auth::Any, Cipher::Aes128Gcm, Group::Secp256r1, Shape::Tool, true},
    {"TLS 1.3 ECDSA AES-128", Version::Tls13, Auth::Ecdsa, Cipher::Aes128Gcm, Group::Secp256r1, Shape::Tool, false},
    {"TLS 1.3 ECDSA AES-256", Version::Tls13, Auth::Ecdsa, Cipher::Aes256Gcm, Group::Secp256r1, Shape::Tool, false},
    {"TLS 1.3 browser-pq", Version::Tls13, Auth::Any, Cipher::Any, Group::Secp256r1, Shape::BrowserPq, false},
    {"TLS 1.3 resumed", Version::Tls13, Auth::Any, Cipher::Aes128Gcm, Group::Secp256r1, Shape::Tool, true},
};

TEST(TlsReplay, CostsNoHeapAndLittleTime) {
  for (const Kind& kind : kKinds) {
    ClientSettings settings;
    settings.version = kind.version;
    settings.auth = kind.auth;
    settings.cipher = kind.cipher;
    settings.group = kind.group;
    settings.shape = kind.shape;
    settings.tickets = kind.resume;
    Recording recording(settings, kind.resume);
    Client client;
    ASSERT_TRUE(recording.play(client)) << kind.name << ": " << to_text(client.failure());

    constexpr int kRounds = 2000;
    bool good = true;
    double best_us = 1e9;
    allocations = 0;
    for (int batch = 0; batch < 5; ++batch) {
      counting = true;
      const auto before = std::chrono::steady_clock::now();
      for (int round = 0; round < kRounds / 5; ++round) good = recording.play(client) && good;
      const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - before;
      counting = false;
      best_us = std::min(best_us, spent.count() / (kRounds / 5));
    }
    EXPECT_TRUE(good) << kind.name;
    if (kind.group == Group::X25519) {
      EXPECT_GT(allocations, 0U) << "libcrypto does not allocate for x25519? The counter does not count.";
    } else {
      EXPECT_EQ(allocations, 0U) << kind.name;
    }
    std::printf("%-24s %6.2f us\n", kind.name, best_us);
    EXPECT_LT(best_us, 500.0) << kind.name;  // two orders above what it takes: something is wrong, not slow
  }
}

}  // namespace
}  // namespace breakwater::flood::testing
