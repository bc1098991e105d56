// What the configuration says of the guard: every key, and that every mistake is named with its place.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/guard/network_list.h"
#include "proxy/config/config.h"
#include "proxy/config/toml_file.h"
#include "proxy/config/values.h"
#include "proxy/guard/talkers.h"

namespace breakwater::proxy {
namespace {

Config read(std::string_view toml, Problems& problems, Settings flags = {}) {
  return make_config(merge(std::move(flags), read_toml(toml, "b.toml", "/etc", problems)), problems);
}

Config good(std::string_view toml, Settings flags = {}) {
  Problems problems;
  const Config config = read(toml, problems, std::move(flags));
  for (const Problem& problem : problems) ADD_FAILURE() << problem.text();
  return config;
}

std::vector<std::string> texts(const std::vector<guard::Network>& networks) {
  std::vector<std::string> list;
  for (const guard::Network& network : networks) list.push_back(text_of(network));
  return list;
}

using Texts = std::vector<std::string>;

TEST(GuardKeys, ReadsEveryKey) {
  const GuardConfig guard = good(R"(
guard = "off"
refusal = "alert"
retry = "off"
allow = ["192.0.2.0/24", "2001:db8::/32", "10.1.2.3"]
deny = "198.51.100.0/24"
queue_limit = "100ms"
queue_deadline = 2
address_share = "0.25%"
network_share = 12.5
fingerprint_share = 30
host_share = "40%"
ticket_share = "0.0001%"
rsa_rate = 500
tls12_rate = 300
half_open_limit = 1000
half_open_per_address = 20
block_after = 10
block_first = "500ms"
block_most = "1h"
)")
                                .guard;
  EXPECT_FALSE(guard.on);
  EXPECT_TRUE(guard.alerts);
  EXPECT_FALSE(guard.retry);
  EXPECT_EQ(texts(guard.allow), (Texts{"10.1.2.3", "192.0.2.0/24", "2001:db8::/32"}));
  EXPECT_EQ(texts(guard.deny), Texts{"198.51.100.0/24"});
  EXPECT_EQ(guard.queue_limit_ms, 100u);
  EXPECT_EQ(guard.queue_deadline_ms, 2000u);
  EXPECT_EQ(guard.address_share, 2'500u);
  EXPECT_EQ(guard.network_share, 125'000u);
  EXPECT_EQ(guard.fingerprint_share, 300'000u);
  EXPECT_EQ(guard.host_share, 400'000u);
  EXPECT_EQ(guard.ticket_share, 1u);
  EXPECT_EQ(guard.rsa_rate, 500u);
  EXPECT_EQ(guard.tls12_rate, 300u);
  EXPECT_EQ(guard.half_open_limit, 1000u);
  EXPECT_EQ(guard.half_open_per_address, 20u);
  EXPECT_EQ(guard.block_after, 10u);
  EXPECT_EQ(guard.block_first_ms, 500u);
  EXPECT_EQ(guard.block_most_ms, 3'600'000u);
}

TEST(GuardKeys, HaveTheDefaultsOfTheGuard) {
  const GuardConfig guard = good("").guard, plain;
  EXPECT_TRUE(guard.on);
  EXPECT_FALSE(guard.alerts);
  EXPECT_TRUE(guard.retry);
  EXPECT_TRUE(guard.allow.empty());
  EXPECT_TRUE(guard.deny.empty());
  EXPECT_EQ(guard.queue_limit_ms, 250u);
  EXPECT_EQ(guard.queue_deadline_ms, 1000u);
  EXPECT_EQ(guard.address_share, 1'000u);
  EXPECT_EQ(guard.network_share, 250'000u);
  EXPECT_EQ(guard.fingerprint_share, 250'000u);
  EXPECT_EQ(guard.host_share, 500'000u);
  EXPECT_EQ(guard.ticket_share, 200u);
  EXPECT_EQ(guard.rsa_rate, 0u);
  EXPECT_EQ(guard.tls12_rate, 0u);
  EXPECT_EQ(guard.half_open_limit, 65'536u);
  EXPECT_EQ(guard.half_open_per_address, 256u);
  EXPECT_EQ(guard.block_after, 64u);
  EXPECT_EQ(guard.block_first_ms, 1'000u);
  EXPECT_EQ(guard.block_most_ms, 600'000u);
}

TEST(GuardKeys, BlocksCanBeOff) {
  EXPECT_EQ(good("block_first = \"off\"").guard.block_first_ms, 0u);
  EXPECT_EQ(good("block_first = \"off\"\nblock_most = 1").guard.block_first_ms, 0u);
}

TEST(GuardKeys, ListsAreInOrderWithoutWhatLiesInside) {
  const GuardConfig guard =
      good(R"(allow = ["10.2.0.0/16", "10.1.2.3", "10.0.0.0/8", "::ffff:10.9.9.9", "10.1.2.3/32"])").guard;
  EXPECT_EQ(texts(guard.allow), Texts{"10.0.0.0/8"});
  EXPECT_TRUE(guard::NetworkList(guard.allow).contains(guard::Address::v4(0x0A090909)));
  EXPECT_FALSE(guard::NetworkList(guard.allow).contains(guard::Address::v4(0x0B000000)));
}

TEST(GuardKeys, AListOfFlagsReplacesTheListOfTheFile) {
  Settings flags;
  flags.guard_keys.deny.push_back({"192.0.2.1", {"--deny", true}});
  const GuardConfig guard =
      good("allow = [\"10.0.0.0/8\"]\ndeny = [\"10.0.0.1\"]\nrsa_rate = 7", std::move(flags)).guard;
  EXPECT_EQ(texts(guard.deny), Texts{"192.0.2.1"});
  EXPECT_EQ(texts(guard.allow), Texts{"10.0.0.0/8"});
  EXPECT_EQ(guard.rsa_rate, 7u);
}

TEST(GuardKeys, SharesOfCertificatesStandInPlaceOfHostShare) {
  const GuardConfig guard = good(R"(
host_share = "40%"
[[certificate]]
chain = "a"
key = "a"
share = "10%"
[[certificate]]
chain = "b"
key = "b"
)")
                                .guard;
  EXPECT_EQ(guard.certificate_shares, (std::vector<std::uint32_t>{100'000, 400'000}));
}

TEST(GuardKeys, EveryMistakeIsNamedWithItsPlace) {
  struct Mistake {
    std::string_view toml;
    std::string_view begins;
  };
  const Mistake mistakes[] = {
      {"refusal = \"rst\"", "b.toml:1:11: \"rst\" is not known here; use reset or alert"},
      {"retry = \"on\"", "b.toml:1:9: \"on\" is not known here; use auto or off"},
      {"retry = true", "b.toml:1:9: this must be a string, not true or false"},
      {"allow = [\"10.0.0.0/8\", 5]", "b.toml:1:24: this must be a string"},
      {"allow = 5", "b.toml:1:9: this must be a list of strings"},
      {"allow = [\"localhost\"]", "b.toml:1:10: \"localhost\" is no address or network; write 192.0.2.7, 192.0.2.0/24"},
      {"allow = [\"10.0.0.0/8\",\n\"10.0.0.0/33\"]",
       "b.toml:2:1: \"33\" is no length of a prefix; an IPv4 network has 0"},
      {"deny = [\"10.1.2.3/24\"]",
       "b.toml:1:9: 10.1.2.3/24 lies inside a network of this length; write 10.1.2.0/24 for all of it, or 10.1.2.3 for "
       "the one address"},
      {"queue_limit = 0", "b.toml:1:15: this time is too short; give at least 1 ms"},
      {"queue_limit = \"61s\"", "b.toml:1:15: this time is too long; give at most 60 s"},
      {"queue_limit = \"soon\"", "b.toml:1:15: this is no time"},
      {"queue_deadline = \"9ms\"", "b.toml:1:18: this time is too short; give at least 10 ms"},
      {"queue_deadline = \"2m\"", "b.toml:1:18: this time is too long"},
      {"address_share = 0", "b.toml:1:17: this is no share"},
      {"address_share = \"0.00001%\"", "b.toml:1:17: this is no share"},
      {"network_share = 100.1", "b.toml:1:17: this is no share"},
      {"network_share = -1", "b.toml:1:17: this is no share"},
      {"network_share = nan", "b.toml:1:17: this is no share"},
      {"fingerprint_share = \"25\"", "b.toml:1:21: this is no share; write \"0.1%\" or \"25%\""},
      {"host_share = true", "b.toml:1:14: this must be a share, such as \"25%\", not true or false"},
      {"rsa_rate = -1", "b.toml:1:12: -1 cannot be; give a number from 0 to 1000000"},
      {"tls12_rate = 1000001", "b.toml:1:14: 1000001 cannot be"},
      {"tls12_rate = \"many\"", "b.toml:1:14: this must be a whole number, not a string"},
      {"half_open_limit = 0", "b.toml:1:19: 0 cannot be; give a number from 1"},
      {"half_open_per_address = 0", "b.toml:1:25: 0 cannot be"},
      {"block_after = 0", "b.toml:1:15: 0 cannot be"},
      {"block_first = \"never\"", "b.toml:1:15: this is no time"},
      {"block_first = \"11m\"", "b.toml:1:15: the first block, 660000 ms, would be longer than the longest, 600000 ms"},
      {"block_first = 5\nblock_most = 4", "b.toml:2:14: the first block, 5000 ms, would be longer"},
      {"block_most = \"25h\"", "b.toml:1:14: this time is too long; give at most 86400 s"},
      {"[[certificate]]\nchain = \"a\"\nkey = \"a\"\nshare = 0", "b.toml:4:9: this is no share"},
      {"[[certificate]]\nchain = \"a\"\nkey = \"a\"\nguard = \"off\"", "b.toml:4:1: unknown key \"guard\""},
      {"adress_share = 1", "b.toml:1:1: unknown key \"adress_share\"; did you mean \"address_share\"?"},
  };
  for (const Mistake& mistake : mistakes) {
    Problems problems;
    read(mistake.toml, problems);
    ASSERT_EQ(problems.size(), 1u) << mistake.toml;
    EXPECT_TRUE(problems[0].text().starts_with(mistake.begins)) << mistake.toml << "\n  said: " << problems[0].text();
  }
}

TEST(Values, Shares) {
  EXPECT_EQ(parse_share("25%"), 250'000);
  EXPECT_EQ(parse_share("0.1%"), 1'000);
  EXPECT_EQ(parse_share("0.0001%"), 1);
  EXPECT_EQ(parse_share("100%"), 1'000'000);
  EXPECT_EQ(share_of_percent(33.3333), 333'333);
  for (const char* bad :
       {"", "%", "25", "0%", "101%", "-1%", "+1%", "1e1%", " 1%", "1 %", "0x1%", "nan%", "inf%", "0.00005%"})
    EXPECT_FALSE(parse_share(bad)) << bad;
}

TEST(Values, Networks) {
  std::string error;
  const auto text = [&](std::string_view written) {
    const auto network = parse_network(written, error);
    return network ? text_of(*network) : "refused: " + error;
  };
  EXPECT_EQ(text("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(text("10.1.2.3/32"), "10.1.2.3");
  EXPECT_EQ(text("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(text("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(text("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(text("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(text("::/0"), "::/0");
  EXPECT_EQ(parse_network("0.0.0.0/0", error)->length(), 96u) << "all of IPv4, and nothing of IPv6";
  for (const char* bad :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0", "10.0.0.256",
        "10.0.0.1:443", "::1/129", "[::1]", "fe80::1%lo", "10.0.0.1/0", "::1/64"}) {
    error.clear();
    EXPECT_FALSE(parse_network(bad, error)) << bad;
    EXPECT_NE(error, "") << bad;
  }
}

}  // namespace
}  // namespace breakwater::proxy
