// Connections through the public API: what is negotiated, tickets over reloads, what a connection costs.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>

#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

Script script_for(ProtocolVersion version, std::uint64_t seed = 1) {
  Script script;
  script.offer = version == ProtocolVersion::Tls13 ? Offer::tls13_only() : Offer::tls12_only();
  script.offer.server_name = "ecdsa.example";
  script.now_ms = kNow;
  script.seed = seed;
  return script;
}

struct Case {
  ProtocolVersion version;
  Keys keys;
};

class Handshakes : public testing::TestWithParam<Case> {};

TEST_P(Handshakes, EndInAConnectionThatCarriesData) {
  ServerOptions options = options_for(GetParam().keys);
  options.alpn = {"h2", "http/1.1"};
  const ServerPtr server = server_of(options);
  Worker worker(server);
  Script script = script_for(GetParam().version);
  script.offer.protocols = {"http/1.1"};
  Both both(worker, *server, script);
  ASSERT_TRUE(both.client.connected()) << both.client.error();
  Connection& connection = both.server.connection();
  ASSERT_TRUE(connection.handshake_done());

  const breakwater::Facts facts = connection.facts();
  EXPECT_EQ(static_cast<std::uint16_t>(facts.version), static_cast<std::uint16_t>(GetParam().version));
  EXPECT_EQ(facts.group, "x25519");
  EXPECT_EQ(facts.protocol, "http/1.1");
  EXPECT_EQ(facts.server_name, "ecdsa.example");
  EXPECT_EQ(facts.signature_scheme, GetParam().keys == Keys::Rsa ? "rsa_pss_rsae_sha256" : "ecdsa_secp256r1_sha256");
  EXPECT_FALSE(facts.suite.empty());
  EXPECT_FALSE(facts.resumed);
  EXPECT_FALSE(facts.hello_retry);
  EXPECT_EQ(connection.failure().cause, FailureCause::None);

  const std::size_t before = worker.connections();
  connection.release_handshake();
  connection.release_handshake();  // once more does no harm
  EXPECT_EQ(worker.connections(), before);
  EXPECT_TRUE(connection.handshake_done());

  const std::string request = "a request", reply = "a reply";
  both.server.give(both.client.send(view_of(request)));
  EXPECT_EQ(to_text(both.server.plaintext()), request);
  both.client.receive(both.server.seal(view_of(reply)));
  EXPECT_EQ(to_text(both.client.received()), reply);
  EXPECT_EQ(both.server.give(both.client.close()), Event::PeerClosed);
  EXPECT_GE(connection.max_payload(), 16384u);
}

TEST_P(Handshakes, AreResumedWithTickets) {
  const ServerPtr server = server_of(options_for(GetParam().keys));
  Worker worker(server);
  Both first(worker, *server, script_for(GetParam().version));
  ASSERT_FALSE(first.client.sessions().empty());
  Script script = script_for(GetParam().version, 2);
  script.offer.sessions = {first.client.sessions().front()};
  Both second(worker, *server, script);
  ASSERT_TRUE(second.client.connected()) << second.client.error();
  EXPECT_TRUE(second.client.facts().resumed);
  const breakwater::Facts facts = second.server.connection().facts();
  EXPECT_TRUE(facts.resumed);
  EXPECT_EQ(facts.signature_scheme, "");
  EXPECT_NE(facts.ticket_id, 0u);
}

TEST_P(Handshakes, AreResumedAfterAReload) {
  const ServerPtr old_server = server_of(options_for(GetParam().keys));
  Worker worker(old_server);
  Both first(worker, *old_server, script_for(GetParam().version));
  ASSERT_FALSE(first.client.sessions().empty());
  const auto resume = [&](const ServerPtr& server) {
    worker.use(server);
    Script script = script_for(GetParam().version, 2);
    script.offer.sessions = {first.client.sessions().front()};
    Both second(worker, *server, script);
    EXPECT_TRUE(second.client.connected()) << second.client.error();
    return second.client.facts().resumed;
  };
  EXPECT_TRUE(resume(server_of(options_for(GetParam().keys), old_server.get())));
  EXPECT_FALSE(resume(server_of(options_for(GetParam().keys))));  // its own keys
  // The connection of the old server works on.
  first.server.give(first.client.send(view_of("still here")));
  EXPECT_EQ(to_text(first.server.plaintext()), "still here");
}

