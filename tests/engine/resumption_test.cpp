// Tickets of both versions (RFC 8446 4.6.1 and 4.2.11, RFC 5077): when they resume, and when a full handshake follows.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

class Resumption : public ::testing::TestWithParam<bool> {
 protected:
  bool tls13() const { return GetParam(); }

  Script script() const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    return script;
  }

  Session session(const ServerSetup& setup, const Script& by) {
    Connected connected(setup, by);
    EXPECT_EQ(connected.error, "");
    EXPECT_FALSE(connected.client.sessions().empty());
    return connected.client.sessions().empty() ? Session{} : connected.client.sessions().front();
  }

  // Whether a connection that offers the session resumes it; it has to work either way.
  bool resumes(const ServerSetup& setup, const Session& session, std::uint64_t later_ms = 0) {
    return resumes(setup, session, script(), later_ms);
  }
  bool resumes(const ServerSetup& setup, const Session& session, Script by, std::uint64_t later_ms = 0) {
    by.seed = 77;
    by.now_ms += later_ms;
    by.offer.sessions = {session};
    Client client(by);
    EngineServer server(setup, 5, kTestTime + later_ms);
    EXPECT_EQ(shake_hands(client, server), "");
    EXPECT_EQ(echo(client, server), "");
    EXPECT_EQ(client.facts().resumed, server.facts().resumed);
    return server.facts().resumed;
  }

  ServerSetup setup_;
};

TEST_P(Resumption, LastsAsLongAsConfigured) {
  setup_.configuration.ticket_lifetime_s = 3600;
  const Session fresh = session(setup_, script());
  EXPECT_LE(fresh.lifetime_s, 3600U);
  EXPECT_GT(fresh.lifetime_s, 3590U);
  EXPECT_TRUE(resumes(setup_, fresh, 3'599'000));
  EXPECT_FALSE(resumes(setup_, fresh, 3'601'000));
}

// RFC 8446 4.6.1 and RFC 5246 F.1.4 bound the life of a session: tickets that are renewed do not add to it.
TEST_P(Resumption, RenewalDoesNotProlong) {
  setup_.configuration.ticket_lifetime_s = 3600;
  const Session fresh = session(setup_, script());
  setup_.rotate_ticket_keys(9);  // so that TLS 1.2 gives a new ticket as well
  Script by = script();
  by.now_ms += 3'000'000;
  by.offer.sessions = {fresh};
  Client client(by);
  EngineServer server(setup_, 5, kTestTime + 3'000'000);
  ASSERT_EQ(shake_hands(client, server), "");
  ASSERT_TRUE(server.facts().resumed);
  ASSERT_FALSE(client.sessions().empty());
  const Session renewed = client.sessions().front();
  EXPECT_NE(renewed.ticket, fresh.ticket);
  if (tls13()) {
    EXPECT_LE(renewed.lifetime_s, 600U);
  }
  EXPECT_TRUE(resumes(setup_, renewed, 3'500'000));
  EXPECT_FALSE(resumes(setup_, renewed, 3'700'000));
}

TEST_P(Resumption, ForgedTicketsAreIgnored) {
  const Session good = session(setup_, script());
  for (std::size_t i = 0; i < good.ticket.size(); ++i) {
    Session forged = good;
    forged.ticket[i] ^= 0x10;
    EXPECT_FALSE(resumes(setup_, forged)) << i;
  }
  for (const std::size_t size : std::vector<std::size_t>{1, 16, good.ticket.size() - 1, good.ticket.size() + 1, 4000}) {
    Session odd = good;
    odd.ticket.resize(size);
    EXPECT_FALSE(resumes(setup_, odd)) << size;
  }
  EXPECT_TRUE(resumes(setup_, good));
}

TEST_P(Resumption, KeysRotateAndExpire) {
  const Session old = session(setup_, script());
  setup_.rotate_ticket_keys(2);
  EXPECT_TRUE(resumes(setup_, old));
  setup_.ring.keys[1].not_after_ms = kTestTime + 1000;
  EXPECT_TRUE(resumes(setup_, old, 999));
  EXPECT_FALSE(resumes(setup_, old, 1000));
  setup_.rotate_ticket_keys(3);
  setup_.rotate_ticket_keys(4);
  setup_.rotate_ticket_keys(5);  // out of the ring
  EXPECT_FALSE(resumes(setup_, old));
}

