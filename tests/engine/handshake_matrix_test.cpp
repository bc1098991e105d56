// Every suite with every group and kind of certificate, full, resumed and after a HelloRetryRequest.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

struct Case {
  const SuiteFacts* suite;
  Group group;
  bool rsa;
};

std::vector<Case> all_cases(bool tls13_only) {
  std::vector<Case> cases;
  for (const SuiteFacts& suite : all_suites()) {
    if (tls13_only && suite.version != ProtocolVersion::Tls13) continue;
    for (const Group group : {Group::X25519, Group::Secp256r1}) {
      for (const bool rsa : {false, true}) {
        if (suite.version == ProtocolVersion::Tls13 || suite.rsa == rsa) cases.push_back({&suite, group, rsa});
      }
    }
  }
  return cases;
}

class HandshakeMatrix : public ::testing::TestWithParam<Case> {
 protected:
  HandshakeMatrix() : setup_({HostSpec{{{GetParam().rsa ? &rsa_identity() : &ecdsa_identity(), {}, {}}}, {}, {}}}) {
    setup_.set_groups({GetParam().group});
  }

  bool tls13() const { return GetParam().suite->version == ProtocolVersion::Tls13; }
  Script script() const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.suites = {static_cast<std::uint16_t>(GetParam().suite->suite)};
    if (tls13()) script.offer.shares = {static_cast<std::uint16_t>(GetParam().group)};
    return script;
  }

  void expect_facts(const Client& client, const EngineServer& server, bool resumed, bool retry) const {
    const Facts& seen = client.facts();
    const tls::Negotiated& facts = server.facts();
    EXPECT_EQ(facts.version, GetParam().suite->version);
    EXPECT_EQ(facts.suite, GetParam().suite->suite);
    EXPECT_EQ(facts.resumed, resumed);
    EXPECT_EQ(facts.hello_retry, retry);
    EXPECT_EQ(facts.ticket_id != 0, resumed);
    EXPECT_EQ(facts.host, 0U);
    EXPECT_EQ(facts.protocol, -1);
    EXPECT_EQ(facts.group, resumed && !tls13() ? Group::None : GetParam().group);
    EXPECT_EQ(facts.signature == SignatureScheme::None, resumed);
    EXPECT_EQ(seen.version, facts.version);
    EXPECT_EQ(seen.suite, static_cast<std::uint16_t>(facts.suite));
    EXPECT_EQ(seen.group, facts.group);
    EXPECT_EQ(seen.signature, facts.signature);
    EXPECT_EQ(seen.resumed, resumed);
    EXPECT_EQ(seen.hello_retry, retry);
    if (!resumed) {
      EXPECT_EQ(seen.certificates.size(), 1U);
    }
    if (!tls13()) {
      EXPECT_TRUE(seen.extended_master_secret && seen.secure_renegotiation);
    }
    EXPECT_EQ(server.server_name(), "ecdsa.example");
    EXPECT_EQ(server.max_payload(), 16384U);
  }

  ServerSetup setup_;
};