TEST_P(Handshakes, AreResumedWithARotatedKeyForTheTicketLifetime) {
  ServerOptions options = options_for(GetParam().keys);
  options.ticket_lifetime_s = 3600;
  options.ticket_rotation_s = 1200;
  const ServerPtr server = server_of(options);
  Worker worker(server);
  server->rotate_ticket_keys(kNow);
  Both first(worker, *server, script_for(GetParam().version));
  ASSERT_FALSE(first.client.sessions().empty());
  const auto resumes_at = [&](std::uint64_t now) {
    server->rotate_ticket_keys(now);
    Script script = script_for(GetParam().version, 2);
    script.now_ms = now;
    script.offer.sessions = {first.client.sessions().front()};
    Both second(worker, *server, script);
    EXPECT_TRUE(second.client.connected()) << second.client.error();
    return second.client.facts().resumed;
  };
  for (std::uint64_t age_s = 0; age_s < 3590; age_s += 100) EXPECT_TRUE(resumes_at(kNow + age_s * 1000)) << age_s;
  EXPECT_FALSE(resumes_at(kNow + 3601 * 1000));
}

INSTANTIATE_TEST_SUITE_P(All, Handshakes,
                         testing::Values(Case{ProtocolVersion::Tls13, Keys::Ecdsa},
                                         Case{ProtocolVersion::Tls13, Keys::Rsa},
                                         Case{ProtocolVersion::Tls12, Keys::Ecdsa},
                                         Case{ProtocolVersion::Tls12, Keys::Rsa}),
                         [](const auto& parameter) {
                           return std::string(parameter.param.version == ProtocolVersion::Tls13 ? "Tls13" : "Tls12") +
                                  (parameter.param.keys == Keys::Rsa ? "Rsa" : "Ecdsa");
                         });

TEST(Hosts, AnswerWithTheKeyTypeTheClientCanVerify) {
  const ServerPtr server = server_of(options_for(Keys::Both));
  Worker worker(server);
  for (const ProtocolVersion version : {ProtocolVersion::Tls13, ProtocolVersion::Tls12}) {
    Script script = script_for(version);
    EXPECT_EQ(Both(worker, *server, script).server.connection().facts().signature_scheme, "ecdsa_secp256r1_sha256");
    script.offer.schemes = {0x0804};
    Both both(worker, *server, script);
    EXPECT_TRUE(both.client.connected()) << both.client.error();
    EXPECT_EQ(both.server.connection().facts().signature_scheme, "rsa_pss_rsae_sha256");
  }
}

TEST(Hosts, AreChosenByName) {
  ServerOptions options = options_for(Keys::Ecdsa, {"a.example"});
  options.certificates.push_back(options_for(Keys::Ecdsa, {"*.b.example"}).certificates.front());
  const ServerPtr server = server_of(options);
  EXPECT_EQ(server->host_names(), (std::vector<std::string>{"*.b.example", "a.example"}));
  Worker worker(server);
  const auto certificate_for = [&](std::string name) {
    Script script = script_for(ProtocolVersion::Tls13);
    script.offer.server_name = std::move(name);
    Both both(worker, *server, script);
    EXPECT_TRUE(both.client.connected()) << both.client.error();
    return both.client.facts().certificates.at(0);
  };
  const Bytes a = certificate_for("a.example");
  const Bytes b = certificate_for("www.b.example");
  EXPECT_NE(a, b);
  EXPECT_EQ(certificate_for(""), a);
  EXPECT_EQ(certificate_for("unknown.example"), a);
  EXPECT_EQ(certificate_for("x.www.b.example"), a);
}

TEST(Servers, SayWhyTheyCannotBeBuilt) {
  EXPECT_EQ(Server::build({}).error, "no certificate was given: a server needs at least one");
  ServerOptions options = options_for(Keys::Ecdsa);
  options.certificates.push_back(options.certificates.front());
  EXPECT_EQ(
      Server::build(options).error,
      "self-signed ECDSA: ecdsa.example already has an ECDSA certificate, self-signed ECDSA: remove one of the two");
  options = options_for(Keys::Ecdsa);
  options.certificates[0].key_pem.clear();
  EXPECT_EQ(Server::build(options).error, "self-signed ECDSA: no private key was given");
  options = options_for(Keys::Ecdsa);
  options.groups = {"x448"};
  EXPECT_EQ(Server::build(options).server, nullptr);
}

