// What is chosen from a hello: version, host, certificate, protocol, record size.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;

TEST(Version, PrefersTls13AndHonoursTheConfiguration) {
  ServerSetup setup;
  EXPECT_EQ(Connected(setup).server.facts().version, ProtocolVersion::Tls13);
  setup.configuration.max_version = ProtocolVersion::Tls12;
  Connected tls12(setup);
  EXPECT_EQ(tls12.error, "");
  EXPECT_EQ(tls12.server.facts().version, ProtocolVersion::Tls12);
  // RFC 8446 4.1.3: only a server that speaks TLS 1.3 puts the sentinel there.
  EXPECT_EQ(tls12.client.facts().downgrade_sentinel, -1);
  setup.configuration.min_version = setup.configuration.max_version = ProtocolVersion::Tls13;
  Script script;
  script.offer = Offer::tls12_only();
  EXPECT_EQ(refusal(setup, script, Alert::ProtocolVersion), "");
}

TEST(Version, DowngradeSentinel) {  // RFC 8446 4.1.3
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(connected.client.facts().downgrade_sentinel, 1);
}

TEST(Version, FallbackScsv) {  // RFC 7507 3
  ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  script.offer.fallback_scsv = true;
  EXPECT_EQ(refusal(setup, script, Alert::InappropriateFallback), "");
  setup.configuration.max_version = ProtocolVersion::Tls12;
  EXPECT_EQ(Connected(setup, script).error, "");
  setup.configuration.max_version = ProtocolVersion::Tls13;
  script.offer = Offer();
  script.offer.fallback_scsv = true;  // TLS 1.3 is negotiated: nothing was lost
  EXPECT_EQ(Connected(setup, script).error, "");
}

// RFC 8446 4.2.1: when supported_versions is there, legacy_version is not looked at, and unknown versions are skipped.
TEST(Version, SupportedVersionsDecides) {
  const ServerSetup setup;
  Script script;
  script.offer.versions = {0x7A7A, 0x0305, 0x0303, 0x0304};
  Connected connected(setup, script);
  EXPECT_EQ(connected.error, "");
  EXPECT_EQ(connected.server.facts().version, ProtocolVersion::Tls13);
  script.hooks.hello = [](HelloSpec& hello, bool) { hello.set(extension::supported_versions({0x0302, 0x0301})); };
  EXPECT_EQ(refusal(setup, script, Alert::ProtocolVersion), "");
}

class Names : public ::testing::Test {
 protected:
  Names()
      : setup_({HostSpec{{{&ecdsa_identity(), {}, {}}}, {"first.example"}, {"h2", "http/1.1"}},
                HostSpec{{{&rsa_identity(), {}, {}}}, {"second.example", "*.second.example"}, {"http/1.1"}},
                HostSpec{{{&rsa_identity(), {}, {}}, {&ecdsa_identity(), {}, {}}}, {"a.second.example"}, {}}}) {}

  std::uint16_t host_of(std::string name) {
    Script script;
    script.offer.server_name = std::move(name);
    Connected connected(setup_, script);
    EXPECT_EQ(connected.error, "");
    if (script.offer.server_name.empty()) {
      EXPECT_FALSE(connected.client.facts().server_name_acknowledged);
    }
    return connected.server.facts().host;
  }

  ServerSetup setup_;
};

TEST_F(Names, ExactWildcardAndDefault) {
  EXPECT_EQ(host_of("first.example"), 0U);
  EXPECT_EQ(host_of("second.example"), 1U);
  EXPECT_EQ(host_of("www.second.example"), 1U);
  EXPECT_EQ(host_of("a.second.example"), 2U);
  EXPECT_EQ(host_of("x.y.second.example"), 0U);  // RFC 6125 6.4.3: one label
  EXPECT_EQ(host_of("other.example"), 0U);
  EXPECT_EQ(host_of("SECOND.Example"), 1U);
  EXPECT_EQ(host_of(""), 0U);
  EXPECT_EQ(host_of(".second.example"), 0U);
  EXPECT_EQ(host_of("*.second.example"), 0U);
}

TEST_F(Names, UnknownNamesAreRefusedOnRequest) {
  setup_.configuration.reject_unknown_names = true;
  Script script;
  script.offer.server_name = "other.example";
  EXPECT_EQ(refusal(setup_, script, Alert::UnrecognizedName), "");
  EXPECT_EQ(host_of("first.example"), 0U);
  EXPECT_EQ(host_of(""), 0U);
}

TEST_F(Names, AcknowledgedWhenUsed) {  // RFC 6066 3
  for (const bool tls13 : {true, false}) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.server_name = "second.example";
    EXPECT_TRUE(Connected(setup_, script).client.facts().server_name_acknowledged);
    script.offer.server_name = "unknown.example";
    EXPECT_FALSE(Connected(setup_, script).client.facts().server_name_acknowledged);
  }
}