TEST_P(Resumption, NoTicketsWithoutKeysOrWhenOff) {
  const Session good = session(setup_, script());
  setup_.configuration.tickets = false;
  Connected off(setup_, script());
  EXPECT_EQ(off.error, "");
  EXPECT_TRUE(off.client.sessions().empty());
  EXPECT_FALSE(off.client.facts().ticket_promised);
  EXPECT_FALSE(resumes(setup_, good));
  setup_.configuration.tickets = true;
  setup_.ring.count = 0;
  Connected keyless(setup_, script());
  EXPECT_EQ(keyless.error, "");
  EXPECT_TRUE(keyless.client.sessions().empty());
  EXPECT_FALSE(resumes(setup_, good));
}

TEST_P(Resumption, BoundToTheServerName) {
  const ServerSetup setup({HostSpec{{{&ecdsa_identity(), {}, {}}}, {"one.example", "uno.example"}, {}},
                           HostSpec{{{&ecdsa_identity(), {}, {}}}, {"two.example"}, {}}});
  Script by = script();
  by.offer.server_name = "one.example";
  const Session good = session(setup, by);
  EXPECT_TRUE(resumes(setup, good, by));
  for (const char* other : {"two.example", "uno.example", "unknown.example", ""}) {  // RFC 6066 3
    by.offer.server_name = other;
    EXPECT_FALSE(resumes(setup, good, by)) << other;
  }
}

TEST_P(Resumption, BoundToTheVersion) {
  const Session good = session(setup_, script());
  Session moved = good;
  moved.version = tls13() ? ProtocolVersion::Tls12 : ProtocolVersion::Tls13;
  moved.suite = tls13() ? 0xC02B : 0x1301;
  moved.secret.resize(tls13() ? 48 : 32);
  moved.extended_master_secret = true;
  Script by;
  by.offer = tls13() ? Offer::tls12_only() : Offer::tls13_only();
  EXPECT_FALSE(resumes(setup_, moved, by));
}

TEST_P(Resumption, OtherSuite) {
  Script by = script();
  by.offer.suites = {static_cast<std::uint16_t>(tls13() ? 0x1301 : 0xC02B)};
  const Session good = session(setup_, by);
  // RFC 8446 4.2.11: the hash must be the same, the AEAD may change. RFC 5246 7.4.1.3: the same suite.
  by.offer.suites = {static_cast<std::uint16_t>(tls13() ? 0x1302 : 0xC02C)};
  EXPECT_FALSE(resumes(setup_, good, by));
  by.offer.suites = {static_cast<std::uint16_t>(tls13() ? 0x1303 : 0xCCA9)};
  EXPECT_EQ(resumes(setup_, good, by), tls13());
}

TEST_P(Resumption, SuiteTakenOutOfTheConfiguration) {
  Script by = script();
  by.offer.suites = {0x1302, 0xC02C};
  const Session good = session(setup_, by);
  setup_.set_suites({CipherSuite::Aes128GcmSha256, CipherSuite::EcdheEcdsaAes128GcmSha256});
  EXPECT_FALSE(resumes(setup_, good));
}

