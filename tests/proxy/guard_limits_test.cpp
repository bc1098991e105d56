// What becomes of shares on a server with certificates: limits of the guard, and what people are told.
#include "proxy/guard/guard_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/config/describe_guard.h"

namespace breakwater::proxy {
namespace {

using guard::microseconds_of_share;
using Memory = guard::Usage::Memory;

CertificateOptions certificate(SelfSignedKey key, std::vector<std::string> names) {
  auto made = make_self_signed(key, names);
  EXPECT_TRUE(made);
  return *made;
}

// a.example: ECDSA and RSA; b.example: ECDSA; c.example: RSA, the certificate that a.example has too.
ServerPtr build_three_hosts() {
  ServerOptions options;
  options.certificates = {certificate(SelfSignedKey::EcdsaP256, {"a.example"}),
                          certificate(SelfSignedKey::EcdsaP256, {"b.example"}),
                          certificate(SelfSignedKey::Rsa2048, {"a.example", "c.example"})};
  BuildResult built = Server::build(options);
  EXPECT_NE(built.server, nullptr) << built.error;
  return built.server;
}

const ServerPtr& three_hosts() {
  static const ServerPtr server = build_three_hosts();
  return server;
}

using Numbers = std::vector<std::uint32_t>;

Numbers certificates_of(const Server& server, std::size_t host) {
  const auto list = server.certificates_of(host);
  return {list.begin(), list.end()};
}

TEST(GuardLimits, AHostHasTheSmallestShareOfItsCertificates) {
  const ServerPtr server = three_hosts();
  ASSERT_EQ(server->host_count(), 3u);
  GuardConfig config;
  config.certificate_shares = {100'000, 200'000, 300'000};
  const Numbers limits = host_limits(config, *server);
  ASSERT_EQ(limits.size(), 3u);
  EXPECT_EQ(certificates_of(*server, 0), (Numbers{0, 2})) << "the first certificate's host is the default";
  EXPECT_EQ(limits[0], microseconds_of_share(100'000, Memory::Short));
  for (const std::size_t host : {1u, 2u}) {
    const Numbers own = certificates_of(*server, host);
    ASSERT_EQ(own.size(), 1u);
    EXPECT_EQ(limits[host], microseconds_of_share(own[0] == 1 ? 200'000 : 300'000, Memory::Short));
  }
  EXPECT_NE(certificates_of(*server, 1), certificates_of(*server, 2));
  EXPECT_EQ(certificates_of(*server, 3), Numbers{});
}

TEST(GuardLimits, CapacityIsWhatAHandshakeOfTheKindCosts) {
  const ServerPtr server = three_hosts();
  const HandshakesPerSecond all = handshakes_per_second(*server);
  const double connection = guard::GuardCosts{}.connection;
  EXPECT_NEAR(1e6 / all.rsa, server->dearest_handshake_ns(SignatureKind::Rsa) / 1e3 + connection, 1);
  EXPECT_GT(all.ecdsa, all.rsa);
  EXPECT_GT(all.resumed, all.ecdsa);
  ServerOptions options;
  options.certificates = {certificate(SelfSignedKey::EcdsaP256, {"a.example"})};
  EXPECT_EQ(handshakes_per_second(*Server::build(options).server).rsa, 0);
}

TEST(GuardLimits, SelfSignedCertificatesHaveHostShare) {
  const ServerPtr server = three_hosts();
  GuardConfig config;
  config.host_share = 123'000;
  EXPECT_EQ(host_limits(config, *server), Numbers(3, microseconds_of_share(123'000, Memory::Short)));
}

TEST(GuardLimits, AnAddressMayAlwaysHaveAFewHandshakes) {
  const ServerPtr server = three_hosts();
  GuardConfig config;
  config.address_share = 1;
  const std::uint32_t dearest_us = server->dearest_handshake_ns() / 1000;
  EXPECT_EQ(guard_limits(config, *server, 1).address, 8 * (dearest_us + guard::GuardCosts{}.connection));
  config.address_share = 500'000;
  EXPECT_EQ(guard_limits(config, *server, 1).address, microseconds_of_share(500'000, Memory::Long));
}

TEST(GuardLimits, TheQueueHasRoomForAFewHandshakes) {
  const ServerPtr server = three_hosts();
  GuardConfig config;
  EXPECT_EQ(queue_limit_ns(config, *server), 250'000'000u);
  config.queue_limit_ms = 0;
  EXPECT_EQ(queue_limit_ns(config, *server), 4u * server->dearest_handshake_ns());
}

TEST(GuardLimits, WorkersShareWhatIsSaidOfTheProcess) {
  const ServerPtr server = three_hosts();
  GuardConfig config;
  config.rsa_rate = 100;
  config.tls12_rate = 3;
  config.half_open_per_address = 10;
  const guard::GuardLimits limits = guard_limits(config, *server, 4);
  EXPECT_EQ(limits.rsa_rate, 25u);
  EXPECT_EQ(limits.tls12_rate, 1u) << "not 0, which would be no limit";
  EXPECT_EQ(limits.half_open_of_address, 2u);
  EXPECT_EQ(limits.strikes, 64u);
  config.block_first_ms = 0;
  EXPECT_EQ(guard_limits(config, *server, 4).strikes, 0u);
}

TEST(GuardLimits, TheServerKnowsWhatEachKindOfKeyCosts) {
  const ServerPtr server = three_hosts();
  const std::uint32_t ecdsa = server->dearest_handshake_ns(SignatureKind::Ecdsa);
  const std::uint32_t rsa = server->dearest_handshake_ns(SignatureKind::Rsa);
  EXPECT_GT(ecdsa, 0u);
  EXPECT_GT(rsa, ecdsa);
  EXPECT_EQ(server->dearest_handshake_ns(), rsa);
  EXPECT_EQ(server->dearest_handshake_ns(SignatureKind::None), 0u);
  ServerOptions options;
  options.certificates = {certificate(SelfSignedKey::EcdsaP256, {"a.example"})};
  EXPECT_EQ(Server::build(options).server->dearest_handshake_ns(SignatureKind::Rsa), 0u);
}

// One guard with three hosts, the same work for each: whose share is smaller is ranked lower.
TEST(GuardLimits, AHostBeyondItsShareIsRankedLower) {
  std::vector<guard::Usage::Set> clients(64), groups(64), refusals(64);
  std::vector<guard::HalfOpen::Set> half_open(64);
  std::vector<guard::Reputation::Set> reputation(64);
  std::vector<guard::Blocks::Set> blocks(64);
  guard::Guard guard({clients, groups, refusals, half_open, reputation, blocks}, {1, 2}, {});
  const Numbers shares = {microseconds_of_share(10'000, Memory::Short), microseconds_of_share(900'000, Memory::Short)};
  guard::GuardLimits limits;
  limits.hosts = shares;
  const auto rank_after = [&](std::uint16_t host, bool several) {
    guard.use(limits, {}, several, {}, {});
    guard::Rank rank = 0;
    for (std::uint32_t i = 0; i < 40; ++i) {  // each from a network of its own
      guard::Client client;
      guard.door(guard::Address::v4((host * 64u + i) << 8), 1'000'000'000, client);
      rank = guard.hello(client, {.arithmetic = 250, .host = host}, {}, 1'000'000'000).rank;
    }
    return rank;
  };
  EXPECT_GT(rank_after(0, true), guard::kRankFair);   // 1 %
  EXPECT_EQ(rank_after(1, true), guard::kRankFair);   // 90 %
  EXPECT_EQ(rank_after(2, true), guard::kRankFair);   // not in the list: GuardLimits::host, half of everything
  EXPECT_EQ(rank_after(3, false), guard::kRankFair);  // the only host there is
  limits.host = shares[0];
  EXPECT_GT(rank_after(4, true), guard::kRankFair);
}

TEST(DescribeGuard, SaysWhatAnAddressMayTake) {
  const ServerPtr server = three_hosts();
  Config config;
  config.listen.resize(2);
  config.listen_rules.resize(2);
  config.guard.address_share = 100'000;
  const auto cost_us = [&](SignatureKind kind) { return server->dearest_handshake_ns(kind) / 1000 + 20; };
  const auto handshakes = [&](SignatureKind kind) {
    const double exact = 0.1 * 1e6 / cost_us(kind);
    return std::to_string(static_cast<int>(exact + 0.5));
  };
  const std::string said = describe_guard(config, *server, " | ");
  EXPECT_EQ(said,
            "on: an address may take 10% of a worker, about " + handshakes(SignatureKind::Ecdsa) + " ECDSA or " +
                handshakes(SignatureKind::Rsa) +
                " RSA handshakes a second, before others come first under load | refusals by reset; blocked after "
                "64 refusals, for 1 s to 10 min; allow list 0, deny list 0");
}

TEST(DescribeGuard, SaysWhereItIsOff) {
  const ServerPtr server = three_hosts();
  Config config;
  config.listen.resize(2);
  config.listen_rules.resize(2);
  for (SocketAddress& address : config.listen) address.any.sa_family = AF_INET;
  config.listen[1].set_port(443);
  config.guard.alerts = true;
  config.guard.block_first_ms = 0;
  config.listen_rules[1].guard = false;
  std::string said = describe_guard(config, *server, " | ");
  EXPECT_TRUE(said.starts_with("on, off on 0.0.0.0:443: an address may take ")) << said;
  EXPECT_TRUE(said.ends_with("refusals by alert; nobody is blocked; allow list 0, deny list 0")) << said;
  config.guard.on = false;
  EXPECT_EQ(describe_guard(config, *server, " | "), "off");
  config.listen_rules[1].guard = true;
  said = describe_guard(config, *server, " | ");
  EXPECT_TRUE(said.starts_with("off, on on 0.0.0.0:443: an address may take ")) << said;
}

}  // namespace
}  // namespace breakwater::proxy