TEST_F(Names, CertificateOfTheHost) {
  Script script;
  script.offer.server_name = "second.example";
  Connected connected(setup_, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(connected.client.facts().certificates.front(), rsa_identity().der);
}

TEST_F(Names, Alpn) {  // RFC 7301 3.2: the server's order decides
  for (const bool tls13 : {true, false}) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.server_name = "first.example";
    script.offer.protocols = {"http/1.1", "spdy/3", "h2"};
    Connected both(setup_, script);
    ASSERT_EQ(both.error, "");
    EXPECT_EQ(both.client.facts().protocol, "h2");
    EXPECT_EQ(setup_.configuration.protocols[static_cast<std::size_t>(both.server.facts().protocol)], "h2");
    script.offer.server_name = "second.example";
    Connected one(setup_, script);
    ASSERT_EQ(one.error, "");
    EXPECT_EQ(one.client.facts().protocol, "http/1.1");
    script.offer.server_name = "a.second.example";  // a host without ALPN does not take part
    Connected none(setup_, script);
    ASSERT_EQ(none.error, "");
    EXPECT_EQ(none.client.facts().protocol, "");
    EXPECT_EQ(none.server.facts().protocol, -1);
    script.offer.server_name = "first.example";
    for (const char* near : {"h", "h22", "H2", "http/1.0", "http/1.11"}) {
      script.offer.protocols = {near};
      EXPECT_EQ(refusal(setup_, script, Alert::NoApplicationProtocol), "") << near;
    }
  }
}

class Certificates : public ::testing::Test {
 protected:
  static const Bytes& chosen(const Connected& connected) { return connected.client.facts().certificates.front(); }
  ServerSetup setup_;  // ECDSA first, then RSA
};

TEST_F(Certificates, ByWhatTheClientVerifies) {
  for (const bool tls13 : {true, false}) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    Connected both(setup_, script);
    ASSERT_EQ(both.error, "");
    EXPECT_EQ(chosen(both), ecdsa_identity().der);
    script.offer.schemes = {0x0804, 0x0401};
    Connected rsa(setup_, script);
    ASSERT_EQ(rsa.error, "");
    EXPECT_EQ(chosen(rsa), rsa_identity().der);
    script.offer.schemes = {0x0403};
    Connected ecdsa(setup_, script);
    ASSERT_EQ(ecdsa.error, "");
    EXPECT_EQ(chosen(ecdsa), ecdsa_identity().der);
    script.offer.schemes = {0x0807, 0x0203, 0x0201};  // Ed25519 and SHA-1: nothing we sign with
    EXPECT_EQ(refusal(setup_, script, Alert::HandshakeFailure), "");
  }
}

TEST_F(Certificates, Tls13NeverUsesPkcs1) {  // RFC 8446 4.2.3
  const ServerSetup setup({HostSpec{{{&rsa_identity(), {}, {}}}, {}, {}}});
  Script script;
  script.offer = Offer::tls13_only();
  script.offer.schemes = {0x0401, 0x0501, 0x0601};
  EXPECT_EQ(refusal(setup, script, Alert::HandshakeFailure), "");
  for (const std::uint16_t scheme : std::vector<std::uint16_t>{0x0804, 0x0805, 0x0806}) {
    script.offer.schemes = {0x0401, scheme};
    Connected connected(setup, script);
    EXPECT_EQ(connected.error, "");
    EXPECT_EQ(connected.client.facts().signature, static_cast<SignatureScheme>(scheme));
  }
}

TEST_F(Certificates, Tls12UsesEveryRsaScheme) {
  for (const std::uint16_t scheme : std::vector<std::uint16_t>{0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601}) {
    Script script;
    script.offer = Offer::tls12_only();
    script.offer.schemes = {scheme};
    Connected connected(setup_, script);
    EXPECT_EQ(connected.error, "");
    EXPECT_EQ(connected.client.facts().signature, static_cast<SignatureScheme>(scheme));
    EXPECT_EQ(echo(connected.client, connected.server), "");
  }
}