TEST(Failures, SayWhoIsToBlameAndWhatWasSent) {
  ServerOptions options = options_for(Keys::Ecdsa);
  options.min_version = Version::Tls13;
  const ServerPtr server = server_of(options);
  Worker worker(server);

  Both old_client(worker, *server, script_for(ProtocolVersion::Tls12));
  EXPECT_TRUE(old_client.client.failed());
  EXPECT_EQ(old_client.server.connection().failure().cause, FailureCause::NothingInCommon);
  EXPECT_EQ(alert_name(old_client.server.connection().failure().alert), "protocol_version");
  EXPECT_FALSE(old_client.server.connection().failure().reason.empty());

  ServerEnd noise(worker, *server);
  EXPECT_EQ(noise.give(view_of("GET / HTTP/1.1\r\n\r\n")), Event::Failed);
  EXPECT_EQ(noise.connection().failure().cause, FailureCause::PeerViolation);
  noise.connection().release_handshake();  // also a failed connection can give it back
  EXPECT_EQ(noise.connection().failure().cause, FailureCause::PeerViolation);

  Script script = script_for(ProtocolVersion::Tls13);
  Both both(worker, *server, script);
  Outgoing alert;
  alert.step = Step::Alert;
  alert.type = ContentType::Alert;
  alert.epoch = Epoch::Application;
  alert.payload = {2, 42};
  EXPECT_EQ(both.server.give(both.client.send(alert)), Event::Failed);
  EXPECT_EQ(both.server.connection().failure().cause, FailureCause::PeerAlert);
  EXPECT_EQ(alert_name(both.server.connection().failure().alert), "bad_certificate");
}

TEST(KeyLogging, NamesTheClientRandomAndTheSecrets) {
  std::vector<std::string> lines;
  ServerOptions options = options_for(Keys::Ecdsa);
  options.key_log = [&](std::string_view line) { lines.emplace_back(line); };
  const ServerPtr server = server_of(options);
  Worker worker(server);

  Both tls12(worker, *server, script_for(ProtocolVersion::Tls12));
  const std::string random12 = to_hex(tls12.client.hello().random);
  EXPECT_EQ(lines, std::vector{"CLIENT_RANDOM " + random12 + " " + to_hex(tls12.client.secrets().master)});

  lines.clear();
  Both tls13(worker, *server, script_for(ProtocolVersion::Tls13));
  const Secrets& secrets = tls13.client.secrets();
  const std::string random13 = to_hex(tls13.client.hello().random);
  const std::set<std::string> expected = {
      "CLIENT_HANDSHAKE_TRAFFIC_SECRET " + random13 + " " + to_hex(secrets.client_handshake_traffic),
      "SERVER_HANDSHAKE_TRAFFIC_SECRET " + random13 + " " + to_hex(secrets.server_handshake_traffic),
      "CLIENT_TRAFFIC_SECRET_0 " + random13 + " " + to_hex(secrets.client_application_traffic),
      "SERVER_TRAFFIC_SECRET_0 " + random13 + " " + to_hex(secrets.server_application_traffic)};
  const std::set<std::string> logged(lines.begin(), lines.end());
  for (const std::string& line : expected) EXPECT_TRUE(logged.contains(line)) << line;
}

TEST(Costs, StayWithinTheBounds) {
  std::printf("bytes of a connection: %zu half open, %zu established\n", Worker::bytes_half_open(),
              Worker::bytes_established());
  EXPECT_LE(Worker::bytes_half_open(), 2048u);
  EXPECT_LE(Worker::bytes_established(), 1024u);
  EXPECT_LT(Worker::bytes_established(), Worker::bytes_half_open());
}

TEST(Memory, OfClosedConnectionsIsUsedAgain) {
  const ServerPtr server = server_of(options_for(Keys::Ecdsa));
  Worker worker(server);
  std::set<Connection*> first;
  for (int i = 0; i < 500; ++i) first.insert(worker.open());
  EXPECT_EQ(first.size(), 500u);
  EXPECT_EQ(worker.connections(), 500u);
  for (Connection* const connection : first) worker.close(*connection);
  EXPECT_EQ(worker.connections(), 0u);
  std::set<Connection*> second;
  for (int i = 0; i < 500; ++i) second.insert(worker.open());
  EXPECT_EQ(first, second);
  for (Connection* const connection : second) worker.close(*connection);
}

TEST(Reloads, KeepTheOldServerForItsConnectionsOnly) {
  ServerPtr server = server_of(options_for(Keys::Ecdsa));
  const std::weak_ptr<const Server> old = server;
  Worker worker(server);
  auto* const connection = worker.open();
  server = server_of(options_for(Keys::Ecdsa), server.get());
  worker.use(server);
  EXPECT_FALSE(old.expired());
  worker.close(*connection);
  EXPECT_TRUE(old.expired());
  // A server no connection ever used goes at once.
  const std::weak_ptr<const Server> unused = server;
  server = server_of(options_for(Keys::Ecdsa), server.get());
  worker.use(server);
  EXPECT_TRUE(unused.expired());
}

}  // namespace
}  // namespace breakwater::test
