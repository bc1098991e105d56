// The command line: others script against it.
#include "proxy/cli/command_line.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

ParsedCommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "breakwater");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, EveryFlagOfServeIsUnderstood) {
  const ParsedCommandLine parsed = parse({"serve",
                                          "--config",
                                          "c.toml",
                                          "--listen",
                                          "a:1",
                                          "--listen",
                                          "b:2",
                                          "--proxy-protocol-from",
                                          "10.0.0.0/8",
                                          "--proxy-protocol-from",
                                          "::1",
                                          "--cert",
                                          "c1",
                                          "--key",
                                          "k1",
                                          "--cert",
                                          "c2",
                                          "--key",
                                          "k2",
                                          "--respond",
                                          "hello there",
                                          "--workers",
                                          "3",
                                          "--cpus",
                                          "0-1",
                                          "--tls-min",
                                          "1.3",
                                          "--tickets",
                                          "off",
                                          "--groups",
                                          "x25519,secp256r1",
                                          "--ktls",
                                          "auto",
                                          "--io",
                                          "auto",
                                          "--crypto",
                                          "auto",
                                          "--guard",
                                          "off",
                                          "--xdp",
                                          "eth0",
                                          "--xdp",
                                          "eth1",
                                          "--allow",
                                          "10.0.0.0/8",
                                          "--deny",
                                          "192.0.2.0/24",
                                          "--deny",
                                          "2001:db8::/32",
                                          "--admin",
                                          "127.0.0.1:1",
                                          "--user",
                                          "nobody",
                                          "--key-log",
                                          "f",
                                          "--access-log",
                                          "a",
                                          "--log-format",
                                          "json"});
  ASSERT_FALSE(parsed.exit_status);
  const CommandLine& line = parsed.command_line;
  EXPECT_EQ(line.command, Command::Serve);
  EXPECT_EQ(line.config_file, "c.toml");
  const Settings& s = line.flags;
  ASSERT_EQ(s.listen.size(), 2u);
  EXPECT_EQ(s.listen[1].value, "b:2");
  EXPECT_EQ(s.listen[1].origin.place, "--listen");
  ASSERT_EQ(s.proxy_protocol_from.size(), 2u);
  EXPECT_EQ(s.proxy_protocol_from[0].value, "10.0.0.0/8");
  EXPECT_EQ(s.proxy_protocol_from[1].origin.place, "--proxy-protocol-from");
  ASSERT_EQ(s.certificates.size(), 2u);
  EXPECT_EQ(s.certificates[1].chain, "c2");
  EXPECT_EQ(s.certificates[1].key, "k2");
  EXPECT_EQ(s.respond->value, "hello there");
  EXPECT_EQ(s.workers->value, 3);
  EXPECT_EQ(s.cpus->value, "0-1");
  EXPECT_EQ(s.tls_min->value, "1.3");
  EXPECT_EQ(s.tickets->value, "off");
  EXPECT_EQ(s.groups->value, (std::vector<std::string>{"x25519", "secp256r1"}));
  EXPECT_EQ(s.ktls->value, "auto");
  EXPECT_EQ(s.xdp->value, (std::vector<std::string>{"eth0", "eth1"}));
  EXPECT_EQ(s.xdp->origin.place, "--xdp");
  EXPECT_EQ(s.guard->value, "off");
  ASSERT_EQ(s.guard_keys.allow.size(), 1u);
  EXPECT_EQ(s.guard_keys.allow[0].value, "10.0.0.0/8");
  EXPECT_EQ(s.guard_keys.allow[0].origin.place, "--allow");
  ASSERT_EQ(s.guard_keys.deny.size(), 2u);
  EXPECT_EQ(s.guard_keys.deny[1].value, "2001:db8::/32");
  EXPECT_EQ(s.guard_keys.deny[1].origin.place, "--deny");
  EXPECT_EQ(s.admin->value, "127.0.0.1:1");
  EXPECT_EQ(s.user->value, "nobody");
  EXPECT_EQ(s.key_log->value, "f");
  EXPECT_EQ(s.access_log->value, "a");
  EXPECT_EQ(s.log_format->value, "json");
  EXPECT_FALSE(s.backend);
}

TEST(CommandLine, OtherCommands) {
  EXPECT_EQ(parse({"check", "--config", "c"}).command_line.command, Command::Check);
  EXPECT_EQ(parse({"speed"}).command_line.command, Command::Speed);
  EXPECT_TRUE(parse({"speed", "--json"}).command_line.json);
  EXPECT_EQ(parse({"serve"}).command_line.command, Command::Serve);
  EXPECT_EQ(parse({"top"}).command_line.command, Command::Top);
  EXPECT_EQ(parse({"top"}).command_line.top_address, "127.0.0.1:8444");
  EXPECT_FALSE(parse({"top"}).command_line.once);
  const CommandLine top = parse({"top", "--once", "--admin", "[::1]:1"}).command_line;
  EXPECT_EQ(top.top_address, "[::1]:1");
  EXPECT_TRUE(top.once);
}

TEST(CommandLine, MistakesExitWith2) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{},
                                             {"sevre"},
                                             {"serve", "--bogus"},
                                             {"serve", "stray"},
                                             {"serve", "--listen"},
                                             {"serve", "--listen", "a:1", "b:1"},
                                             {"serve", "--allow", "10.0.0.1", "10.0.0.2"},
                                             {"serve", "--deny"},
                                             {"serve", "--workers", "x"},
                                             {"serve", "--cert", "c"},
                                             {"serve", "--key", "k"},
                                             {"serve", "--cert", "c", "--key", "k", "--cert", "d"},
                                             {"serve", "--backend", "a:1", "--respond", "x"},
                                             {"serve", "--root", "a", "--respond", "x"},
                                             {"check"},
                                             {"speed", "--yaml"}}) {
    testing::internal::CaptureStderr();
    const auto status = parse(arguments).exit_status;
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(status, kExitUsage);
    EXPECT_NE(said.find("Try: breakwater"), std::string::npos) << said;
  }
}

TEST(CommandLine, HelpAndVersionExitWith0AndTeach) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"serve", "--help"}).exit_status, kExitOk);
  const std::string help = testing::internal::GetCapturedStdout();
  for (const char* word : {"--listen", "Default 127.0.0.1:8443", "Examples:", "curl", "SIGHUP", "Exit status"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word;
  }
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"--version"}).exit_status, kExitOk);
  EXPECT_EQ(testing::internal::GetCapturedStdout().rfind("breakwater ", 0), 0u);
}

}  // namespace
}  // namespace breakwater::proxy