TEST_F(Certificates, ByTheSuitesInTls12) {
  Script script;
  script.offer = Offer::tls12_only();
  script.offer.suites = {0xC02F};
  Connected connected(setup_, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(chosen(connected), rsa_identity().der);
}

TEST_F(Certificates, ByTheCurveInTls12) {  // RFC 8422 5.1: supported_groups binds the certificate's curve as well
  Script script;
  script.offer = Offer::tls12_only();
  script.offer.groups = {0x001D};
  Connected connected(setup_, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(chosen(connected), rsa_identity().der);
}

TEST_F(Certificates, SignatureAlgorithmsCert) {  // RFC 8446 4.2.3
  const ServerSetup setup({HostSpec{{{&ecdsa_identity(), {static_cast<SignatureScheme>(0x0503)}, {}},
                                     {&rsa_identity(), {SignatureScheme::RsaPkcs1Sha256}, {}}},
                                    {},
                                    {}}});
  for (const bool tls13 : {true, false}) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.schemes = {0x0403, 0x0804, 0x0401};
    Connected by_schemes(setup, script);  // 0x0503 is missing: the RSA chain is the one that can be verified
    ASSERT_EQ(by_schemes.error, "");
    EXPECT_EQ(chosen(by_schemes), rsa_identity().der);
    script.offer.certificate_schemes = {0x0503};
    Connected by_extension(setup, script);
    ASSERT_EQ(by_extension.error, "");
    EXPECT_EQ(chosen(by_extension), ecdsa_identity().der);
    script.offer.certificate_schemes = {0x0807};  // nothing fits: RFC 8446 4.4.2.2 says to go on with some chain
    EXPECT_EQ(Connected(setup, script).error, "");
  }
}

TEST(Groups, OurOrderDecides) {
  ServerSetup setup;
  Script script;
  script.offer.groups = {0x0017, 0x001D};
  script.offer.shares = {0x0017, 0x001D};
  Connected ours(setup, script);
  ASSERT_EQ(ours.error, "");
  EXPECT_EQ(ours.server.facts().group, Group::X25519);
  setup.set_groups({Group::Secp256r1});
  Connected only(setup, script);
  ASSERT_EQ(only.error, "");
  EXPECT_EQ(only.server.facts().group, Group::Secp256r1);
  // A share at hand is worth more than our favourite group: no round trip for it.
  setup.set_groups({Group::X25519, Group::Secp256r1});
  script.offer.shares = {0x0017};
  Connected shared(setup, script);
  ASSERT_EQ(shared.error, "");
  EXPECT_EQ(shared.server.facts().group, Group::Secp256r1);
  EXPECT_FALSE(shared.server.facts().hello_retry);
}

TEST(Groups, Advertised) {  // RFC 8446 4.2.7
  ServerSetup setup;
  setup.set_advertised_groups({0x001D, 0x0017, 0x11EC});
  Script script;
  script.offer = Offer::tls13_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(connected.client.facts().advertised_groups, (std::vector<std::uint16_t>{0x001D, 0x0017, 0x11EC}));
}

TEST(Suites, OursInOrderUnlessTheClientWantsChaCha) {
  ServerSetup setup;
  setup.set_suites({CipherSuite::Aes256GcmSha384, CipherSuite::Aes128GcmSha256, CipherSuite::ChaCha20Poly1305Sha256});
  EXPECT_EQ(Connected(setup).server.facts().suite, CipherSuite::Aes256GcmSha384);
  Script script;
  script.offer.suites = {0x1303, 0x1301, 0x1302};
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  EXPECT_EQ(connected.server.facts().suite, CipherSuite::ChaCha20Poly1305Sha256);
}

TEST(RecordSizeLimit, BoundsWhatWeSend) {  // RFC 8449 4
  const ServerSetup setup;
  for (const bool tls13 : {true, false}) {
    for (const std::uint16_t limit : std::vector<std::uint16_t>{64, 65, 500, 16384, 16385, 65535}) {
      Script script;
      script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
      script.offer.record_size_limit = limit;
      Connected connected(setup, script);  // the client refuses larger records, those of the flight too
      ASSERT_EQ(connected.error, "") << limit;
      const std::size_t payload = std::min<std::size_t>(16384, tls13 ? limit - 1U : limit);
      EXPECT_EQ(connected.server.max_payload(), payload);
      EXPECT_EQ(connected.client.facts().record_size_limit, tls13 ? 16385 : 16384);
      EXPECT_EQ(echo(connected.client, connected.server, 20'000), "");
    }
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.record_size_limit = 63;
    EXPECT_EQ(refusal(setup, script, Alert::IllegalParameter), "");
    script.offer.record_size_limit.reset();
    EXPECT_FALSE(Connected(setup, script).client.facts().record_size_limit.has_value());
  }
}

TEST(SecureRenegotiation, RenegotiationInfoIsAnsweredForScsvAsWell) {  // RFC 5746 3.6
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  script.offer.renegotiation_info = false;
  script.offer.renegotiation_scsv = true;
  Connected by_scsv(setup, script);
  ASSERT_EQ(by_scsv.error, "");
  EXPECT_TRUE(by_scsv.client.facts().secure_renegotiation);
  script.offer.renegotiation_scsv = false;
  Connected without(setup, script);
  ASSERT_EQ(without.error, "");
  EXPECT_FALSE(without.client.facts().secure_renegotiation);
}

TEST(MinimalHello, Tls12WithoutExtensions) {  // RFC 5246 7.4.1.4: a client may send none; the default is SHA-1 then
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls12_only();
  script.hooks.hello = [](HelloSpec& hello, bool) {
    hello.extensions.clear();
    hello.extensions_field = false;
  };
  EXPECT_EQ(refusal(setup, script, Alert::HandshakeFailure), "");
  script.hooks.hello = [](HelloSpec& hello, bool) {
    std::erase_if(hello.extensions, [](const Extension& extension) {
      return extension.type != static_cast<std::uint16_t>(ExtensionType::SignatureAlgorithms);
    });
  };
  Connected connected(setup, script);  // RFC 8422 4: without supported_groups the choice is the server's
  EXPECT_EQ(connected.error, "");
  EXPECT_EQ(connected.server.facts().group, Group::Secp256r1);
}

}  // namespace
}  // namespace breakwater::test
