// The command line: others script against it.
#include "flood/plan/command_line.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "flood/plan/address.h"
#include "flood/plan/names.h"
#include "flood/plan/sources.h"

namespace breakwater::flood {
namespace {

constexpr const char* kTarget = "127.0.0.1:8443";

ParsedCommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "breakwater-flood");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

Plan good(std::vector<const char*> arguments) {
  testing::internal::CaptureStderr();
  ParsedCommandLine parsed = parse(std::move(arguments));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(parsed.exit_status);
  if (parsed.plan.loads.empty()) parsed.plan.loads.emplace_back();
  return std::move(parsed.plan);
}

std::string bad(const std::vector<const char*>& arguments) {
  testing::internal::CaptureStderr();
  const auto status = parse(arguments).exit_status;
  std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(status, kExitUsage) << said;
  EXPECT_NE(said.find("Try: breakwater-flood --help\n"), std::string::npos) << said;
  return said;
}

TEST(FloodCommandLine, DefaultsAreAsDocumented) {
  const Plan plan = good({kTarget});
  EXPECT_EQ(plan.target, kTarget);
  EXPECT_EQ(to_text(plan.address, plan.port), kTarget);
  EXPECT_EQ(plan.wait, Wait::Auto);
  EXPECT_EQ(plan.cpu, -1);
  EXPECT_FALSE(plan.quiet);
  EXPECT_FALSE(plan.own_target);
  ASSERT_EQ(plan.loads.size(), 1u);
  const Load& load = plan.loads[0];
  EXPECT_EQ(load.name, "full");
  EXPECT_EQ(load.mode, Mode::Full);
  EXPECT_EQ(load.tls.version, Version::Tls13);
  EXPECT_EQ(load.tls.auth, Auth::Any);
  EXPECT_EQ(load.tls.cipher, Cipher::Any);
  EXPECT_EQ(load.tls.group, Group::Secp256r1);
  EXPECT_EQ(load.tls.shape, Shape::Tool);
  EXPECT_EQ(load.tls.server_name, "");
  EXPECT_TRUE(load.tls.alpn.empty());
  EXPECT_FALSE(load.tls.tickets);
  EXPECT_EQ(load.connections, 64u);
  EXPECT_EQ(load.rate, 0);
  EXPECT_EQ(load.count, 0u);
  EXPECT_EQ(load.duration_s, 10);
  EXPECT_EQ(load.warmup_s, 0);
  EXPECT_EQ(load.timeout_s, 10);
  EXPECT_EQ(load.end, End::Abort);
  EXPECT_EQ(count_sources(load.sources), 0u);
}

TEST(FloodCommandLine, EveryFlagIsUnderstood) {
  const Plan plan = good({"--mode=request",
                          "--name",
                          "visitors",
                          "--end",
                          "close",
                          "--tls",
                          "1.2",
                          "--auth",
                          "rsa",
                          "--cipher",
                          "aes256",
                          "--group",
                          "x25519",
                          "--shape",
                          "browser",
                          "--sni",
                          "www.example.com",
                          "--alpn",
                          "http/1.1, http/1.0",
                          "--check-signature",
                          "--connections",
                          "128",
                          "--rate",
                          "99.5",
                          "--duration",
                          "2.5",
                          "--count",
                          "1000",
                          "--warmup",
                          "0.5",
                          "--timeout",
                          "3",
                          "--source",
                          "127.0.1.0/24",
                          "--source",
                          "127.0.2.1-127.0.2.4",
                          "--path",
                          "/a?b=c",
                          "--host",
                          "other.example",
                          "--requests",
                          "0",
                          "--wait",
                          "sleep",
                          "--cpu",
                          "0",
                          "--json",
                          "-",
                          "--quiet",
                          "--i-own-this-target",
                          "localhost:443"});
  EXPECT_EQ(plan.wait, Wait::Sleep);
  EXPECT_EQ(plan.cpu, 0);
  EXPECT_EQ(plan.json, "-");
  EXPECT_TRUE(plan.quiet);
  EXPECT_TRUE(plan.own_target);
  EXPECT_EQ(plan.target, "localhost:443");
  const Load& load = plan.loads[0];
  EXPECT_EQ(load.mode, Mode::Request);
  EXPECT_EQ(load.name, "visitors");
  EXPECT_EQ(load.end, End::Close);
  EXPECT_EQ(load.tls.version, Version::Tls12);
  EXPECT_EQ(load.tls.auth, Auth::Rsa);
  EXPECT_EQ(load.tls.cipher, Cipher::Aes256Gcm);
  EXPECT_EQ(load.tls.group, Group::X25519);
  EXPECT_EQ(load.tls.shape, Shape::Browser);
  EXPECT_EQ(load.tls.server_name, "www.example.com");
  EXPECT_EQ(load.tls.alpn, (std::vector<std::string>{"http/1.1", "http/1.0"}));
  EXPECT_TRUE(load.tls.check_signature);
  EXPECT_EQ(load.connections, 128u);
  EXPECT_EQ(load.rate, 99.5);
  EXPECT_EQ(load.duration_s, 2.5);
  EXPECT_EQ(load.count, 1000u);
  EXPECT_EQ(load.warmup_s, 0.5);
  EXPECT_EQ(load.timeout_s, 3);
  EXPECT_EQ(count_sources(load.sources), 258u);
  EXPECT_EQ(load.path, "/a?b=c");
  EXPECT_EQ(load.host, "other.example");
  EXPECT_EQ(load.requests, 0u);
}

TEST(FloodCommandLine, FlagsOfSomeModes) {
  const Load stall = good({"--mode", "stall", "--hold", "7", "--ramp", "10", kTarget}).loads[0];
  EXPECT_EQ(stall.hold_s, 7);
  EXPECT_EQ(stall.ramp, 10);
  EXPECT_EQ(good({"--mode", "trickle", "--interval", "5", kTarget}).loads[0].interval_ms, 5u);
  const Load resume = good({"--mode", "resume", "--tickets", "9", "--fresh-tickets", kTarget}).loads[0];
  EXPECT_EQ(resume.tickets, 9u);
  EXPECT_TRUE(resume.fresh_tickets);
  EXPECT_TRUE(resume.tls.tickets);
  const Load plain = good({"--mode", "plain", "--pattern", "300:1200,80:0", kTarget}).loads[0];
  ASSERT_EQ(plain.pattern.size(), 2u);
  EXPECT_EQ(plain.pattern[0].send, 300u);
  EXPECT_EQ(plain.pattern[0].expect, 1200u);
  EXPECT_EQ(plain.pattern[1].send, 80u);
  EXPECT_EQ(plain.pattern[1].expect, 0u);
  EXPECT_TRUE(good({"--corrupt-finished", kTarget}).loads[0].tls.corrupt_finished);
}

TEST(FloodCommandLine, WordsForEveryChoice) {
  for (const auto& [name, mode] : names_of<Mode>()) {
    std::vector<const char*> arguments = {"--mode", name.data(), kTarget};
    if (mode == Mode::Plain) arguments.insert(arguments.end(), {"--pattern", "1:1"});
    EXPECT_EQ(good(arguments).loads[0].mode, mode);
    EXPECT_STREQ(to_text(mode), name.data());
  }
  EXPECT_EQ(good({"--shape", "browser-pq", kTarget}).loads[0].tls.shape, Shape::BrowserPq);
  EXPECT_EQ(good({"--cipher", "chacha20", kTarget}).loads[0].tls.cipher, Cipher::ChaCha20Poly1305);
  EXPECT_EQ(good({"--wait", "spin", kTarget}).wait, Wait::Spin);
}

TEST(FloodCommandLine, DefaultsThatDependOnOtherFlags) {
  EXPECT_EQ(good({"--rate", "5", kTarget}).loads[0].connections, 4096u);
  EXPECT_EQ(good({"--mode", "request", "--rate", "5", kTarget}).loads[0].connections, 4096u);
  EXPECT_EQ(good({"--mode", "request", "--requests", "0", "--rate", "5", kTarget}).loads[0].connections, 64u);
  EXPECT_EQ(good({"--rate", "5", "--connections", "7", kTarget}).loads[0].connections, 7u);
  EXPECT_EQ(good({"localhost:8443"}).loads[0].tls.server_name, "localhost");
  EXPECT_EQ(good({"--sni", "", "localhost:8443"}).loads[0].tls.server_name, "");
  EXPECT_EQ(good({"--sni", "other.example", "localhost:8443"}).loads[0].tls.server_name, "other.example");
  const Load request = good({"--mode", "request", "--shape", "browser", kTarget}).loads[0];
  EXPECT_EQ(request.tls.alpn, (std::vector<std::string>{"http/1.1"}));  // a browser's own has h2, and we speak none
  EXPECT_EQ(request.host, "127.0.0.1:8443");
  EXPECT_EQ(good({"--mode", "request", "[::1]:443"}).loads[0].host, "[::1]");
  EXPECT_EQ(good({"--mode", "request", "localhost:81"}).loads[0].host, "localhost:81");
  EXPECT_EQ(good({"--mode", "request", "--sni", "a.example", kTarget}).loads[0].host, "a.example:8443");
}

TEST(FloodCommandLine, MistakesExitWith2AndSayWhatToDo) {
  struct Mistake {
    std::vector<const char*> arguments;
    const char* said;
  };
  for (const Mistake& mistake : std::vector<Mistake>{
           {{}, "say what to flood: HOST:PORT"},
           {{kTarget, "127.0.0.1:1"}, "\"127.0.0.1:1\" is one too many"},
           {{"--duratoin", "3", kTarget}, "did you mean --duration?"},
           {{"--bogus", kTarget}, "there is no flag --bogus"},
           {{"-x", kTarget}, "there is no flag -x"},
           {{"8.8.8.8:443"}, "--i-own-this-target"},
           {{"--tls"}, "--tls: give a value"},
           {{"--json", "a", "--json", "b", kTarget}, "--json: give a value behind it, and give it once"},
           {{"--quiet=no", kTarget}, "--quiet: this takes no value"},
           {{"--rate", "1", "--rate", "2", kTarget}, "--rate: this stands here more than once"},
           {{"--source", "127.0.0.1", "127.0.0.2", kTarget}, "one too many"},
           {{"--mode", "ful", kTarget}, "--mode: \"ful\" is none of full|resume"},
           {{"--tls", "1.1", kTarget}, "--tls: \"1.1\" is none of 1.2|1.3"},
           {{"--wait", "long", kTarget}, "--wait: \"long\" is none of auto|spin|sleep"},
           {{"--rate", "0", kTarget}, "--rate: \"0\" does not do here; write a number from 0.001 to 10000000"},
           {{"--rate", "-5", kTarget}, "--rate: \"-5\" does not do here"},
           {{"--rate", "nan", kTarget}, "--rate: \"nan\" does not do here"},
           {{"--rate", "inf", kTarget}, "--rate: \"inf\" does not do here"},
           {{"--rate", "5x", kTarget}, "--rate: \"5x\" does not do here"},
           {{"--rate", "", kTarget}, "--rate: \"\" does not do here"},
           {{"--count", "0", kTarget}, "leave it out for no bound"},
           {{"--connections", "0", kTarget}, "--connections: \"0\""},
           {{"--connections", "1000001", kTarget}, "--connections: \"1000001\""},
           {{"--connections", "1e3", kTarget}, "--connections: \"1e3\""},
           {{"--connections", "99999999999999999999999", kTarget}, "--connections:"},
           {{"--duration", "86401", kTarget},
            "--duration: \"86401\" does not do here; write a number from 0.001 to 86400"},
           {{"--duration", "0", kTarget}, "--duration: \"0\""},
           {{"--warmup", "10", kTarget}, "--warmup: nothing would be counted"},
           {{"--timeout", "0", kTarget}, "--timeout:"},
           {{"--source", "127.0.0.5/24", kTarget}, "write 127.0.0.0/24"},
           {{"--source", "::1", kTarget}, "both must be of one family"},
           {{"--cpu", "1000", kTarget}, "--cpu: this process may not run on CPU 1000"},
           {{"--cpu", "-1", kTarget}, "--cpu: \"-1\" does not do here"},
           {{"--sni", "127.0.0.1", kTarget}, "--sni: \"127.0.0.1\" is an address"},
           {{"--sni", "a b", kTarget}, "--sni: \"a b\" is no server name"},
           {{"--alpn", "h2,,x", kTarget}, "--alpn: names of protocols have 1 to 255 bytes"},
           {{"--name", "", kTarget}, "--name: a name has 1 to 64 characters"},
           {{"--name", "a\nb", kTarget}, "--name: a name has 1 to 64 characters"},
           {{"--mode", "plain", kTarget}, "--mode: mode plain needs --pattern"},
           {{"--pattern", "1:1", kTarget}, "--pattern: this has no meaning in mode full"},
           {{"--mode", "plain", "--pattern", "1", kTarget}, "--pattern: \"1\" is no step"},
           {{"--mode", "plain", "--pattern", "1:2:3", kTarget}, "--pattern: \"1:2:3\" is no step"},
           {{"--mode", "plain", "--pattern", "1:16777217", kTarget}, "is no step"},
           {{"--mode", "plain", "--pattern", "1:1", "--tls", "1.2", kTarget},
            "--tls: this has no meaning in mode plain"},
           {{"--mode", "plain", "--pattern", "1:1", "--ramp", "5", kTarget},
            "--ramp: this is for connections that are held, and none is; give --hold too"},
           {{"--mode", "plain", "--pattern", "80:1x1", "--host", "x", kTarget},
            "--host: only requests have a Host header, and these bytes are none; give --path too"},
           {{"--mode", "plain", "--pattern", "80:1", "--path", "/", kTarget},
            "--path: this is what the repeated step asks for, and --pattern has none"},
           {{"--mode", "plain", "--pattern", "1:1,20:1x1", "--path", "/", "--host", "x", kTarget},
            "--path: the request has 76 bytes, and the repeated step of --pattern sends only 20; let it send at least "
            "76"},
           {{"--mode", "garbage", "--check-signature", kTarget}, "--check-signature: this has no meaning"},
           {{"--tickets", "5", kTarget},
            "--tickets: this has no meaning in mode full; leave it out, or choose another mode (resume)"},
           {{"--mode", "resume", "--tickets", "0", kTarget}, "--tickets: \"0\" does not do here"},
           {{"--requests", "5", kTarget}, "(request)"},
           {{"--fresh-tickets", kTarget}, "(resume)"},
           {{"--hold", "5", kTarget}, "(stall, idle, plain)"},
           {{"--interval", "5", kTarget}, "(trickle)"},
           {{"--mode", "hello", "--end", "close", kTarget}, "--end: this has no meaning in mode hello"},
           {{"--mode", "idle", "--corrupt-finished", kTarget}, "--corrupt-finished: this has no meaning"},
           {{"--mode", "idle", "--rate", "5", "--ramp", "5", kTarget}, "--ramp: --rate already says"},
           {{"--mode", "request", "--alpn", "h2", kTarget}, "--alpn: requests are HTTP/1.1"},
           {{"--mode", "request", "--path", "index.html", kTarget}, "--path: a path begins with /"},
           {{"--mode", "request", "--path", "/a b", kTarget}, "--path: a path begins with /"},
           {{"--mode", "request", "--path", "/\r\nX: y", kTarget}, "--path: a path begins with /"},
           {{"--mode", "request", "--host", "a\r\nX: y", kTarget}, "--host: a host has"},
           {{"--start", "5", kTarget}, "there is no flag --start"},
           {{"--mix", "/no/such/file", kTarget}, "/no/such/file: cannot read this file: No such file"},
           {{"--mix", "/", kTarget}, "/: cannot read this file: Is a directory"},
           {{"--mix", "/no/such/file", "--rate", "5", kTarget}, "--rate: cannot stand beside --mix"},
       }) {
    const std::string said = bad(mistake.arguments);
    EXPECT_NE(said.find(mistake.said), std::string::npos) << "expected: " << mistake.said << "\nsaid: " << said;
  }
}

// "Connection: close" is part of the last request only, and a step without bound has no last one.
TEST(FloodCommandLine, RequestsMustFitIntoTheRepeatedStep) {
  good({"--mode", "plain", "--pattern", "76:1x1", "--path", "/", "--host", "x", kTarget});
  bad({"--mode", "plain", "--pattern", "75:1x1", "--path", "/", "--host", "x", kTarget});
  good({"--mode", "plain", "--pattern", "57:1x0", "--path", "/", "--host", "x", kTarget});
  bad({"--mode", "plain", "--pattern", "56:1x0", "--path", "/", "--host", "x", kTarget});
  good({"--mode", "plain", "--pattern", "5000:10x1", "--path", "/", kTarget});
}

TEST(FloodCommandLine, EveryMistakeIsNamedAtOnce) {
  const std::string said = bad({"--rate", "x", "--tls", "2", "--wait", "y", "nowhere"});
  for (const char* part : {"--rate:", "--tls:", "--wait:", "HOST:PORT"})
    EXPECT_NE(said.find(part), std::string::npos) << said;
}

TEST(FloodCommandLine, HelpAndVersionExitWith0AndTeach) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"--help"}).exit_status, kExitOk);
  const std::string help = testing::internal::GetCapturedStdout();
  for (const char* word : {"Usage: breakwater-flood [options] HOST:PORT", "Default 64",
                           "How many handshakes can a server do?", "Exit status: 0", "--i-own-this-target lifts"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word;
  }
  testing::internal::CaptureStdout();
  EXPECT_EQ(parse({"--version"}).exit_status, kExitOk);
  EXPECT_EQ(testing::internal::GetCapturedStdout().rfind("breakwater-flood ", 0), 0u);
}

}  // namespace
}  // namespace breakwater::flood
