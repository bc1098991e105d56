// HelloRetryRequest by the engine: the browser shapes list a group that they send no share of.
#include <gtest/gtest.h>

#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

using breakwater::test::EngineServer;
using breakwater::test::ServerSetup;

std::vector<ClientSettings> retry_settings() {
  std::vector<ClientSettings> all = all_settings();
  std::erase_if(all, [](const ClientSettings& settings) {
    return settings.version != Version::Tls13 || settings.shape == Shape::Tool || settings.shape == Shape::Curl;
  });
  return all;
}

class TlsRetry : public ::testing::TestWithParam<ClientSettings> {};

TEST_P(TlsRetry, FullThenResumed) {
  const bool has_x25519 = GetParam().group == Group::X25519;
  ServerSetup setup;
  setup.set_groups({has_x25519 ? breakwater::tls::Group::Secp256r1 : breakwater::tls::Group::X25519});
  ClientSettings settings = GetParam();
  settings.tickets = true;
  const Profile profile(settings);
  for (const std::size_t piece : {std::size_t{0}, std::size_t{1}}) {
    Talk talk(piece);
    EngineServer server(setup);
    talk.start(profile);
    talk.run(engine(server));
    ASSERT_EQ(talk.trouble(), "") << server.error().reason;
    EXPECT_TRUE(server.facts().hello_retry);
    EXPECT_EQ(talk.client.negotiated_group(), has_x25519 ? 0x0017 : 0x001D);
    const std::optional<Session> session = talk.client.take_session();
    ASSERT_TRUE(session.has_value());

    Talk again(piece);
    EngineServer resuming(setup, 2);
    again.start(profile, &*session, 2);
    again.run(engine(resuming));
    ASSERT_EQ(again.trouble(), "") << resuming.error().reason;
    EXPECT_TRUE(resuming.facts().hello_retry);
    EXPECT_TRUE(resuming.facts().resumed);
    EXPECT_TRUE(again.client.resumed());
    again.deliver(resuming.send(breakwater::test::view_of("after a retry")));
    EXPECT_EQ(breakwater::test::to_text(again.received), "after a retry");
  }
}

INSTANTIATE_TEST_SUITE_P(All, TlsRetry, ::testing::ValuesIn(retry_settings()),
                         [](const auto& tested) { return name_of(tested.param); });

// RFC 8446 4.2.11: a session for a suite of another hash than the retry chose is not offered a second time, so the
// server cannot resume it.
TEST(TlsRetrySession, OfAnotherHashIsNotResumed) {
  ServerSetup setup;
  ClientSettings settings;
  settings.shape = Shape::Browser;
  settings.tickets = true;
  const Profile profile(settings);
  Talk talk;
  EngineServer server(setup);
  talk.start(profile);
  talk.run(engine(server));
  const std::optional<Session> session = talk.client.take_session();
  ASSERT_TRUE(session.has_value());
  ASSERT_EQ(session->suite, 0x1301);
  setup.set_groups({breakwater::tls::Group::X25519});
  setup.set_suites({breakwater::tls::CipherSuite::Aes256GcmSha384});
  EngineServer resuming(setup, 2);
  talk.start(profile, &*session, 2);
  talk.run(engine(resuming));
  EXPECT_FALSE(resuming.failed()) << resuming.error().reason;
  EXPECT_EQ(talk.client.failure(), Failure::NotResumed);
}

}  // namespace
}  // namespace breakwater::flood::testing
