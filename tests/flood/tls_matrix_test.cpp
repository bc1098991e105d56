// The load generator's client against the engine: every version, kind of certificate, cipher, group and shape.
#include <gtest/gtest.h>

#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

using breakwater::test::EngineServer;
using breakwater::test::ServerSetup;

const ServerSetup& setup() {
  static const ServerSetup instance;
  return instance;
}

class TlsMatrix : public ::testing::TestWithParam<ClientSettings> {
 protected:
  bool tls13() const { return GetParam().version == Version::Tls13; }

  void expect_facts(const Talk& talk, const EngineServer& server, bool resumed) const {
    const breakwater::tls::Negotiated& facts = server.facts();
    EXPECT_TRUE(server.done());
    EXPECT_EQ(server.broken_promise(), "");
    EXPECT_EQ(static_cast<std::uint16_t>(facts.version), tls13() ? 0x0304 : 0x0303);
    EXPECT_EQ(talk.client.suite(), static_cast<std::uint16_t>(facts.suite));
    EXPECT_EQ(talk.client.negotiated_group(), static_cast<std::uint16_t>(facts.group));
    EXPECT_EQ(talk.client.resumed(), resumed);
    EXPECT_EQ(facts.resumed, resumed);
    EXPECT_FALSE(facts.hello_retry);
    if (!resumed || tls13()) {
      EXPECT_EQ(talk.client.negotiated_group(), GetParam().group == Group::X25519 ? 0x001D : 0x0017);
    }
    const std::string described = talk.client.describe();
    switch (GetParam().cipher) {
      case Cipher::Any:
        break;
      case Cipher::Aes128Gcm:
        EXPECT_NE(described.find("AES128-GCM"), std::string::npos) << described;
        break;
      case Cipher::Aes256Gcm:
        EXPECT_NE(described.find("AES256-GCM"), std::string::npos) << described;
        break;
      case Cipher::ChaCha20Poly1305:
        EXPECT_NE(described.find("CHACHA20-POLY1305"), std::string::npos) << described;
        break;
    }
    if (!resumed && GetParam().auth != Auth::Any) {
      EXPECT_NE(described.find(GetParam().auth == Auth::Rsa ? "RSA" : "ECDSA"), std::string::npos) << described;
      EXPECT_EQ(facts.signature == breakwater::tls::SignatureScheme::EcdsaSecp256r1Sha256,
                GetParam().auth == Auth::Ecdsa);
    }
  }

  // Data both ways, then close_notify both ways.
  void expect_use(Talk& talk, EngineServer& server) const {
    breakwater::test::Random random(9);
    const Bytes up = random.bytes(4096);
    const Bytes down = random.bytes(40'000);
    ASSERT_TRUE(talk.client.write(up));
    ASSERT_TRUE(talk.client.write(View(up).first(100)));
    talk.run(engine(server));
    Bytes sent = up;
    sent.insert(sent.end(), up.begin(), up.begin() + 100);
    EXPECT_EQ(server.received(), sent);
    talk.deliver(server.send(down));
    EXPECT_EQ(talk.received, down);
    ASSERT_TRUE(talk.client.close_notify());
    talk.run(engine(server));
    EXPECT_TRUE(server.peer_closed());
    EXPECT_FALSE(server.failed());
    talk.deliver(server.close());
    EXPECT_EQ(talk.client.state(), State::Closed);
    EXPECT_EQ(talk.client.failure(), Failure::None);
  }
};

TEST_P(TlsMatrix, Full) {
  const Profile profile(GetParam());
  for (const std::size_t piece : {std::size_t{0}, std::size_t{1}}) {
    Talk talk(piece);
    EngineServer server(setup());
    talk.start(profile);
    EXPECT_EQ(talk.client.output().size(), profile.hello_size());
    talk.run(engine(server));
    ASSERT_EQ(talk.trouble(), "") << server.error().reason;
    expect_facts(talk, server, false);
    EXPECT_FALSE(talk.client.take_session().has_value());  // not asked for
    if (piece == 0) expect_use(talk, server);
  }
}

TEST_P(TlsMatrix, Resumed) {
  ClientSettings settings = GetParam();
  settings.tickets = true;
  settings.server_name = "ecdsa.example";
  const Profile profile(settings);
  Talk first;
  EngineServer server(setup());
  first.start(profile);
  first.run(engine(server));
  ASSERT_EQ(first.trouble(), "") << server.error().reason;
  const std::optional<Session> session = first.client.take_session();
  ASSERT_TRUE(session.has_value());
  EXPECT_FALSE(first.client.take_session().has_value());

  for (const std::size_t piece : {std::size_t{0}, std::size_t{1}}) {
    Talk again(piece);
    EngineServer resuming(setup(), 2 + piece, kNow + 60'000);
    again.start(profile, &*session, 2 + piece, kNow + 60'000);
    again.run(engine(resuming));
    ASSERT_EQ(again.trouble(), "") << resuming.error().reason;
    expect_facts(again, resuming, true);
    expect_use(again, resuming);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TlsMatrix, ::testing::ValuesIn(all_settings()),
                         [](const auto& tested) { return name_of(tested.param); });

}  // namespace
}  // namespace breakwater::flood::testing