TEST_P(HandshakeMatrix, FullThenResumed) {
  Client first(script());
  EngineServer server(setup_);
  ASSERT_EQ(shake_hands(first, server), "");
  expect_facts(first, server, false, false);
  EXPECT_EQ(echo(first, server), "");
  EXPECT_EQ(echo(first, server, 70'000), "");
  ASSERT_EQ(first.sessions().size(), tls13() ? 2U : 1U);

  Script again = script();
  again.seed = 2;
  again.now_ms += 60'000;
  again.offer.sessions = {first.sessions().front()};
  Client second(again);
  EngineServer resuming(setup_, 2, kTestTime + 60'000);
  ASSERT_EQ(shake_hands(second, resuming), "");
  expect_facts(second, resuming, true, false);
  EXPECT_EQ(echo(second, resuming, 20'000), "");
}

class HelloRetryMatrix : public HandshakeMatrix {};

TEST_P(HelloRetryMatrix, FullThenResumed) {
  Script asking = script();
  asking.offer.shares.clear();
  Client first(asking);
  EngineServer server(setup_);
  ASSERT_EQ(shake_hands(first, server), "");
  expect_facts(first, server, false, true);
  EXPECT_EQ(echo(first, server, 20'000), "");
  ASSERT_FALSE(first.sessions().empty());

  asking.offer.sessions = {first.sessions().back()};
  Client second(asking);
  EngineServer resuming(setup_, 2);
  ASSERT_EQ(shake_hands(second, resuming), "");
  expect_facts(second, resuming, true, true);
  EXPECT_EQ(echo(second, resuming), "");
}

TEST_P(HandshakeMatrix, ClosesBothWays) {
  Connected ours(setup_, script());
  ASSERT_EQ(ours.error, "");
  ours.client.receive(ours.server.close());
  EXPECT_TRUE(ours.client.closed_by_server());
  EXPECT_EQ(ours.client.alert()->level, 1);
  // RFC 8446 6.1: the other direction stays open until the peer closes it as well.
  ours.server.feed(ours.client.send(view_of("still here")));
  EXPECT_EQ(to_text(ours.server.received()), "still here");
  ours.server.feed(ours.client.close());
  EXPECT_TRUE(ours.server.peer_closed());
  EXPECT_FALSE(ours.server.failed());

  Connected theirs(setup_, script());
  ASSERT_EQ(theirs.error, "");
  theirs.server.feed(theirs.client.close());
  EXPECT_TRUE(theirs.server.peer_closed());
  EXPECT_EQ(theirs.server.events().back(), 'C');
  theirs.client.receive(theirs.server.close());
  EXPECT_TRUE(theirs.client.closed_by_server());
}

std::string name_of(const ::testing::TestParamInfo<Case>& tested) {
  return std::string(tested.param.suite->name) + (tested.param.group == Group::X25519 ? "_X25519" : "_P256") +
         (tested.param.rsa ? "_Rsa" : "_Ecdsa");
}

INSTANTIATE_TEST_SUITE_P(All, HandshakeMatrix, ::testing::ValuesIn(all_cases(false)), name_of);
INSTANTIATE_TEST_SUITE_P(All, HelloRetryMatrix, ::testing::ValuesIn(all_cases(true)), name_of);

// One send per flight of the server: the handshake is not spread over small segments.
TEST(Flights, OneSendEach) {
  const ServerSetup setup;
  Script script;
  Connected tls13(setup, script);
  ASSERT_EQ(tls13.error, "");
  EXPECT_EQ(tls13.server.sends(), 2U);  // the flight, the tickets
  script.offer = Offer::tls12_only();
  Connected tls12(setup, script);
  ASSERT_EQ(tls12.error, "");
  EXPECT_EQ(tls12.server.sends(), 2U);
}

TEST(Flights, LongCertificateChains) {  // over many records, of the size the client asks for
  const ServerSetup setup({HostSpec{{{&ecdsa_identity(), {}, {Bytes(30'000, 1), Bytes(20'000, 2)}}}, {}, {}}});
  for (const bool tls13 : {true, false}) {
    for (const std::uint16_t limit : std::vector<std::uint16_t>{64, 1000, 16384, 16385}) {
      Script script;
      script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
      script.offer.record_size_limit = limit;
      Connected connected(setup, script);
      EXPECT_EQ(connected.error, "") << limit;
      EXPECT_EQ(connected.client.facts().certificates.size(), 3U);
      EXPECT_EQ(connected.server.sends(), 2U);
    }
  }
}

TEST(Flights, BrowserHelloAgainstBothVersions) {
  ServerSetup setup;
  Script script;
  script.offer = Offer::browser();
  script.ignore_downgrade = true;
  for (const ProtocolVersion version : {ProtocolVersion::Tls13, ProtocolVersion::Tls12}) {
    setup.configuration.max_version = version;
    Connected connected(setup, script);
    EXPECT_EQ(connected.error, "");
    EXPECT_EQ(connected.server.facts().version, version);
    EXPECT_EQ(echo(connected.client, connected.server, 5000), "");
  }
}

}  // namespace
}  // namespace breakwater::test
