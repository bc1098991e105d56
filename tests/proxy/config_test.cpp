// The configuration file: what is read, and that every mistake is named with its place.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/config/toml_file.h"
#include "proxy/config/values.h"

namespace breakwater::proxy {
namespace {

std::vector<std::string> problems_of(std::string_view toml) {
  Problems problems;
  const Settings settings = read_toml(toml, "b.toml", "/etc", problems);
  make_config(merge({}, settings), problems);
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(problem.text());
  return texts;
}

Config good(std::string_view toml, Settings flags = {}) {
  Problems problems;
  const Config config = make_config(merge(std::move(flags), read_toml(toml, "b.toml", "/etc", problems)), problems);
  for (const Problem& problem : problems) ADD_FAILURE() << problem.text();
  return config;
}

TEST(Config, ReadsEveryKey) {
  const Config config = good(R"(
listen = ["127.0.0.1:1", "[::1]:2"]
proxy_protocol_from = ["10.0.0.0/8", "2001:db8::7"]
backend = "127.0.0.1:80"
workers = 3
cpus = "0"
tls_min = "1.3"
tickets = false
groups = ["P-256", "x25519"]
suites = ["TLS_AES_128_GCM_SHA256"]
alpn = ["h2", "http/1.1"]
reject_unknown_names = true
ktls = "off"
io = "epoll"
crypto = "portable"
guard = "off"
xdp = ["eth0", "eth1.7"]
handshake_timeout = 5
idle_timeout = "2m"
connect_timeout = "1500ms"
drain_timeout = 0
max_connections = 1000
buffer_memory = 64
key_log = "keys"

[[certificate]]
chain = "a.pem"
key = "/k/a.key"
names = ["a.example"]
)");
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_EQ(config.listen[1].text(), "[::1]:2");
  ASSERT_EQ(config.front_ends.size(), 2u);
  EXPECT_EQ(config.front_ends[0], guard::Network(guard::Address::v4(0x0A000000), 96 + 8));
  EXPECT_NE(describe(config).find("PROXY headers    from 10.0.0.0/8, 2001:db8::7\n"), std::string::npos);
  EXPECT_EQ(config.backend, "127.0.0.1:80");
  EXPECT_EQ(config.backend_addresses.at(0).text(), "127.0.0.1:80");
  EXPECT_EQ(config.workers, 3u);
  EXPECT_EQ(config.cpus, std::vector<int>{0});
  EXPECT_EQ(config.tls.min_version, Version::Tls13);
  EXPECT_FALSE(config.tls.tickets);
  EXPECT_EQ(config.tls.groups, (std::vector<std::string>{"secp256r1", "x25519"}));
  EXPECT_EQ(config.tls.suites, std::vector<std::string>{"TLS_AES_128_GCM_SHA256"});
  EXPECT_EQ(config.tls.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_TRUE(config.tls.reject_unknown_names);
  EXPECT_EQ(config.timeouts.handshake_ms, 5000u);
  EXPECT_EQ(config.timeouts.idle_ms, 120'000u);
  EXPECT_EQ(config.timeouts.connect_ms, 1500u);
  EXPECT_EQ(config.timeouts.drain_ms, 0u);
  EXPECT_EQ(config.max_connections, 1000u);
  EXPECT_EQ(config.buffer_memory_mib, 64u);
  EXPECT_EQ(config.key_log, "/etc/keys");
  EXPECT_EQ(config.xdp, (std::vector<std::string>{"eth0", "eth1.7"}));
  EXPECT_EQ(config.tls.arithmetic, Arithmetic::Portable);
  ASSERT_EQ(config.certificates.size(), 1u);
  EXPECT_EQ(config.certificates[0].chain, "/etc/a.pem");  // relative to the file's folder
  EXPECT_EQ(config.certificates[0].key, "/k/a.key");
}

TEST(Config, HasDefaults) {
  const Config config = good("");
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].text(), "127.0.0.1:8443");
  EXPECT_TRUE(config.respond_by_default);
  EXPECT_FALSE(config.respond.empty());
  EXPECT_GE(config.workers, 1u);
  EXPECT_EQ(config.timeouts.handshake_ms, 10'000u);
  EXPECT_EQ(config.timeouts.idle_ms, 60'000u);
  EXPECT_EQ(config.timeouts.drain_ms, 30'000u);
  EXPECT_TRUE(config.tls.tickets);
  EXPECT_EQ(config.tls.alpn, (std::vector<std::string>{"http/1.1", "http/1.0"}));
  EXPECT_EQ(good("backend = \"127.0.0.1:80\"").timeouts.idle_ms, 3'600'000u);
  EXPECT_TRUE(config.xdp.empty());
}

TEST(Config, InterfacesForXdp) {
  EXPECT_TRUE(good("xdp = \"off\"").xdp.empty());
  EXPECT_TRUE(good("xdp = []").xdp.empty());
  EXPECT_EQ(good("xdp = \"eth0\"").xdp, std::vector<std::string>{"eth0"});
  EXPECT_EQ(good("xdp = [\"a123456789bcdef\"]").xdp.size(), 1u);  // IFNAMSIZ - 1
  EXPECT_NE(describe(good("xdp = [\"eth0\", \"eth1\"]")).find("XDP              eth0, eth1\n"), std::string::npos);
  EXPECT_NE(describe(good("")).find("XDP              off\n"), std::string::npos);
  Settings flags;
  flags.xdp = {{{"off"}, {"--xdp", true}}};
  EXPECT_TRUE(good("xdp = [\"eth0\"]", std::move(flags)).xdp.empty());
}

TEST(Config, TheAdministrationIsOnLoopback) {
  EXPECT_FALSE(good("").admin.has_value());
  EXPECT_EQ(good("admin = \"127.0.0.1:0\"").admin->text(), "127.0.0.1:0");
  EXPECT_EQ(good("admin = \"127.3.2.1:8444\"").admin->text(), "127.3.2.1:8444");
  EXPECT_EQ(good("admin = \"[::1]:8444\"").admin->text(), "[::1]:8444");
  EXPECT_EQ(good("admin = \"localhost:8444\"").admin->port(), 8444);
}

TEST(Config, ListenersHaveRulesOfTheirOwn) {
  const Config config = good(R"(
listen = ["127.0.0.1:1"]

[[listener]]
address = "127.0.0.1:2"
guard = "off"

[[listener]]
address = "[::1]:3"
guard = true

[[listener]]
address = "127.0.0.1:4"
)");
  ASSERT_EQ(config.listen.size(), 4u);
  ASSERT_EQ(config.listen_rules.size(), 4u);
  EXPECT_EQ(config.listen[0].text(), "127.0.0.1:1");
  EXPECT_EQ(config.listen_rules[0].guard, std::nullopt);
  EXPECT_EQ(config.listen[1].text(), "127.0.0.1:2");
  EXPECT_EQ(config.listen_rules[1].guard, false);
  EXPECT_EQ(config.listen[2].text(), "[::1]:3");
  EXPECT_EQ(config.listen_rules[2].guard, true);
  EXPECT_EQ(config.listen_rules[3].guard, std::nullopt);
  EXPECT_EQ(good("[[listener]]\naddress = \"127.0.0.1:2\"").listen.size(), 1u) << "in place of the default";
}

TEST(Config, AFlagReplacesAllListenersOfTheFile) {
  Settings flags;
  flags.listen.push_back({"127.0.0.1:5", {"--listen", true}});
  const Config config =
      good("listen = [\"127.0.0.1:1\"]\n[[listener]]\naddress = \"127.0.0.1:2\"\nguard = false", std::move(flags));
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].text(), "127.0.0.1:5");
  EXPECT_EQ(config.listen_rules.at(0).guard, std::nullopt);
}

TEST(Config, AFlagWins) {
  Settings flags;
  flags.respond = {{"from a flag", {"--respond", true}}};
  flags.workers = {{2, {"--workers", true}}};
  flags.listen.push_back({"127.0.0.1:5", {"--listen", true}});
  const Config config = good("listen = [\"127.0.0.1:1\"]\nbackend = \"127.0.0.1:80\"\nworkers = 7\n", std::move(flags));
  EXPECT_EQ(config.respond, "from a flag");
  EXPECT_TRUE(config.backend.empty());
  EXPECT_EQ(config.workers, 2u);
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].text(), "127.0.0.1:5");
}

struct Mistake {
  std::string_view toml;
  std::string_view begins;
};

TEST(Config, EveryMistakeIsNamedWithItsPlace) {
  const Mistake mistakes[] = {
      {"\nlisten = [\"127.0.0.1:1\", 5]", "b.toml:2:26: this must be a string, not a whole number"},
      {"listen = 5", "b.toml:1:10: this must be a list of strings"},
      {"listen = [\"localhost\"]", "b.toml:1:11: \"localhost\" has no host and port"},
      {"listen = [\"127.0.0.1:70000\"]", "b.toml:1:11: \"70000\" is no port"},
      {"listen = [\"::1:80\"]", "b.toml:1:11: \"::1:80\" has no host and port"},
      {"listen = [\"127.0.0.1:1\", \"127.0.0.1:1\"]", "b.toml:1:26: 127.0.0.1:1 is given twice"},
      {"proxy_protocol_from = [\"10.0.0.0/8\", \"10.0.0.1/8\"]",
       "b.toml:1:38: 10.0.0.1/8 lies inside a network of this length; write 10.0.0.0/8 for all of it"},
      {"proxy_protocol_from = \"front.example\"", "b.toml:1:23: \"front.example\" is no address or network"},
      {"backend = \"127.0.0.1:0\"", "b.toml:1:11: \"0\" is no port"},
      {"backend = \"127.0.0.1:1\"\nrespond = \"x\"", "b.toml:2:11: both backend and respond"},
      {"lisen = 5", "b.toml:1:1: unknown key \"lisen\"; did you mean \"listen\"?"},
      {"[server]\nx = 1", "b.toml:1:"},
      {"workers = \"many\"", "b.toml:1:11: this must be a whole number, not a string"},
      {"workers = 0", "b.toml:1:11: 0 workers cannot be"},
      {"cpus = \"0-x\"", "b.toml:1:8: \"0-x\" is no CPU"},
      {"cpus = \"1000\"", "b.toml:1:8: CPU 1000 does not exist"},
      {"tls_min = \"1.1\"", "b.toml:1:11: \"1.1\" is no version"},
      {"tls_min = 1.2", "b.toml:1:11: this must be a string, not a number with a point"},
      {"tickets = \"maybe\"", "b.toml:1:11: \"maybe\" is not known here; use on or off"},
      {"groups = [\"x448\"]", "b.toml:1:10: \"x448\" is no group"},
      {"alpn = [\"h2\"]", "b.toml:1:8: the built-in responder does not speak \"h2\""},
      {"alpn = [\"\"]", "b.toml:1:8: a protocol name has"},
      {"handshake_timeout = \"soon\"", "b.toml:1:21: this is no time"},
      {"handshake_timeout = -1", "b.toml:1:21: this is no time"},
      {"handshake_timeout = 0", "b.toml:1:21: this time is too short"},
      {"handshake_timeout = true", "b.toml:1:21: this must be a time"},
      {"max_connections = 0", "b.toml:1:19: give a number of connections"},
      {"buffer_memory = 0", "b.toml:1:17: give the memory"},
      {"user = \"no such user here\"", "b.toml:1:8: there is no user"},
      {"ktls = \"on\"", "b.toml:1:8: \"on\" is not available in this version"},
      {"io = \"uring\"", "b.toml:1:6: \"uring\" is not available in this version; use auto or epoll"},
      {"crypto = \"fast\"", "b.toml:1:10: \"fast\" is not known here"},
      {"xdp = true", "b.toml:1:7: this must be a list of strings, not true or false"},
      {"xdp = [\"eth0\", 1]", "b.toml:1:16: this must be a string"},
      {"xdp = [\"eth0\", \"off\"]", "b.toml:1:7: \"off\" is no name of an interface"},
      {"xdp = [\"\"]", "b.toml:1:7: \"\" is no name of an interface"},
      {"xdp = [\"eth0 \"]", "b.toml:1:7: \"eth0 \" is no name of an interface"},
      {"xdp = [\"a123456789bcdefg\"]", "b.toml:1:7: \"a123456789bcdefg\" is no name of an interface"},
      {"xdp = [\"eth0\", \"eth0\"]", "b.toml:1:7: eth0 is given twice"},
      {"admin = \"0.0.0.0:9\"", "b.toml:1:9: 0.0.0.0:9 can be reached from other machines"},
      {"admin = \"[::]:9\"", "b.toml:1:9: [::]:9 can be reached from other machines"},
      {"admin = \"192.0.2.1:9\"", "b.toml:1:9: 192.0.2.1:9 can be reached from other machines"},
      {"admin = \"127.0.0.1\"", "b.toml:1:9: \"127.0.0.1\" has no host and port"},
      {"admin = 9", "b.toml:1:9: this must be a string"},
      {"admin = \"127.0.0.1:8443\"", "b.toml:1:9: 127.0.0.1:8443 is where clients are served; use another port"},
      {"guard = \"auto\"", "b.toml:1:9: \"auto\" is not known here; use on or off"},
      {"[[listener]]\nguard = \"off\"", "b.toml:1:1: a listener needs an address"},
      {"[[listener]]\naddress = 443", "b.toml:2:11: this must be a string, not a whole number"},
      {"[[listener]]\naddress = \"localhost\"", "b.toml:2:11: \"localhost\" has no host and port"},
      {"[[listener]]\naddress = \"127.0.0.1:1\"\nguard = \"auto\"", "b.toml:3:9: \"auto\" is not known here"},
      {"[[listener]]\naddress = \"127.0.0.1:1\"\ngard = \"on\"",
       "b.toml:3:1: unknown key \"gard\" of [[listener]]; did you mean \"guard\"?"},
      {"listen = [\"127.0.0.1:1\"]\n[[listener]]\naddress = \"127.0.0.1:1\"",
       "b.toml:3:11: 127.0.0.1:1 is given twice"},
      {"listener = \"127.0.0.1:1\"", "b.toml:1:12: this must be a table; write [[listener]]"},
      {"listener = [\"127.0.0.1:1\"]", "b.toml:1:13: this must be a table; write [[listener]]"},
      {"root = \"/srv\"", "b.toml:1:8: serving files is not available"},
      {"[[certificate]]\nchain = \"a\"", "b.toml:1:1: a certificate needs both"},
      {"[[certificate]]\nchain = \"a\"\nkey = 5", "b.toml:3:7: this must be a string"},
      {"[[certificate]]\nchain = \"a\"\nkey = \"b\"\nname = [\"x\"]",
       "b.toml:4:1: unknown key \"name\" of [[certificate]]"},
      {"certificate = 1", "b.toml:1:15: this must be a table"},
      {"x = [", "b.toml:1:"},
      {"x = 1\nx = 2", "b.toml:2:5: "},
  };
  for (const Mistake& mistake : mistakes) {
    const std::vector<std::string> problems = problems_of(mistake.toml);
    ASSERT_FALSE(problems.empty()) << mistake.toml;
    EXPECT_TRUE(problems[0].starts_with(mistake.begins)) << mistake.toml << "\n  said: " << problems[0];
  }
}

TEST(Config, ArithmeticTheCpuLacksIsRefused) {
  const auto arithmetic_of = [](std::string_view toml, bool cpu_has_it, std::string& said) {
    Problems problems;
    const Settings settings = read_toml(toml, "b.toml", "/etc", problems);
    const auto has = [](Arithmetic) noexcept { return true; };
    const auto lacks = [](Arithmetic wanted) noexcept {
      return wanted == Arithmetic::Auto || wanted == Arithmetic::Portable;
    };
    const Config config = cpu_has_it ? make_config(settings, problems, has) : make_config(settings, problems, lacks);
    said.clear();
    for (const Problem& problem : problems) said += problem.text();
    return config.tls.arithmetic;
  };
  std::string said;
  EXPECT_EQ(arithmetic_of("", false, said), Arithmetic::Auto);
  EXPECT_EQ(said, "");
  EXPECT_EQ(arithmetic_of("crypto = \"auto\"", false, said), Arithmetic::Auto);
  EXPECT_EQ(said, "");
  EXPECT_EQ(arithmetic_of("crypto = \"portable\"", false, said), Arithmetic::Portable);
  EXPECT_EQ(said, "");
  EXPECT_EQ(arithmetic_of("crypto = \"adx\"", true, said), Arithmetic::Adx);
  EXPECT_EQ(said, "");
  arithmetic_of("crypto = \"adx\"", false, said);
  EXPECT_EQ(said, "b.toml:1:10: \"adx\" needs a CPU with BMI2 and ADX, which this one lacks: use auto or portable");
  EXPECT_EQ(arithmetic_of("crypto = \"ifma\"", true, said), Arithmetic::Ifma);
  EXPECT_EQ(said, "");
  arithmetic_of("crypto = \"ifma\"", false, said);
  EXPECT_EQ(
      said,
      "b.toml:1:10: \"ifma\" needs a CPU with AVX-512 IFMA, BMI2 and ADX; this one lacks BMI2 or ADX: use auto or "
      "portable");
  Problems problems;
  const Settings settings = read_toml("crypto = \"ifma\"", "b.toml", "/etc", problems);
  make_config(settings, problems, [](Arithmetic wanted) noexcept { return wanted != Arithmetic::Ifma; });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].text().ends_with("this one lacks AVX-512 IFMA: use auto, adx or portable"))
      << problems[0].text();
}

