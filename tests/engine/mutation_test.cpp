// Every byte of what a client sends, changed: no handshake with a changed message may end well, and nothing that was
// changed may be taken for data.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

class Mutation : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    const bool tls13 = name.find("Tls13") == 0;
    script_.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script_.offer.protocols = {"h2"};
    script_.offer.record_size_limit = 16385;
    if (name.find("Retry") != std::string::npos) script_.offer.shares.clear();
    if (name.find("Resumed") != std::string::npos) {
      Connected first(setup_, script_);
      ASSERT_EQ(first.error, "");
      script_.offer.sessions = {first.client.sessions().front()};
    }
    Client client(script_);
    EngineServer server(setup_);
    Bytes bytes = client.start();
    while (!bytes.empty()) {
      flights_.push_back(bytes);
      bytes = client.receive(server.feed(bytes));
    }
    flights_.push_back(client.send(view_of("the data")));
    server.feed(flights_.back());
    ASSERT_EQ(to_text(server.received()), "the data");
  }

  // Record versions of plaintext records are ignored in TLS 1.3, and of the first record always (RFC 8446 5.1).
  static bool is_record_version(const Bytes& flight, std::size_t at) {
    View rest = flight;
    std::size_t begin = 0;
    for (View record = next_record(rest); !record.empty(); record = next_record(rest)) {
      if (at == begin + 1 || at == begin + 2) return true;
      if (at < begin + record.size()) return false;
      begin += record.size();
      rest = rest.subspan(record.size());
    }
    return false;
  }

  ServerSetup setup_;
  Script script_;
  std::vector<Bytes> flights_;
};

TEST_P(Mutation, EveryByte) {
  for (std::size_t flight = 0; flight < flights_.size(); ++flight) {
    for (std::size_t at = 0; at < flights_[flight].size(); ++at) {
      for (const std::uint8_t change : std::vector<std::uint8_t>{0x01, 0x80, 0xFF}) {
        EngineServer server(setup_);
        for (std::size_t i = 0; i < flights_.size(); ++i) {
          Bytes bytes = flights_[i];
          if (i == flight) bytes[at] ^= change;
          server.feed(bytes);
        }
        ASSERT_EQ(server.broken_promise(), "") << flight << ", " << at;
        if (is_record_version(flights_[flight], at)) continue;
        ASSERT_TRUE(server.received().empty()) << flight << ", " << at;
        ASSERT_EQ(server.done(), flight + 1 == flights_.size()) << flight << ", " << at;
      }
    }
  }
}

TEST_P(Mutation, EveryCutAndRepetition) {
  for (std::size_t flight = 0; flight + 1 < flights_.size(); ++flight) {
    for (std::size_t at = 0; at < flights_[flight].size(); at += 3) {
      for (const bool repeat : {false, true}) {
        EngineServer server(setup_);
        for (std::size_t i = 0; i < flights_.size(); ++i) {
          Bytes bytes = flights_[i];
          const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
          if (i == flight && repeat) bytes.insert(place, bytes[at]);
          if (i == flight && !repeat) bytes.erase(place);
          server.feed(bytes);
        }
        ASSERT_EQ(server.broken_promise(), "") << flight << ", " << at;
        ASSERT_TRUE(server.received().empty()) << flight << ", " << at;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Mutation,
                         ::testing::Values("Tls13", "Tls13Resumed", "Tls13Retry", "Tls12", "Tls12Resumed"),
                         [](const auto& tested) { return std::string(tested.param); });

// Noise: no input, however odd, breaks a promise; a TLS record full of noise ends the connection.
TEST(Noise, NeverBreaksAPromise) {
  const ServerSetup setup;
  Random random(11);
  for (int i = 0; i < 3000; ++i) {
    EngineServer server(setup);
    Bytes noise = random.bytes(20 + random.below(300));
    if (i % 3 != 0) {
      noise[0] = 22;
      noise[1] = 3;
      noise[2] = 1;
      noise[3] = 0;
      noise[4] = static_cast<std::uint8_t>(noise.size() > 260 ? 255 : noise.size() - 5);
    }
    if (i % 3 == 2) {
      noise[5] = 1;
      noise[6] = 0;
      noise[7] = 0;
      noise[8] = static_cast<std::uint8_t>(noise[4] - 4);
    }
    server.feed(noise);
    ASSERT_EQ(server.broken_promise(), "");
    ASSERT_FALSE(server.done());
  }
}

}  // namespace
}  // namespace breakwater::test
