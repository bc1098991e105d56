// Clients behind front ends and the guard: they are judged by their own address, and the kernel, which would see the
// front end's, is not told of them.
#include <gtest/gtest.h>

#include "proxy/config/config.h"
#include "proxy/guard/gatekeeper.h"
#include "tests/proxy/networks.h"

namespace breakwater::proxy {
namespace {

SocketAddress address(const std::string& host) {
  std::string error;
  const auto all = resolve({host, 1}, false, error);
  EXPECT_EQ(all.size(), 1u) << error;
  return all.empty() ? SocketAddress{} : all.front();
}

ServerPtr make_server() {
  Config config;
  std::vector<CertificateOptions> self_signed;
  Problems problems;
  ServerOptions options;
  options.certificates = load_certificates(config, self_signed, problems);
  return Server::build(options, nullptr).server;
}

TEST(FrontEnds, AreFoundByAddress) {
  const FrontEnds front_ends({network("192.0.2.0/24"), network("2001:db8::7"), network("10.0.0.0/8")});
  EXPECT_TRUE(front_ends.contains(guard_address(address("192.0.2.255"))));
  EXPECT_TRUE(front_ends.contains(guard_address(address("::ffff:10.1.2.3"))));
  EXPECT_TRUE(front_ends.contains(guard_address(address("2001:db8::7"))));
  EXPECT_FALSE(front_ends.contains(guard_address(address("2001:db8::8"))));
  EXPECT_FALSE(front_ends.contains(guard_address(address("192.0.3.0"))));
  EXPECT_FALSE(FrontEnds({}).contains(guard_address(address("192.0.3.0"))));
}

class Door : public testing::Test {
 protected:
  Door() {
    auto config = std::make_shared<GuardConfig>();
    config->half_open_limit = 2;
    config->half_open_per_address = 1;
    config->block_after = 2;
    config->deny = {network("198.51.100.0/24")};
    gate_.use(config, *server_, 1);
    gate_.trust(std::make_shared<const FrontEnds>(std::vector{network("203.0.113.1"), network("2001:db8::7")}));
    gate_.begin_pass(1'000'000, 1'000'000, 0, 2);  // half-open connections crowd
  }

  // Comes again and again without an end, until it is blocked. Tells whether the kernel can tell it by its address.
  bool is_told(const std::string& host, Gatekeeper::Way way) {
    const SocketAddress from = address(host);
    guard::Client client;
    EXPECT_TRUE(gate_.admits(from, client, way));
    for (int refused = 0; refused < 4; ++refused) EXPECT_FALSE(gate_.admits(from, client, way));
    EXPECT_EQ(gate_.refusals()[static_cast<std::size_t>(guard::Reason::HalfOpen)].get(), 2u);
    EXPECT_EQ(gate_.refusals()[static_cast<std::size_t>(guard::Reason::Blocked)].get(), 2u);
    EXPECT_TRUE(gate_.has_news());
    EXPECT_FALSE(gate_.has_news()) << "once";
    const auto& found = gate_.found().take();
    return found.size() == 1 && found.front().direct;
  }

  ServerPtr server_ = make_server();
  Worker worker_{server_};
  Gatekeeper gate_{worker_};
};

TEST_F(Door, TheKernelHearsOfAClientThatComesItself) { EXPECT_TRUE(is_told("192.0.2.1", Gatekeeper::Way::Direct)); }

TEST_F(Door, ButNotOfOneBehindAFrontEnd) { EXPECT_FALSE(is_told("192.0.2.1", Gatekeeper::Way::BehindFrontEnd)); }

TEST_F(Door, WhomAnotherWorkerHasFoundIsBlockedHereToo) {
  const SocketAddress from = address("192.0.2.1");
  guard::Client client;
  const guard::Blocked found{network("192.0.2.1"), 2'000'000'000, 3'000'000'000, 3};
  gate_.told().put({found, true});
  EXPECT_TRUE(gate_.admits(from, client)) << "it is heard of at the begin of a pass";
  gate_.begin_pass(1'000'001, 1'000'000, 0, 0);
  EXPECT_FALSE(gate_.admits(from, client));
  EXPECT_EQ(gate_.refusals()[static_cast<std::size_t>(guard::Reason::Blocked)].get(), 1u);
  EXPECT_TRUE(gate_.admits(address("192.0.2.2"), client));
  EXPECT_FALSE(gate_.has_news()) << "who has found it has told of it";
  gate_.begin_pass(2'000'000, 1'001'000, 0, 0);
  EXPECT_TRUE(gate_.admits(from, client)) << "until then";
}

TEST_F(Door, AListIsAppliedToWhomAHeaderNames) {
  guard::Client client;
  EXPECT_FALSE(gate_.admits(address("198.51.100.9"), client, Gatekeeper::Way::BehindFrontEnd));
  EXPECT_EQ(gate_.refusals()[static_cast<std::size_t>(guard::Reason::Denied)].get(), 1u);
  EXPECT_TRUE(gate_.is_front_end(address("203.0.113.1")));
  EXPECT_FALSE(gate_.is_front_end(address("203.0.113.2")));
  gate_.trust(nullptr);
  EXPECT_FALSE(gate_.is_front_end(address("203.0.113.1")));
}

}  // namespace
}  // namespace breakwater::proxy
