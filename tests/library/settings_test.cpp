// Every setting that is refused, with its message, and what the engine gets of the others.
#include "library/src/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace breakwater::test {
namespace {

std::string error_of(const ServerOptions& options) {
  Settings settings;
  tls::Configuration configuration;
  return take_settings(options, settings, configuration);
}

// The error after one change to good options.
template <class Change>
std::string error_after(Change change) {
  ServerOptions options;
  change(options);
  return error_of(options);
}

TEST(Settings, DefaultsAreTheEngines) {
  Settings settings;
  tls::Configuration configuration;
  const tls::Configuration defaults;
  ASSERT_EQ(take_settings({}, settings, configuration), "");
  EXPECT_EQ(configuration.suites.data(), defaults.suites.data());
  EXPECT_EQ(configuration.groups.data(), defaults.groups.data());
  EXPECT_EQ(configuration.min_version, defaults.min_version);
  EXPECT_EQ(configuration.max_version, defaults.max_version);
  EXPECT_EQ(configuration.tickets, defaults.tickets);
  EXPECT_EQ(configuration.tickets_per_handshake, defaults.tickets_per_handshake);
  EXPECT_EQ(configuration.ticket_lifetime_s, defaults.ticket_lifetime_s);
  EXPECT_EQ(configuration.record_size_limit, defaults.record_size_limit);
  EXPECT_EQ(configuration.key_update_after, defaults.key_update_after);
  EXPECT_EQ(configuration.reject_unknown_names, defaults.reject_unknown_names);
  EXPECT_TRUE(configuration.protocols.empty());
}

TEST(Settings, ReachTheEngineInOrder) {
  ServerOptions options;
  options.alpn = {"h2", "http/1.1"};
  options.groups = {"secp256r1", "x25519"};
  options.suites = {"TLS_CHACHA20_POLY1305_SHA256"};
  options.min_version = Version::Tls13;
  options.tickets = false;
  options.tickets_per_handshake = 1;
  options.ticket_lifetime_s = 7;
  options.record_size_limit = 64;
  options.key_update_after = 9;
  options.reject_unknown_names = true;
  Settings settings;
  tls::Configuration configuration;
  ASSERT_EQ(take_settings(options, settings, configuration), "");
  EXPECT_TRUE(std::ranges::equal(configuration.protocols, std::vector<std::string_view>{"h2", "http/1.1"}));
  EXPECT_EQ(settings.protocol_order, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_TRUE(std::ranges::equal(configuration.groups, std::vector{tls::Group::Secp256r1, tls::Group::X25519}));
  EXPECT_TRUE(std::ranges::equal(configuration.suites, std::vector{tls::CipherSuite::ChaCha20Poly1305Sha256}));
  EXPECT_EQ(configuration.min_version, tls::ProtocolVersion::Tls13);
  EXPECT_FALSE(configuration.tickets);
  EXPECT_EQ(configuration.tickets_per_handshake, 1);
  EXPECT_EQ(configuration.ticket_lifetime_s, 7u);
  EXPECT_EQ(configuration.record_size_limit, 64);
  EXPECT_EQ(configuration.key_update_after, 9u);
  EXPECT_TRUE(configuration.reject_unknown_names);
}

TEST(Settings, TakesEverySuiteAndGroupByItsName) {
  ServerOptions options;
  options.suites = {"TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"};
  options.groups = {"x25519", "secp256r1"};
  Settings settings;
  tls::Configuration configuration;
  ASSERT_EQ(take_settings(options, settings, configuration), "");
  EXPECT_TRUE(std::ranges::is_permutation(configuration.suites, tls::kDefaultSuites));
  EXPECT_TRUE(std::ranges::is_permutation(configuration.groups, tls::kDefaultGroups));
}

TEST(Settings, RefusesVersions) {
  EXPECT_EQ(error_after([](auto& options) {
              options.min_version = Version::Tls13;
              options.max_version = Version::Tls12;
            }),
            "min_version: it is above max_version");
  const std::string unknown = "min_version, max_version: only TLS 1.2 and 1.3 exist here";
  EXPECT_EQ(error_after([](auto& options) { options.min_version = Version::None; }), unknown);
  EXPECT_EQ(error_after([](auto& options) { options.max_version = static_cast<Version>(0x0305); }), unknown);
}

TEST(Settings, RefusesNumbersOutOfRange) {
  const auto message = [](const std::string& option, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    return option + ": " + std::to_string(value) + " is out of range: from " + std::to_string(low) + " to " +
           std::to_string(high) + " are allowed";
  };
  for (const std::uint32_t value : {0u, 604801u}) {
    EXPECT_EQ(error_after([=](auto& options) { options.ticket_lifetime_s = value; }),
              message("ticket_lifetime_s", value, 1, 604800));
    EXPECT_EQ(error_after([=](auto& options) { options.ticket_rotation_s = value; }),
              message("ticket_rotation_s", value, 1, 604800));
  }
  for (const std::uint16_t value : {std::uint16_t{63}, std::uint16_t{16386}}) {
    EXPECT_EQ(error_after([=](auto& options) { options.record_size_limit = value; }),
              message("record_size_limit", value, 64, 16385));
  }
  EXPECT_EQ(error_after([](auto& options) { options.tickets_per_handshake = 9; }),
            message("tickets_per_handshake", 9, 0, 8));
  for (const std::uint64_t value : {std::uint64_t{0}, (std::uint64_t{1} << 24) + 1}) {
    EXPECT_EQ(error_after([=](auto& options) { options.key_update_after = value; }),
              message("key_update_after", value, 1, 1 << 24));
  }
  EXPECT_EQ(error_after([](auto& options) {
              options.ticket_lifetime_s = options.ticket_rotation_s = 604800;
              options.tickets_per_handshake = 8;
              options.record_size_limit = 16385;
              options.key_update_after = 1 << 24;
            }),
            "");
}

TEST(Settings, RefusesProtocols) {
  const std::string size = "alpn: a protocol name has from 1 to 255 bytes";
  EXPECT_EQ(error_after([](auto& options) { options.alpn = {""}; }), size);
  EXPECT_EQ(error_after([](auto& options) { options.alpn = {"h2", std::string(256, 'a')}; }), size);
  EXPECT_EQ(error_after([](auto& options) { options.alpn = {std::string(255, 'a')}; }), "");
  EXPECT_EQ(error_after([](auto& options) { options.alpn = {"h2", "http/1.1", "h2"}; }), "alpn: h2 is listed twice");
  EXPECT_EQ(error_after([](auto& options) {
              for (int i = 0; i < 33; ++i) options.alpn.push_back("p" + std::to_string(i));
            }),
            "alpn: number of protocols: 33 is out of range: from 0 to 32 are allowed");
}

TEST(Settings, RefusesUnknownNames) {
  EXPECT_EQ(error_after([](auto& options) {
              options.groups = {"x25519", "x448"};
            }),
            "groups: \"x448\" is not known: choose from x25519, secp256r1");
  EXPECT_EQ(error_after([](auto& options) {
              options.groups = {"x25519", "x25519"};
            }),
            "groups: x25519 is listed twice");
  EXPECT_EQ(error_after([](auto& options) {
              options.suites = {"TLS_RSA_WITH_AES_128_CBC_SHA"};
            }).rfind("suites: \"TLS_RSA_WITH_AES_128_CBC_SHA\" is not known: choose from TLS_AES_128_GCM_SHA256, ", 0),
            0u);
  EXPECT_EQ(error_after([](auto& options) {
              options.suites = {"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"};
            }),
            "suites: TLS_AES_128_GCM_SHA256 is listed twice");
}

TEST(Settings, RefusesAVersionWithoutSuites) {
  EXPECT_EQ(error_after([](auto& options) { options.suites = {"TLS_AES_128_GCM_SHA256"}; }),
            "suites: none is for TLS 1.2: add one, or raise min_version");
  EXPECT_EQ(error_after([](auto& options) { options.suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}; }),
            "suites: none is for TLS 1.3: add one, or lower max_version");
  EXPECT_EQ(error_after([](auto& options) {
              options.suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
              options.max_version = Version::Tls12;
            }),
            "");
}

}  // namespace
}  // namespace breakwater::test
