// The test client against OpenSSL's server, in memory: it must be right before it judges the engine.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tests/client/client.h"
#include "tests/support/certificates.h"

namespace breakwater::test {
namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

void add_identity(SSL_CTX* context, const ServerIdentity& identity) {
  const std::uint8_t* position = identity.der.data();
  X509* certificate = d2i_X509(nullptr, &position, static_cast<long>(identity.der.size()));
  ASSERT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey(context, identity.key.get()), 1);
  X509_free(certificate);
}

// One OpenSSL server context with both certificates; connections talk over memory BIOs.
class OpenSslServer {
 public:
  OpenSslServer() : context_(SSL_CTX_new(TLS_server_method())) {
    static const auto ecdsa = make_ecdsa_identity("ecdsa.example");
    static const auto rsa = make_rsa_identity("ecdsa.example");
    add_identity(context_.get(), *ecdsa);
    add_identity(context_.get(), *rsa);
    SSL_CTX_set1_groups_list(context_.get(), "X25519:P-256");
    SSL_CTX_set_alpn_select_cb(context_.get(), select_protocol, nullptr);
  }

  SSL_CTX* context() { return context_.get(); }
  SSL* connection() { return connection_.get(); }

  void open() {
    connection_.reset(SSL_new(context_.get()));
    SSL_set_bio(connection_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(connection_.get());
    received_.clear();
  }

  Bytes feed(View bytes) {
    BIO_write(SSL_get_rbio(connection_.get()), bytes.data(), static_cast<int>(bytes.size()));
    std::uint8_t buffer[16384];
    for (int size; (size = SSL_read(connection_.get(), buffer, sizeof buffer)) > 0;) {
      append(received_, View(buffer, static_cast<std::size_t>(size)));
    }
    return drain();
  }

  Bytes send(View data) {
    EXPECT_EQ(SSL_write(connection_.get(), data.data(), static_cast<int>(data.size())), static_cast<int>(data.size()));
    return drain();
  }

  Bytes drain() {
    Bytes out;
    std::uint8_t buffer[16384];
    for (int size; (size = BIO_read(SSL_get_wbio(connection_.get()), buffer, sizeof buffer)) > 0;) {
      append(out, View(buffer, static_cast<std::size_t>(size)));
    }
    return out;
  }

  const Bytes& received() const { return received_; }

 private:
  static int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                             unsigned in_size, void*) {
    static const unsigned char kOurs[] = "\x08http/1.1";
    const int found = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, kOurs, 9, in, in_size);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
  }

  std::unique_ptr<SSL_CTX, ContextDeleter> context_;
  std::unique_ptr<SSL, ContextDeleter> connection_;
  Bytes received_;
};

void shake_hands(Client& client, OpenSslServer& server) {
  server.open();
  Bytes bytes = client.start();
  for (int turn = 0; turn < 6 && !bytes.empty(); ++turn) bytes = client.receive(server.feed(bytes));
  ASSERT_EQ(client.error(), "") << (client.facts().hello_retry ? "after HelloRetryRequest" : "");
  ASSERT_TRUE(client.connected());
  ASSERT_EQ(SSL_is_init_finished(server.connection()), 1);
}

void echo(Client& client, OpenSslServer& server) {
  const Bytes up = Random(1).bytes(40000);
  const Bytes down = Random(2).bytes(50000);
  client.receive(server.feed(client.send(up)));
  client.receive(server.send(down));
  EXPECT_EQ(client.error(), "");
  EXPECT_EQ(server.received(), up);
  EXPECT_EQ(client.received(), down);
}

Script script_for(std::uint16_t suite, Group group) {
  const bool tls13 = suite >> 8 == 0x13;
  Script script;
  script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
  script.offer.suites = {suite};
  // Both groups: OpenSSL asks that the curve of an ECDSA certificate be among them (RFC 8422 5.1).
  script.offer.groups = {static_cast<std::uint16_t>(group), 0x0017, 0x001D};
  if (tls13) script.offer.shares = {static_cast<std::uint16_t>(group)};
  return script;
}