INSTANTIATE_TEST_SUITE_P(Versions, Resumption, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

TEST(Tickets13, AsManyAsConfigured) {
  ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  for (const std::uint8_t count : std::vector<std::uint8_t>{0, 1, 4}) {
    setup.configuration.tickets_per_handshake = count;
    Connected connected(setup, script);
    ASSERT_EQ(connected.error, "");
    EXPECT_EQ(connected.client.sessions().size(), count);
    for (const Session& one : connected.client.sessions()) {
      for (const Session& other : connected.client.sessions()) {
        EXPECT_EQ(&one == &other, one.ticket == other.ticket);
        EXPECT_EQ(&one == &other, one.secret == other.secret);  // RFC 8446 4.6.1: unique nonces
      }
      EXPECT_EQ(one.max_early_data, 0U);
    }
  }
}

TEST(Tickets13, OnlyForClientsWithDheModes) {  // RFC 8446 4.2.9
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  script.offer.psk_modes = false;
  Connected without(setup, script);
  ASSERT_EQ(without.error, "");
  EXPECT_TRUE(without.client.sessions().empty());
  script.offer.psk_modes = true;
  script.hooks.hello = [](HelloSpec& hello, bool) { hello.set(extension::psk_modes({0})); };
  Connected psk_only(setup, script);
  ASSERT_EQ(psk_only.error, "");
  EXPECT_TRUE(psk_only.client.sessions().empty());
}

TEST(Tickets13, PskWithoutDheIsNotTakenUp) {  // RFC 8446 4.2.9: psk_ke alone is not a mode of ours
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  script.offer.sessions = {first.client.sessions().front()};
  script.hooks.hello = [](HelloSpec& hello, bool) { hello.set(extension::psk_modes({0})); };
  Connected second(setup, script);
  EXPECT_EQ(second.error, "");
  EXPECT_FALSE(second.server.facts().resumed);
}

TEST(Tickets13, SecondIdentityIsFound) {
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  Session foreign = first.client.sessions().front();
  foreign.ticket = Random(3).bytes(100);
  script.offer.sessions = {foreign, first.client.sessions().front()};
  Connected second(setup, script);
  EXPECT_EQ(second.error, "");
  EXPECT_TRUE(second.server.facts().resumed);
  EXPECT_EQ(second.client.facts().selected_identity, 1U);
}

TEST(Tickets12, OnlyForClientsThatAskAndUseExtendedMasterSecret) {
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  script.offer.session_ticket = false;
  Connected unasked(setup, script);
  ASSERT_EQ(unasked.error, "");
  EXPECT_FALSE(unasked.client.facts().ticket_promised);
  script.offer.session_ticket = true;
  script.offer.extended_master_secret = false;
  Connected plain(setup, script);  // RFC 7627 5.4: such a session is not worth resuming
  ASSERT_EQ(plain.error, "");
  EXPECT_FALSE(plain.client.facts().extended_master_secret);
  EXPECT_TRUE(plain.client.sessions().empty());
  EXPECT_EQ(echo(plain.client, plain.server), "");
}

// RFC 7627 5.3: the session used the extension, the hello does not: "the server MUST abort the abbreviated handshake".
TEST(Tickets12, ExtendedMasterSecretMustNotDisappear) {
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  script.offer.sessions = {first.client.sessions().front()};
  script.offer.extended_master_secret = false;
  EXPECT_EQ(refusal(setup, script, Alert::HandshakeFailure), "");
}

TEST(Tickets12, ResumedWithoutSessionIdOrWithAShortOne) {  // RFC 5077 3.4
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  script.offer.sessions = {first.client.sessions().front()};
  script.hooks.hello = [](HelloSpec& hello, bool) { hello.session_id = {1}; };
  Connected brief(setup, script);
  EXPECT_EQ(brief.error, "");
  EXPECT_TRUE(brief.server.facts().resumed);
}

TEST(Tickets12, NoServerNameInAResumedServerHello) {  // RFC 6066 3
  const ServerSetup setup({HostSpec{{{&ecdsa_identity(), {}, {}}}, {"ecdsa.example"}, {}}});
  Script script;
  script.offer = Offer::tls12_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  EXPECT_TRUE(first.client.facts().server_name_acknowledged);
  script.offer.sessions = {first.client.sessions().front()};
  Connected second(setup, script);
  ASSERT_EQ(second.error, "");
  EXPECT_TRUE(second.server.facts().resumed);
  EXPECT_FALSE(second.client.facts().server_name_acknowledged);
}

TEST(Tickets12, NewTicketOnlyUnderANewKey) {
  ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  script.offer.sessions = {first.client.sessions().front()};
  Connected same_key(setup, script);
  ASSERT_EQ(same_key.error, "");
  EXPECT_FALSE(same_key.client.facts().ticket_promised);
  setup.rotate_ticket_keys(2);
  Connected new_key(setup, script);
  ASSERT_EQ(new_key.error, "");
  EXPECT_TRUE(new_key.server.facts().resumed);
  EXPECT_TRUE(new_key.client.facts().ticket_received);
  EXPECT_NE(new_key.client.sessions().front().ticket, first.client.sessions().front().ticket);
}

TEST(Tickets13, ObfuscatedAgeDoesNotDecide) {  // RFC 8446 4.2.11.1 needs it for early data only
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  Session session = first.client.sessions().front();
  session.age_add += 1'000'000;
  script.offer.sessions = {session};
  Connected second(setup, script);
  EXPECT_EQ(second.error, "");
  EXPECT_TRUE(second.server.facts().resumed);
}

TEST(Tickets, NamesAreUnique) {
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Connected first(setup, script);
  ASSERT_EQ(first.error, "");
  std::uint64_t ids[2] = {};
  for (std::size_t i = 0; i < 2; ++i) {
    script.offer.sessions = {first.client.sessions()[i]};
    Connected again(setup, script);
    ids[i] = again.server.facts().ticket_id;
  }
  EXPECT_NE(ids[0], 0U);
  EXPECT_NE(ids[1], 0U);
  EXPECT_NE(ids[0], ids[1]);
}

}  // namespace
}  // namespace breakwater::test
