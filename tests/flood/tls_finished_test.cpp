// Finished messages that are wrong by one bit, the server's and the client's own.
#include <gtest/gtest.h>

#include "tests/flood/finished_corruptor.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

using breakwater::test::EngineServer;
using breakwater::test::ServerSetup;

std::vector<ClientSettings> p256_settings() {
  std::vector<ClientSettings> all = all_settings();
  std::erase_if(all, [](const ClientSettings& settings) { return settings.group != Group::Secp256r1; });
  return all;
}

class TlsFinished : public ::testing::TestWithParam<ClientSettings> {
 protected:
  // A handshake with the double in the middle.
  void run(FinishedCorruptor& middle, std::size_t piece) {
    talk_ = std::make_unique<Talk>(piece);
    EngineServer server(setup_);
    const Profile profile(GetParam());
    talk_->start(profile);
    talk_->run([&](View bytes) { return middle.from_server(server.feed(middle.from_client(bytes))); });
    EXPECT_TRUE(middle.done());
  }

  ServerSetup setup_;
  std::unique_ptr<Talk> talk_;
};

TEST_P(TlsFinished, OneWrongBitIsSeen) {
  FinishedCorruptor wrong;
  run(wrong, 0);
  EXPECT_EQ(talk_->client.state(), State::Failed);
  EXPECT_EQ(talk_->client.failure(), Failure::BadFinished);
  EXPECT_TRUE(talk_->client.output().empty());
}

TEST_P(TlsFinished, TheDoubleChangesNothingElse) {
  for (const std::size_t piece : {std::size_t{0}, std::size_t{11}}) {
    FinishedCorruptor right(false);
    run(right, piece);
    EXPECT_EQ(talk_->trouble(), "");
  }
}

TEST_P(TlsFinished, TheServerSeesOurs) {
  ClientSettings settings = GetParam();
  settings.corrupt_finished = true;
  const Profile profile(settings);
  Talk talk;
  EngineServer server(setup_);
  talk.start(profile);
  talk.run(engine(server));
  EXPECT_TRUE(server.failed());
  EXPECT_FALSE(server.done());
  EXPECT_EQ(talk.client.failure(), Failure::Alert);
  EXPECT_STREQ(alert_text(talk.client.alert()), "decrypt_error");
}

INSTANTIATE_TEST_SUITE_P(All, TlsFinished, ::testing::ValuesIn(p256_settings()),
                         [](const auto& tested) { return name_of(tested.param); });

// Also behind a HelloRetryRequest, with the double fed a byte at a time.
TEST(TlsFinishedRetry, OneWrongBitIsSeen) {
  ServerSetup setup;
  setup.set_groups({breakwater::tls::Group::Secp256r1});
  ClientSettings settings;
  settings.shape = Shape::Browser;
  settings.group = Group::X25519;
  const Profile profile(settings);
  for (const bool flip : {true, false}) {
    FinishedCorruptor middle(flip);
    EngineServer server(setup);
    Talk talk;
    talk.start(profile);
    talk.run([&](View bytes) {
      Bytes out;
      for (const std::uint8_t& byte : bytes) {
        const Bytes passed = middle.from_client({&byte, 1});
        for (const std::uint8_t& answer : server.feed(passed)) {
          breakwater::test::append(out, middle.from_server({&answer, 1}));
        }
      }
      return out;
    });
    EXPECT_TRUE(middle.done());
    EXPECT_TRUE(server.facts().hello_retry);
    EXPECT_EQ(talk.client.failure(), flip ? Failure::BadFinished : Failure::None);
  }
}

// A resumed TLS 1.2 handshake: the server's Finished comes first, and the client's answers it.
TEST(TlsFinishedResumed, TheServerSeesOurs) {
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    ServerSetup setup;
    ClientSettings settings;
    settings.version = version;
    settings.tickets = true;
    const Profile honest(settings);
    Talk first;
    EngineServer server(setup);
    first.start(honest);
    first.run(engine(server));
    const std::optional<Session> session = first.client.take_session();
    ASSERT_TRUE(session.has_value());
    settings.corrupt_finished = true;
    const Profile wrong(settings);
    Talk again;
    EngineServer resuming(setup, 2);
    again.start(wrong, &*session);
    again.run(engine(resuming));
    EXPECT_TRUE(resuming.facts().resumed);
    EXPECT_TRUE(resuming.failed());
    EXPECT_EQ(again.client.failure(), Failure::Alert);
    EXPECT_STREQ(alert_text(again.client.alert()), "decrypt_error");
  }
}

}  // namespace
}  // namespace breakwater::flood::testing