class EverySuite : public ::testing::TestWithParam<std::tuple<std::size_t, Group>> {
 protected:
  const SuiteFacts& suite() const { return all_suites()[std::get<0>(GetParam())]; }
  Group group() const { return std::get<1>(GetParam()); }
  Script script() const { return script_for(static_cast<std::uint16_t>(suite().suite), group()); }
};

TEST_P(EverySuite, FullThenResumed) {
  OpenSslServer server;
  Client first(script());
  shake_hands(first, server);
  EXPECT_EQ(first.facts().version, suite().version);
  EXPECT_EQ(first.facts().suite, static_cast<std::uint16_t>(suite().suite));
  EXPECT_EQ(first.facts().group, group());
  EXPECT_FALSE(first.facts().resumed);
  echo(first, server);
  ASSERT_FALSE(first.sessions().empty());

  Script again = script();
  again.seed = 2;
  again.now_ms += 5000;
  again.offer.sessions = {first.sessions().back()};
  Client second(again);
  shake_hands(second, server);
  EXPECT_TRUE(second.facts().resumed);
  EXPECT_EQ(SSL_session_reused(server.connection()), 1);
  echo(second, server);
}

INSTANTIATE_TEST_SUITE_P(All, EverySuite,
                         ::testing::Combine(::testing::Range<std::size_t>(0, 9),
                                            ::testing::Values(Group::X25519, Group::Secp256r1)),
                         [](const auto& tested) {
                           return std::string(all_suites()[std::get<0>(tested.param)].name) +
                                  (std::get<1>(tested.param) == Group::X25519 ? "X25519" : "P256");
                         });

TEST(SelfTest, EveryRsaScheme) {
  for (const std::uint16_t scheme : std::vector<std::uint16_t>{0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601}) {
    OpenSslServer server;
    Script script = script_for(0xC02F, Group::X25519);
    script.offer.schemes = {scheme};
    Client tls12(script);
    shake_hands(tls12, server);
    EXPECT_EQ(tls12.facts().signature, static_cast<SignatureScheme>(scheme));
    if (scheme >> 8 != 8) continue;
    script = script_for(0x1301, Group::X25519);
    script.offer.schemes = {scheme};
    script.offer.certificate_schemes = {0x0401};
    Client tls13(script);
    shake_hands(tls13, server);
    EXPECT_EQ(tls13.facts().signature, static_cast<SignatureScheme>(scheme));
  }
}

TEST(SelfTest, HelloRetryRequestFullAndResumed) {
  OpenSslServer server;
  Script script;
  script.offer = Offer::tls13_only();
  script.offer.shares.clear();
  Client first(script);
  shake_hands(first, server);
  ASSERT_TRUE(first.facts().hello_retry);
  ASSERT_FALSE(first.sessions().empty());
  echo(first, server);
  script.offer.sessions = {first.sessions().back()};
  Client second(script);
  shake_hands(second, server);
  EXPECT_TRUE(second.facts().hello_retry);
  EXPECT_TRUE(second.facts().resumed);
}

TEST(SelfTest, WithoutExtendedMasterSecret) {
  OpenSslServer server;
  for (const bool extended : {false, true}) {
    Script script = script_for(0xC02B, Group::X25519);
    script.offer.extended_master_secret = extended;
    Client first(script);
    SCOPED_TRACE(extended);
    shake_hands(first, server);
    ASSERT_FALSE(first.sessions().empty());
    EXPECT_EQ(first.facts().extended_master_secret, extended);
    script.offer.sessions = {first.sessions().back()};
    Client second(script);
    SCOPED_TRACE("resumed");
    shake_hands(second, server);
    EXPECT_TRUE(second.facts().resumed);
  }
}

