// The load generator's client against OpenSSL's server, in memory: a peer that shares nothing with this project.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/flood/tls_support.h"
#include "tests/support/server_setup.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;

void require(bool condition) {
  if (!condition) std::abort();
}

int make_cookie(SSL*, unsigned char* cookie, std::size_t* size) {
  *size = 20;
  std::fill_n(cookie, *size, static_cast<unsigned char>(0xC0));
  return 1;
}
int check_cookie(SSL*, const unsigned char* cookie, std::size_t size) { return size == 20 && cookie[19] == 0xC0; }

class LibsslSetup {
 public:
  LibsslSetup() : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    use(bt::ecdsa_identity());
    use(bt::rsa_identity());
    SSL_CTX_set_stateless_cookie_generate_cb(context_.get(), make_cookie);
    SSL_CTX_set_stateless_cookie_verify_cb(context_.get(), check_cookie);
    const unsigned char id[] = "flood";
    SSL_CTX_set_session_id_context(context_.get(), id, sizeof id);
  }
  SSL_CTX* context() const { return context_.get(); }

 private:
  void use(const bt::ServerIdentity& identity) {
    require(SSL_CTX_use_certificate_ASN1(context_.get(), static_cast<int>(identity.der.size()), identity.der.data()));
    require(SSL_CTX_use_PrivateKey(context_.get(), identity.key.get()));
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

class LibsslServer {
 public:
  explicit LibsslServer(const LibsslSetup& setup) : ssl_(SSL_new(setup.context()), SSL_free) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    BIO_set_mem_eof_return(out_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_accept_state(ssl_.get());
  }

  Bytes operator()(View bytes) {
    require(BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()));
    while (stateless && BIO_pending(in_) != 0) stateless = SSL_stateless(ssl_.get()) != 1;  // once per record
    if (stateless) return take();
    if (!SSL_is_init_finished(ssl_.get())) SSL_do_handshake(ssl_.get());
    unsigned char buffer[4096];
    int size = 0;
    while (SSL_is_init_finished(ssl_.get()) && (size = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) {
      received.insert(received.end(), buffer, buffer + size);
    }
    return take();
  }
  Bytes send(View data) {
    require(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) == static_cast<int>(data.size()));
    return take();
  }
  Bytes update_keys() {
    require(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
    SSL_do_handshake(ssl_.get());
    return take();
  }
  Bytes close() {
    SSL_shutdown(ssl_.get());
    return take();
  }
  bool done() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  bool closed() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  SSL* ssl() const { return ssl_.get(); }

  Bytes received;
  bool stateless = false;  // asks for a cookie by HelloRetryRequest first

 private:
  Bytes take() {
    unsigned char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    Bytes out(data, data + size);
    BIO_reset(out_);
    return out;
  }

  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  BIO* in_;
  BIO* out_;
};

void expect_use(Talk& talk, LibsslServer& server) {
  const Bytes up = bt::Random(5).bytes(3000);
  const Bytes down = bt::Random(6).bytes(40'000);
  server.received.clear();
  talk.received.clear();
  ASSERT_TRUE(talk.client.write(up));
  talk.run(std::ref(server));
  EXPECT_EQ(server.received, up);
  talk.deliver(server.send(down));
  EXPECT_EQ(talk.received, down);
}

ClientSettings of(Version version, bool tickets = false) {
  ClientSettings settings;
  settings.version = version;
  settings.tickets = tickets;
  return settings;
}

class TlsLibssl : public ::testing::TestWithParam<ClientSettings> {
 protected:
  LibsslSetup setup_;
};

TEST_P(TlsLibssl, FullThenResumed) {
  ClientSettings settings = GetParam();
  settings.tickets = true;
  settings.check_signature = true;
  settings.alpn = {"http/1.1"};
  settings.server_name = "ecdsa.example";
  const Profile profile(settings);
  std::optional<Session> session;
  for (const bool resume : {false, true}) {
    LibsslServer server(setup_);
    Talk talk;
    talk.start(profile, resume ? &*session : nullptr, resume ? 2 : 1);
    talk.run(std::ref(server));
    ASSERT_EQ(talk.trouble(), "");
    EXPECT_TRUE(server.done());
    EXPECT_EQ(server.resumed(), resume);
    EXPECT_EQ(talk.client.resumed(), resume);
    EXPECT_EQ(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(server.ssl())), talk.client.suite());
    if (settings.version == Version::Tls12) {
      EXPECT_EQ(SSL_get_extms_support(server.ssl()), 1);
    }
    if (!resume) session = talk.client.take_session();
    ASSERT_TRUE(session.has_value());
    expect_use(talk, server);
    ASSERT_TRUE(talk.client.close_notify());
    talk.run(std::ref(server));
    EXPECT_TRUE(server.closed());
    talk.deliver(server.close());
    EXPECT_EQ(talk.client.state(), State::Closed);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TlsLibssl, ::testing::ValuesIn(all_settings()),
                         [](const auto& tested) { return name_of(tested.param); });

TEST(TlsLibsslExtras, NoExtendedMasterSecret) {
  LibsslSetup setup;
  SSL_CTX_set_options(setup.context(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
  const Profile profile(of(Version::Tls12, true));
  Talk talk;
  LibsslServer server(setup);
  talk.start(profile);
  talk.run(std::ref(server));
  ASSERT_EQ(talk.trouble(), "");
  EXPECT_EQ(SSL_get_extms_support(server.ssl()), 0);
  const std::optional<Session> session = talk.client.take_session();
  ASSERT_TRUE(session.has_value());
  EXPECT_FALSE(session->extended_master_secret);
  LibsslServer resuming(setup);
  talk.start(profile, &*session, 2);
  talk.run(std::ref(resuming));
  EXPECT_EQ(talk.trouble(), "");
  EXPECT_TRUE(resuming.resumed());
}

TEST(TlsLibsslExtras, NotResumed) {
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    const Profile profile(of(version, true));
    LibsslSetup setup;
    LibsslServer server(setup);
    Talk talk;
    talk.start(profile);
    talk.run(std::ref(server));
    const std::optional<Session> session = talk.client.take_session();
    ASSERT_TRUE(session.has_value());
    LibsslSetup other;  // with ticket keys of its own
    LibsslServer refusing(other);
    talk.start(profile, &*session, 2);
    talk.run(std::ref(refusing));
    EXPECT_EQ(talk.client.failure(), Failure::NotResumed);
  }
}

// Full handshakes: OpenSSL 3.0 cannot check a binder behind a stateless retry, of its own client neither.
TEST(TlsLibsslExtras, RetryWithCookieAlone) {
  LibsslSetup setup;
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser, Shape::BrowserPq}) {
    ClientSettings settings = of(Version::Tls13);
    settings.shape = shape;
    settings.alpn = {"http/1.1"};
    const Profile profile(settings);
    LibsslServer server(setup);
    server.stateless = true;
    Talk talk;
    talk.start(profile);
    talk.run(std::ref(server));
    ASSERT_EQ(talk.trouble(), "") << static_cast<int>(shape);
    EXPECT_FALSE(server.stateless);
    expect_use(talk, server);
  }
}

TEST(TlsLibsslExtras, RetryForAnotherGroup) {
  for (const Group group : {Group::Secp256r1, Group::X25519}) {
    LibsslSetup setup;
    SSL_CTX_set1_groups_list(setup.context(), group == Group::X25519 ? "P-256" : "X25519");
    ClientSettings settings = of(Version::Tls13, true);
    settings.group = group;
    settings.shape = Shape::Browser;
    settings.alpn = {"http/1.1"};
    const Profile profile(settings);
    std::optional<Session> session;
    for (const bool resume : {false, true}) {
      LibsslServer server(setup);
      Talk talk;
      talk.start(profile, resume ? &*session : nullptr, resume ? 2 : 1);
      talk.run(std::ref(server));
      ASSERT_EQ(talk.trouble(), "");
      EXPECT_EQ(server.resumed(), resume);
      session = talk.client.take_session();
      ASSERT_TRUE(session.has_value());
      expect_use(talk, server);
    }
  }
}

TEST(TlsLibsslExtras, KeyUpdates) {
  LibsslSetup setup;
  const Profile profile(of(Version::Tls13));
  LibsslServer server(setup);
  Talk talk;
  talk.start(profile);
  talk.run(std::ref(server));
  for (int round = 0; round < 10; ++round) {
    talk.deliver(server.update_keys());
    talk.run(std::ref(server));
    expect_use(talk, server);
  }
  EXPECT_EQ(talk.client.failure(), Failure::None);
}

TEST(TlsLibsslExtras, PaddedRecords) {
  LibsslSetup setup;
  SSL_CTX_set_block_padding(setup.context(), 4096);
  const Profile profile(of(Version::Tls13));
  LibsslServer server(setup);
  Talk talk;
  talk.start(profile);
  talk.run(std::ref(server));
  EXPECT_EQ(talk.trouble(), "");
  expect_use(talk, server);
}

TEST(TlsLibsslExtras, AsksForACertificate) {
  LibsslSetup setup;
  SSL_CTX_set_verify(setup.context(), SSL_VERIFY_PEER, nullptr);
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    const Profile profile(of(version, true));
    LibsslServer server(setup);
    Talk talk;
    talk.start(profile);
    talk.run(std::ref(server));
    EXPECT_EQ(talk.trouble(), "");
    EXPECT_TRUE(server.done());
    expect_use(talk, server);
  }
}

