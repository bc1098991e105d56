// What the log says of an attack: few lines, with who, what, how much and what was done.
#include <gtest/gtest.h>

#include "proxy/serve/attack_log.h"

namespace breakwater::proxy {
namespace {

using Lines = std::vector<std::string>;

GuardReport report(bool loaded, std::uint64_t address, std::uint64_t blocked = 0) {
  GuardReport report;
  report.enabled = true;
  report.under_load = loaded;
  report.queue_ms = 25.4;
  report.refusals = {{"address", address}, {"blocked", blocked}};
  return report;
}

bool has(const Lines& lines, std::string_view text) {
  return lines.size() == 1 && lines[0].find(text) != std::string::npos;
}

TEST(AttackLog, IsSilentInPeace) {
  AttackLog log;
  for (std::uint64_t now = 0; now < 60'000; now += 1000) EXPECT_EQ(log.collect({report(false, 0)}, now), Lines{});
}

TEST(AttackLog, SaysWhenItBeginsWhatGoesOnAndWhenItIsOver) {
  AttackLog log;
  log.collect({report(false, 0)}, 1000);
  EXPECT_TRUE(has(log.collect({report(true, 0)}, 2000), "under load, work waits 25 ms"));
  std::uint64_t now = 3000, refused = 0;
  for (; now < 12'000; now += 1000) EXPECT_EQ(log.collect({report(true, refused += 100)}, now), Lines{}) << now;
  const Lines first = log.collect({report(true, refused += 100)}, now);
  EXPECT_TRUE(has(first, "1000 connections refused in 10 s (1000 address)")) << first.at(0);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(log.collect({report(false, refused)}, now += 1000), Lines{});
  EXPECT_TRUE(has(log.collect({report(false, refused)}, now += 1000), "calm again after 10 s; 1000 connections"));
  EXPECT_EQ(log.collect({report(false, refused)}, now += 1000), Lines{});
  // And again, from there on.
  EXPECT_TRUE(has(log.collect({report(false, refused += 1)}, now += 1000), "guard: 1 connections refused (1 address)"));
  now += 10'000;
  EXPECT_TRUE(has(log.collect({report(false, refused += 1)}, now), "1 connections refused in 10 s"));
}

TEST(AttackLog, SumsUpOverWorkersAndNamesTheWorst) {
  AttackLog log;
  GuardReport one = report(true, 10, 5), two = report(true, 1, 0);
  one.talkers = {{.kind = "address", .who = "192.0.2.7", .hellos_per_s = 100, .refused_per_s = 90},
                 {.kind = "address", .who = "192.0.2.9", .hellos_per_s = 5, .refused_per_s = 0},
                 {.kind = "fingerprint", .who = "t13i0310h1_a_b", .hellos_per_s = 300, .refused_per_s = 200}};
  two.talkers = {{.kind = "address", .who = "192.0.2.7", .hellos_per_s = 50, .refused_per_s = 40},
                 {.kind = "address", .who = "192.0.2.8", .hellos_per_s = 500, .refused_per_s = 400}};
  one.blocks = two.blocks = {{.who = "192.0.2.8", .seconds_left = 3, .strikes = 2}};
  log.collect({report(false, 0), report(false, 0)}, 0);
  log.collect({report(true, 0), report(true, 0)}, 1000);
  const Lines lines = log.collect({one, two}, 11'000);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0],
            "guard: 16 connections refused in 10 s (11 address, 5 blocked); addresses: 192.0.2.8 (500/s, 400/s "
            "refused), 192.0.2.7 (150/s, 130/s refused); software: t13i0310h1_a_b (300/s, 200/s refused); 1 address is "
            "blocked now");
}

TEST(AttackLog, NamesThreeAndCountsTheRest) {
  AttackLog log;
  GuardReport one = report(true, 10);
  for (int i = 0; i < 5; ++i) {
    one.talkers.push_back(
        {.kind = "network", .who = "198.51.100." + std::to_string(i), .hellos_per_s = 10, .refused_per_s = 10.0 - i});
  }
  log.collect({report(false, 0)}, 0);
  log.collect({report(true, 0)}, 1000);
  const Lines lines = log.collect({one}, 11'000);
  EXPECT_TRUE(has(lines, "198.51.100.2 (10/s, 8/s refused) and 2 more")) << lines.at(0);
}

}  // namespace
}  // namespace breakwater::proxy
