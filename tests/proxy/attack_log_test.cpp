// What the log says of an attack: few lines, with who, what, how much and what was done.
#include <gtest/gtest.h>

#include "proxy/serve/attack_log.h"

#include <nlohmann/json.hpp>

namespace breakwater::proxy {
namespace {

// What is logged, in words; empty: nothing is.
std::string line(const std::optional<Event>& event) { return event ? event->sentence : ""; }

nlohmann::json facts(const std::optional<Event>& event) {
  if (!event) return {};
  EXPECT_EQ(event->name, "attack");
  return nlohmann::json::parse(event->facts);
}

GuardReport report(bool loaded, std::uint64_t address, std::uint64_t blocked = 0) {
  GuardReport report;
  report.enabled = true;
  report.under_load = loaded;
  report.queue_ms = 25.4;
  report.refusals = {{"address", address}, {"blocked", blocked}};
  return report;
}

bool has(const std::optional<Event>& event, std::string_view text) {
  return line(event).find(text) != std::string::npos;
}

TEST(AttackLog, IsSilentInPeace) {
  AttackLog log;
  for (std::uint64_t now = 0; now < 60'000; now += 1000) EXPECT_FALSE(log.collect({report(false, 0)}, 0, now));
}

TEST(AttackLog, SaysWhenItBeginsWhatGoesOnAndWhenItIsOver) {
  AttackLog log;
  log.collect({report(false, 0)}, 0, 1000);
  EXPECT_TRUE(has(log.collect({report(true, 0)}, 0, 2000), "under load, work waits 25 ms"));
  std::uint64_t now = 3000, refused = 0;
  for (; now < 12'000; now += 1000) EXPECT_FALSE(log.collect({report(true, refused += 100)}, 0, now)) << now;
  const auto first = log.collect({report(true, refused += 100)}, 0, now);
  EXPECT_TRUE(has(first, "1000 connections refused in 10 s (1000 address)")) << line(first);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_FALSE(log.collect({report(false, refused)}, 0, now += 1000));
  EXPECT_TRUE(has(log.collect({report(false, refused)}, 0, now += 1000), "calm again after 10 s; 1000 connections"));
  EXPECT_FALSE(log.collect({report(false, refused)}, 0, now += 1000));
  // And again, from there on.
  EXPECT_TRUE(
      has(log.collect({report(false, refused += 1)}, 0, now += 1000), "guard: 1 connections refused (1 address)"));
  now += 10'000;
  EXPECT_TRUE(has(log.collect({report(false, refused += 1)}, 0, now), "1 connections refused in 10 s"));
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
  log.collect({report(false, 0), report(false, 0)}, 0, 0);
  log.collect({report(true, 0), report(true, 0)}, 0, 1000);
  const auto event = log.collect({one, two}, 70, 11'000);
  EXPECT_EQ(line(event),
            "guard: 16 connections refused in 10 s (11 address, 5 blocked); addresses: 192.0.2.8 (500/s, 400/s "
            "refused), 192.0.2.7 (150/s, 130/s refused); software: t13i0310h1_a_b (300/s, 200/s refused); 1 address is "
            "blocked now (192.0.2.8 for 3 s); 70 packets of blocked addresses dropped in the kernel");
  const nlohmann::json expected = {
      {"state", "goes on"},
      {"refused", 16},
      {"refused_by_reason", {{"address", 11}, {"blocked", 5}}},
      {"packets_dropped", 70},
      {"seconds", 10},
      {"under_load", true},
      {"queue_ms", 25.4},
      {"addresses",
       {{{"who", "192.0.2.8"}, {"hellos_per_s", 500}, {"refused_per_s", 400}},
        {{"who", "192.0.2.7"}, {"hellos_per_s", 150}, {"refused_per_s", 130}}}},
      {"networks", nlohmann::json::array()},
      {"fingerprints", {{{"who", "t13i0310h1_a_b"}, {"hellos_per_s", 300}, {"refused_per_s", 200}}}},
      {"blocked_now", 1},
      {"blocks", {{{"who", "192.0.2.8"}, {"seconds_left", 3}, {"strikes", 2}}}}};
  EXPECT_EQ(facts(event), expected);
}

TEST(AttackLog, NamesThreeAndCountsTheRest) {
  AttackLog log;
  GuardReport one = report(true, 10);
  for (int i = 0; i < 5; ++i) {
    one.talkers.push_back(
        {.kind = "network", .who = "198.51.100." + std::to_string(i), .hellos_per_s = 10, .refused_per_s = 10.0 - i});
  }
  log.collect({report(false, 0)}, 0, 0);
  log.collect({report(true, 0)}, 0, 1000);
  one.blocks = {{.who = "192.0.2.1", .seconds_left = 60, .strikes = 1},
                {.who = "192.0.2.2", .seconds_left = 9, .strikes = 4}};
  const auto event = log.collect({one}, 0, 11'000);
  EXPECT_TRUE(has(event, "198.51.100.2 (10/s, 8/s refused) and 2 more")) << line(event);
  EXPECT_TRUE(has(event, "2 addresses are blocked now (192.0.2.2 for 9 s, 192.0.2.1 for 60 s)")) << line(event);
  EXPECT_EQ(facts(event)["networks"].size(), 5U);
}

TEST(AttackLog, FactsSayWhenItBeginsAndWhenItIsOver) {
  AttackLog log;
  log.collect({report(false, 0)}, 0, 0);
  const nlohmann::json first = facts(log.collect({report(true, 7)}, 0, 1000));
  EXPECT_EQ(first, (nlohmann::json{{"state", "begins"},
                                   {"refused", 7},
                                   {"refused_by_reason", {{"address", 7}}},
                                   {"packets_dropped", 0},
                                   {"under_load", true},
                                   {"queue_ms", 25.4}}));
  log.collect({report(true, 9)}, 0, 6000);
  const nlohmann::json last = facts(log.collect({report(false, 9)}, 0, 16'000));
  EXPECT_EQ(last, (nlohmann::json{{"state", "over"},
                                  {"refused", 9},
                                  {"refused_by_reason", {{"address", 9}}},
                                  {"packets_dropped", 0},
                                  {"seconds", 5}}));
}

// What the kernel keeps away reaches no worker: the attack goes on all the same. But a few packets are none.
TEST(AttackLog, PacketsDroppedInTheKernelGoOnWithAnAttack) {
  AttackLog log;
  EXPECT_FALSE(log.collect({report(false, 0)}, 0, 0));
  EXPECT_FALSE(log.collect({report(false, 0)}, 7, 1000));
  EXPECT_EQ(line(log.collect({report(false, 5)}, 10, 2000)), "guard: 5 connections refused (5 address)");
  EXPECT_FALSE(log.collect({report(false, 5)}, 50, 3000));
  EXPECT_EQ(line(log.collect({report(false, 5)}, 90, 12'000)),
            "guard: 0 connections refused in 10 s; 80 packets of blocked addresses dropped in the kernel");
  EXPECT_EQ(
      line(log.collect({report(false, 5)}, 90, 22'000)),
      "guard: calm again after 10 s; 5 connections were refused in all (5 address); 83 packets were dropped in the "
      "kernel");
  EXPECT_FALSE(log.collect({report(false, 5)}, 91, 23'000));
}

// Reports that were not there yet are no news when they come.
TEST(AttackLog, NothingIsSaidOfNothing) {
  AttackLog log;
  EXPECT_FALSE(log.collect({}, 0, 0));
  EXPECT_TRUE(log.collect({report(true, 0)}, 0, 1000));
  EXPECT_FALSE(log.collect({report(true, 0)}, 0, 12'000));
}

}  // namespace
}  // namespace breakwater::proxy