class TlsRenegotiation : public ::testing::TestWithParam<ClientSettings> {};

TEST_P(TlsRenegotiation, GrantedOverAndOver) {
  LibsslSetup setup;
  SSL_CTX_set_options(setup.context(), SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
  ClientSettings settings = GetParam();
  settings.alpn = {"http/1.1"};
  settings.check_signature = true;
  const Profile profile(settings);
  LibsslServer server(setup);
  Talk talk;
  talk.start(profile);
  talk.run(std::ref(server));
  ASSERT_EQ(talk.trouble(), "");
  for (std::uint32_t round = 1; round <= 5; ++round) {
    ASSERT_TRUE(talk.client.start_renegotiation(bt::Random(round).bytes(64)));
    EXPECT_EQ(talk.client.state(), State::Handshaking);
    EXPECT_FALSE(talk.client.start_renegotiation(bt::Random(round).bytes(64)));
    talk.run(std::ref(server));
    ASSERT_EQ(talk.trouble(), "");
    EXPECT_EQ(talk.client.renegotiations(), round);
    EXPECT_EQ(SSL_CTX_sess_accept_renegotiate(setup.context()), static_cast<long>(round));
    expect_use(talk, server);
  }
}

TEST_P(TlsRenegotiation, Refused) {
  LibsslSetup setup;
  const Profile profile(GetParam());
  LibsslServer server(setup);
  Talk talk;
  talk.start(profile);
  talk.run(std::ref(server));
  ASSERT_EQ(talk.trouble(), "");
  ASSERT_TRUE(talk.client.start_renegotiation(bt::Random(3).bytes(64)));
  talk.run(std::ref(server));
  EXPECT_EQ(talk.trouble(), "");
  EXPECT_EQ(talk.client.alert(), 100);
  EXPECT_EQ(talk.client.renegotiations(), 0U);
  expect_use(talk, server);
}

std::vector<ClientSettings> tls12_settings() {
  std::vector<ClientSettings> all = all_settings();
  std::erase_if(all, [](const ClientSettings& settings) { return settings.version != Version::Tls12; });
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, TlsRenegotiation, ::testing::ValuesIn(tls12_settings()),
                         [](const auto& tested) { return name_of(tested.param); });

TEST(TlsRenegotiation13, EndsTheConnection) {
  LibsslSetup setup;
  const Profile profile(of(Version::Tls13));
  LibsslServer server(setup);
  Talk talk;
  talk.start(profile);
  talk.run(std::ref(server));
  ASSERT_TRUE(talk.client.start_renegotiation(bt::Random(3).bytes(64)));
  EXPECT_EQ(talk.client.state(), State::Established);
  talk.run(std::ref(server));
  EXPECT_EQ(talk.client.failure(), Failure::Alert);
  EXPECT_STREQ(alert_text(talk.client.alert()), "unexpected_message");
}

// The engine refuses both.
TEST(TlsRenegotiationOfTheEngine, IsRefused) {
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    const Profile profile(of(version));
    const bt::ServerSetup setup;
    bt::EngineServer server(setup);
    Talk talk;
    talk.start(profile);
    talk.run(engine(server));
    ASSERT_EQ(talk.trouble(), "");
    ASSERT_TRUE(talk.client.start_renegotiation(bt::Random(3).bytes(64)));
    talk.run(engine(server));
    EXPECT_EQ(talk.client.renegotiations(), 0U);
    if (version == Version::Tls12) {
      EXPECT_EQ(talk.trouble(), "");
      EXPECT_EQ(talk.client.alert(), 100);
      ASSERT_TRUE(talk.client.start_renegotiation(bt::Random(4).bytes(64)));
      talk.run(engine(server));
    }
    EXPECT_EQ(talk.client.state(), State::Failed);
    EXPECT_EQ(talk.client.failure(), Failure::Alert);
    EXPECT_TRUE(server.failed());
  }
}

}  // namespace
}  // namespace breakwater::flood::testing
