// Whom the kernel may drop for us, and on which ports.
#include "proxy/serve/kernel_rules.h"

#include <gtest/gtest.h>

#include "core/guard/network_list.h"
#include "tests/proxy/networks.h"

namespace breakwater::proxy {
namespace {

void listen(Config& config, const std::string& host, std::uint16_t port, std::optional<bool> guard = std::nullopt) {
  std::string error;
  const auto all = resolve({host, port}, false, error);
  ASSERT_EQ(all.size(), 1u) << error;
  config.listen.push_back(all.front());
  config.listen_rules.push_back({guard});
}

using Ports = std::vector<std::uint16_t>;

TEST(KernelRules, AreForPortsWhereEverybodyIsJudged) {
  Config config;
  listen(config, "192.0.2.1", 443);
  listen(config, "192.0.2.2", 443);
  listen(config, "192.0.2.1", 8443, true);
  listen(config, "192.0.2.1", 9443, false);
  EXPECT_EQ(KernelRules(config).ports(), (Ports{443, 443, 8443}));
  config.listen_rules[1].guard = false;  // the kernel does not tell the two addresses apart
  EXPECT_EQ(KernelRules(config).ports(), (Ports{8443}));
  config.guard.on = false;
  EXPECT_EQ(KernelRules(config).ports(), (Ports{8443}));
  config.listen_rules[2].guard = std::nullopt;
  EXPECT_EQ(KernelRules(config).ports(), Ports{});
}

TEST(KernelRules, SpareWhoIsAllowedAndFrontEnds) {
  Config config;
  config.guard.allow = {network("192.0.2.128/25"), network("2001:db8:0:2::9")};
  config.guard.allow.resize(guard::NetworkList::normalise(config.guard.allow));
  config.front_ends = {network("203.0.113.0/24"), network("2001:db8::7"), network("203.0.113.9")};
  const KernelRules rules(config);
  for (const char* const spared :
       {"192.0.2.128", "192.0.2.255", "203.0.113.9", "203.0.113.10", "2001:db8::/64", "2001:db8:0:2::/64"}) {
    EXPECT_FALSE(rules.may_drop(network(spared))) << spared;
  }
  for (const char* const dropped :
       {"192.0.2.127", "192.0.3.0", "203.0.114.0", "2001:db8:0:1::/64", "2001:db8:0:3::/64"}) {
    EXPECT_TRUE(rules.may_drop(network(dropped))) << dropped;
  }
  EXPECT_TRUE(KernelRules(Config{}).may_drop(network("192.0.2.1")));
}

}  // namespace
}  // namespace breakwater::proxy