TEST(Config, AllMistakesAreNamedFromTopToBottom) {
  const std::vector<std::string> problems = problems_of("workers = \"x\"\nbogus = 1\nlisten = 7\n");
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_TRUE(problems[0].starts_with("b.toml:1:"));
  EXPECT_TRUE(problems[1].starts_with("b.toml:2:"));
  EXPECT_TRUE(problems[2].starts_with("b.toml:3:"));
}

TEST(Config, AMissingFileIsAProblem) {
  Problems problems;
  read_toml_file("/nonexistent/b.toml", problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].text(), "/nonexistent/b.toml: cannot read this file: No such file or directory");
}

TEST(Values, Durations) {
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("10s"), 10'000);
  EXPECT_EQ(parse_duration_ms("10"), 10'000);
  EXPECT_EQ(parse_duration_ms("5m"), 300'000);
  EXPECT_EQ(parse_duration_ms("1h"), 3'600'000);
  for (const char* bad : {"", "s", "1.5s", "-1", "10 s", "1d", "99999999999"})
    EXPECT_FALSE(parse_duration_ms(bad)) << bad;
}

TEST(Values, Networks) {
  using guard::Address;
  using guard::Network;
  std::string error;
  const std::uint8_t v6[16] = {0x20, 0x01, 0x0D, 0xB8};
  EXPECT_EQ(parse_network("192.0.2.0/24", error), Network(Address::v4(0xC0000200), 96 + 24));
  EXPECT_EQ(parse_network("192.0.2.7", error), Network(Address::v4(0xC0000207), 128));
  EXPECT_EQ(parse_network("192.0.2.7/32", error), Network(Address::v4(0xC0000207), 128));
  EXPECT_EQ(parse_network("0.0.0.0/0", error), Network(Address::v4(0), 96));
  EXPECT_EQ(parse_network("2001:db8::/32", error), Network(Address::v6(v6), 32));
  EXPECT_EQ(parse_network("2001:db8::", error), Network(Address::v6(v6), 128));
  EXPECT_EQ(parse_network("::/0", error), Network());
  EXPECT_TRUE(error.empty());
  const std::pair<std::string_view, std::string_view> bad[] = {
      {"", "is no address or network"},
      {"/8", "is no address or network"},
      {"10.0.0/8", "is no address or network"},
      {"10.0.0.0/8 ", "no length of a prefix; an IPv4 network has 0 to 32"},
      {" 10.0.0.0/8", "is no address or network"},
      {"10.0.0.0/", "no length"},
      {"10.0.0.0/33", "no length"},
      {"10.0.0.0/-1", "no length"},
      {"10.0.0.0/8/8", "no length"},
      {"::/129", "no length of a prefix; an IPv6 network has 0 to 128"},
      {"[::1]", "is no address or network"},
      {"fe80::1%lo", "is no address or network"},
      {{"10.0.0.1\0x", 10}, "is no address or network"},
      {"10.0.0.1/31", "write 10.0.0.0/31 for all of it, or 10.0.0.1 for the one address"},
      {"0.0.0.1/0", "write 0.0.0.0/0 for all of it"},
      {"2001:db8::1/64", "write 2001:db8::/64 for all of it"},
  };
  for (const auto& [text, says] : bad) {
    EXPECT_FALSE(parse_network(text, error)) << text;
    EXPECT_NE(error.find(says), std::string::npos) << text << "\n  said: " << error;
  }
}

TEST(Values, CpuLists) {
  std::string error;
  EXPECT_EQ(parse_cpus("0-3,8,2", error), (std::vector<int>{0, 1, 2, 3, 8}));
  for (const char* bad : {"", "a", "3-1", "1-", "-1", "1,,2", "4096"}) EXPECT_FALSE(parse_cpus(bad, error)) << bad;
}

}  // namespace
}  // namespace breakwater::proxy