TEST(SelfTest, BrowserHelloWithAlpnAndKeyUpdates) {
  OpenSslServer server;
  Script script;
  script.offer = Offer::browser();
  Client client(script);
  shake_hands(client, server);
  EXPECT_EQ(client.facts().version, ProtocolVersion::Tls13);
  EXPECT_EQ(client.facts().protocol, "http/1.1");
  client.receive(server.feed(client.update_keys(true)));
  client.receive(server.send(view_of("the answer to an update goes with the next write")));
  ASSERT_EQ(SSL_key_update(server.connection(), SSL_KEY_UPDATE_REQUESTED), 1);
  const Bytes answer = client.receive(server.send(view_of("x")));
  EXPECT_FALSE(answer.empty());
  server.feed(answer);
  client.receive(server.feed(client.send(view_of("data under new keys"))));
  EXPECT_EQ(to_text(server.received()), "data under new keys");
  EXPECT_EQ(client.error(), "");
  EXPECT_EQ(client.facts().key_updates, 2U);
}

TEST(SelfTest, NoticesTheDowngradeSentinel) {
  OpenSslServer server;
  // A TLS 1.3 server that is made to see a TLS 1.2 hello, as an attacker would arrange.
  Script script;
  script.hooks.hello = [](HelloSpec& hello, bool) { hello.erase(tls::ExtensionType::SupportedVersions); };
  Client client(script);
  server.open();
  client.receive(server.feed(client.start()));
  EXPECT_EQ(client.facts().downgrade_sentinel, 1);
  EXPECT_TRUE(client.failed());
}

TEST(SelfTest, SmallRecordsBothWaysAndClose) {
  OpenSslServer server;
  Script script;
  script.hooks.flight = [](std::vector<Outgoing>& flight) {
    for (Outgoing& item : flight) {
      if (item.type == ContentType::Handshake) item.fragment = 7;
    }
  };
  Client client(script);
  shake_hands(client, server);
  Outgoing padded;
  padded.step = Step::ApplicationData;
  padded.type = ContentType::ApplicationData;
  padded.epoch = Epoch::Application;
  padded.payload = to_bytes(std::string_view("padded and cut"));
  padded.fragment = 3;
  padded.padding = 100;
  server.feed(client.send(padded));
  EXPECT_EQ(to_text(server.received()), "padded and cut");
  SSL_shutdown(server.connection());
  client.receive(server.drain());
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_FALSE(client.failed());
}

TEST(SelfTest, ReportsAlerts) {
  OpenSslServer server;
  Script script;
  script.offer = Offer::tls13_only();
  script.hooks.flight = [](std::vector<Outgoing>& flight) {
    for (Outgoing& item : flight) {
      if (item.step == Step::Finished) item.payload.back() ^= 1;
    }
  };
  Client client(script);
  server.open();
  Bytes bytes = client.start();
  for (int turn = 0; turn < 4 && !bytes.empty(); ++turn) bytes = client.receive(server.feed(bytes));
  ASSERT_TRUE(client.alert().has_value());
  EXPECT_EQ(client.alert()->alert, Alert::DecryptError);
}

TEST(SelfTest, EarlyDataKeysMatch) {
  OpenSslServer server;
  SSL_CTX_set_options(server.context(), SSL_OP_NO_ANTI_REPLAY);  // which would need an orderly end of the first
  SSL_CTX_set_max_early_data(server.context(), 16384);
  SSL_CTX_set_recv_max_early_data(server.context(), 16384);
  Script script;
  script.offer = Offer::tls13_only();
  Client first(script);
  shake_hands(first, server);
  script.offer.sessions = {first.sessions().back()};
  script.offer.early_data = true;
  script.hooks.flight = [](std::vector<Outgoing>& flight) {
    if (flight.front().step != Step::ClientHello) return;
    Outgoing early;
    early.type = ContentType::ApplicationData;
    early.epoch = Epoch::EarlyData;
    early.payload = to_bytes(std::string_view("early"));
    flight.push_back(early);
  };
  Client second(script);
  server.open();
  const Bytes bytes = second.start();
  BIO_write(SSL_get_rbio(server.connection()), bytes.data(), static_cast<int>(bytes.size()));
  char buffer[64];
  std::size_t size = 0;
  EXPECT_EQ(SSL_read_early_data(server.connection(), buffer, sizeof buffer, &size), SSL_READ_EARLY_DATA_SUCCESS);
  EXPECT_EQ(std::string(buffer, size), "early");
}

}  // namespace
}  // namespace breakwater::test
