// The report for programs, read by another's parser.
#include "flood/report/report_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "flood/plan/sources.h"
#include "flood/report/json_writer.h"
#include "flood/report/outcome.h"
#include "tests/flood/report_support.h"

namespace breakwater::flood {
namespace {

using Json = nlohmann::json;

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

const std::set<std::string> kLatency = {"count", "min", "mean", "p50", "p90", "p99", "p99.9", "max"};

TEST(ReportJson, HasTheDocumentedShape) {
  const std::string text = report_json(sample_plan(), sample_result(), "2026-11-22T10:00:00Z");
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const Json report = Json::parse(text);
  EXPECT_EQ(keys_of(report),
            (std::set<std::string>{"program", "version", "target", "address", "started", "begin_monotonic_s",
                                   "duration_s", "interrupted", "generator", "loads"}));
  EXPECT_EQ(keys_of(report["generator"]), (std::set<std::string>{"cpu_user_us", "cpu_system_us", "busy_s", "busy_share",
                                                                 "limit", "wait", "cpu", "lateness_us"}));
  EXPECT_EQ(keys_of(report["generator"]["lateness_us"]), kLatency);
  ASSERT_EQ(report["loads"].size(), 1u);
  const Json& load = report["loads"][0];
  EXPECT_EQ(keys_of(load), (std::set<std::string>{
                               "name",       "mode",           "tls",        "auth",       "cipher",     "group",
                               "shape",      "connections",    "rate",       "sources",    "measured_s", "started",
                               "succeeded",  "failed",         "unfinished", "per_second", "handshakes", "resumed",
                               "requests",   "renegotiations", "held_max",   "failures",   "negotiated", "latency_us",
                               "bytes_sent", "bytes_received", "tcp",        "seconds"}));
  EXPECT_EQ(keys_of(load["latency_us"]), (std::set<std::string>{"handshake", "request"}));
  EXPECT_EQ(keys_of(load["latency_us"]["handshake"]), kLatency);
  EXPECT_EQ(keys_of(load["latency_us"]["request"]), kLatency);
  EXPECT_EQ(keys_of(load["tcp"]), (std::set<std::string>{"sampled", "segments_out", "segments_in", "bytes_out",
                                                         "bytes_in", "retransmitted"}));
  ASSERT_EQ(load["seconds"].size(), 2u);
  EXPECT_EQ(keys_of(load["seconds"][0]), (std::set<std::string>{"t", "succeeded", "failed", "p50_us", "p99_us"}));
}

TEST(ReportJson, HasTheNumbersOfTheRun) {
  Plan plan = sample_plan();
  plan.loads[0].rate = 12.5;
  std::string error;
  plan.loads[0].sources = {*parse_source("127.0.1.0/24", error), *parse_source("127.0.9.9", error)};
  RunResult result = sample_result();
  result.interrupted = true;
  result.generator.cpu = 1;
  result.generator.spinning = true;
  result.generator.lateness.add(100);
  const Json report = Json::parse(report_json(plan, result, "2026-11-22T10:00:00Z"));
  EXPECT_EQ(report["program"], "breakwater-flood");
  EXPECT_EQ(report["target"], "localhost:8443");
  EXPECT_EQ(report["address"], "127.0.0.1:8443");
  EXPECT_EQ(report["started"], "2026-11-22T10:00:00Z");
  EXPECT_EQ(report["begin_monotonic_s"], 1234.5);
  EXPECT_EQ(report["duration_s"], 10);
  EXPECT_EQ(report["interrupted"], true);
  const Json& generator = report["generator"];
  EXPECT_EQ(generator["busy_share"], 0.25);
  EXPECT_EQ(generator["limit"], false);
  EXPECT_EQ(generator["wait"], "spin");
  EXPECT_EQ(generator["cpu"], 1);
  EXPECT_EQ(generator["cpu_user_us"], 1'200'000);
  EXPECT_EQ(generator["lateness_us"]["max"], 0.1);
  const Json& load = report["loads"][0];
  EXPECT_EQ(load["tls"], "1.2");
  EXPECT_EQ(load["auth"], "ecdsa");
  EXPECT_EQ(load["rate"], 12.5);
  EXPECT_EQ(load["sources"], 255);
  EXPECT_EQ(load["succeeded"], 800);
  EXPECT_EQ(load["failed"], 200);
  EXPECT_EQ(load["unfinished"], 3);
  EXPECT_EQ(load["per_second"], 100);
  EXPECT_EQ(load["failures"], (Json{{to_text(Failure::OutOfPorts), 120},
                                    {"alert handshake_failure", 50},
                                    {to_text(Failure::ConnectionRefused), 30}}));
  EXPECT_EQ(load["negotiated"], (Json{{"TLS 1.2 ECDHE-ECDSA AES128-GCM secp256r1", 800}}));
  const Json& latency = load["latency_us"]["handshake"];
  EXPECT_EQ(latency["count"], 100);
  EXPECT_EQ(latency["min"], 0.001);
  EXPECT_NEAR(latency["mean"].get<double>(), 0.0505, 0.0006);
  EXPECT_EQ(latency["p50"], 0.05);
  EXPECT_EQ(latency["p90"], 0.09);
  EXPECT_EQ(latency["p99"], 0.099);
  EXPECT_EQ(latency["p99.9"], 0.1);
  EXPECT_EQ(latency["max"], 0.1);
  EXPECT_EQ(load["tcp"]["sampled"], 10);
  EXPECT_EQ(load["tcp"]["segments_out"], 4.5);
  EXPECT_EQ(load["tcp"]["segments_in"], 3.1);
  EXPECT_EQ(load["tcp"]["bytes_out"], 400);
  EXPECT_EQ(load["tcp"]["bytes_in"], 1500);
  EXPECT_EQ(load["tcp"]["retransmitted"], 0.1);
  EXPECT_EQ(load["seconds"][1],
            (Json{{"t", 2}, {"succeeded", 101}, {"failed", 0}, {"p50_us", 0.051}, {"p99_us", 0.1}}));
}

TEST(ReportJson, OfARunThatDidNothing) {
  RunResult result;
  result.loads.resize(1);
  result.error = "127.0.0.1:8443 refuses connections; is the server running?";
  const Json report = Json::parse(report_json(sample_plan(), result, "x"));
  EXPECT_EQ(report["error"], result.error);
  EXPECT_EQ(report["loads"][0]["per_second"], 0);
  EXPECT_EQ(report["loads"][0]["tcp"]["bytes_in"], 0);
  EXPECT_EQ(report["generator"]["busy_share"], 0);
}

TEST(JsonWriter, AnyStringComesOutWellFormed) {
  struct Case {
    std::string text;
    std::string read;  // what a parser reads
  };
  const std::string replacement = "\xef\xbf\xbd";
  for (const auto& [text, read] : std::vector<Case>{
           {"", ""},
           {"a\"b\\c/d", "a\"b\\c/d"},
           {"\n\r\t\x01\x1f\x7f", "\n\r\t\x01\x1f\x7f"},
           {std::string("a\0b", 3), std::string("a\0b", 3)},
           {"µs € 😀", "µs € 😀"},
           {"\xff", replacement},
           {"a\xc3", "a" + replacement},             // cut short
           {"\xc0\xaf", replacement + replacement},  // longer than needed
           {"\xe0\x80\xaf", replacement + replacement + replacement},
           {"\xed\xa0\x80", replacement + replacement + replacement},  // half of a surrogate pair
           {"\xf4\x90\x80\x80", replacement + replacement + replacement + replacement},
           {"\xf0\x9f\x98", replacement + replacement + replacement},
       }) {
    JsonWriter json;
    json.begin_object().member(text, text).end_object();
    const Json parsed = Json::parse(json.text());
    EXPECT_EQ(parsed.begin().key(), read);
    EXPECT_EQ(parsed.begin().value(), read);
  }
}

TEST(JsonWriter, EveryByteAfterEveryOtherIsWellFormed) {
  for (int first = 0; first < 256; ++first) {
    JsonWriter json;
    json.begin_array();
    for (int second = 0; second < 256; ++second) {
      json.value(std::string{static_cast<char>(first), static_cast<char>(second)});
    }
    EXPECT_EQ(Json::parse(json.end_array().text()).size(), 256u);
  }
}

TEST(JsonWriter, NumbersAndNesting) {
  JsonWriter json;
  json.begin_object();
  json.key("empty").begin_array().end_array();
  json.key("none").begin_object().end_object();
  json.key("list").begin_array().value(1).value(-2).value(true).value("x").begin_array().value(false).end_array();
  json.end_array();
  json.member("large", ~std::uint64_t{0}).member("third", 1.0 / 3).member("small", 1e-9);
  json.member("nan", std::nan("")).member("infinite", std::numeric_limits<double>::infinity()).member("huge", 1e300);
  json.end_object();
  const Json parsed = Json::parse(json.text());
  EXPECT_EQ(parsed["empty"], Json::array());
  EXPECT_EQ(parsed["none"], Json::object());
  EXPECT_EQ(parsed["list"], Json::parse(R"([1,-2,true,"x",[false]])"));
  EXPECT_EQ(parsed["large"], ~std::uint64_t{0});
  EXPECT_EQ(parsed["third"], 0.333);
  EXPECT_EQ(parsed["small"], 0);
  EXPECT_TRUE(parsed["nan"].is_null());
  EXPECT_TRUE(parsed["infinite"].is_null());
  EXPECT_EQ(parsed["huge"], 1e300);
}

TEST(Outcome, SomethingSucceeded) {
  Plan plan = sample_plan();
  RunResult result;
  result.loads.resize(1);
  Tally& tally = result.loads[0];
  EXPECT_FALSE(something_succeeded(plan, result));
  tally.bytes_sent = 100;  // a ClientHello is no handshake
  EXPECT_FALSE(something_succeeded(plan, result));
  for (const Mode mode : {Mode::Stall, Mode::Trickle, Mode::Garbage, Mode::Idle}) {
    plan.loads[0].mode = mode;
    EXPECT_TRUE(something_succeeded(plan, result)) << to_text(mode);
  }
  tally.bytes_sent = 0;
  EXPECT_FALSE(something_succeeded(plan, result));
  plan.loads[0].mode = Mode::Full;
  tally.succeeded = 1;
  EXPECT_TRUE(something_succeeded(plan, result));
}

}  // namespace
}  // namespace breakwater::flood
