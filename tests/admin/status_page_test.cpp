// /status: another implementation reads it, and finds everything where docs/admin.md says.
#include "proxy/admin/status_page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/admin/sample_totals.h"

namespace breakwater::proxy {
namespace {

TEST(StatusPage, SaysWhatIsGoingOn) {
  const Totals now = test::sample_totals();
  Totals before = now;
  before.at_ms -= 2000;
  before.workers[1].cpu = {100'000, 0};
  before.workers[1].handshakes = 32;
  History history;
  for (std::uint64_t i = 0; i < 4; ++i) {
    Point point = point_of(now);
    point.at_ms = 1000 * i;
    point.rsa = 10 * i * i;
    point.half_open = i;
    history.add(point);
  }
  const auto page = nlohmann::json::parse(status_page(test::sample_facts(), now, before, history));
  EXPECT_EQ(page["version"], "1.2.3");
  EXPECT_EQ(page["state"], "serving");
  EXPECT_EQ(page["uptime_s"], 60.5);
  EXPECT_EQ(page["listen"], (nlohmann::json{"127.0.0.1:1", "[::1]:2"}));
  EXPECT_EQ(page["service"], "backend a\"b");
  EXPECT_EQ(page["totals"]["accepted"], 1001);
  EXPECT_EQ(page["handshakes"]["1.2"]["rsa"], 12);
  EXPECT_EQ(page["handshakes"]["1.3"]["resumed"], 23);
  EXPECT_EQ(page["handshakes_failed"]["evicted"], 31 + 32 + 33 + 34);
  EXPECT_EQ(page["failures"][0]["reason"], "bad \"record\"");
  EXPECT_EQ(page["failures"][0]["count"], 4);
  EXPECT_EQ(page["operations"][0]["name"], "P-256 sign");
  EXPECT_EQ(page["operations"][0]["lane_runs"][7], 42);
  EXPECT_EQ(page["workers"].size(), 2u);
  EXPECT_EQ(page["handshake_capacity"]["rsa"].get<double>(), 500);
  EXPECT_DOUBLE_EQ(page["workers"][1]["cpu_arithmetic"].get<double>(), 0.2);
  EXPECT_DOUBLE_EQ(page["workers"][1]["handshakes"].get<double>(), 10);
  EXPECT_EQ(page["rates"]["1"]["rsa"], 50);
  EXPECT_EQ(page["rates"]["10"]["rsa"], 30);
  EXPECT_EQ(page["history"]["rsa"], (nlohmann::json{10, 30, 50}));
  EXPECT_EQ(page["history"]["half_open"], (nlohmann::json{1, 2, 3}));
  EXPECT_EQ(page["guard"]["level"], 0.25);
  EXPECT_EQ(page["guard"]["talkers"][0]["who"], "<b>\x1b[31m\xEF\xBF\xBD.example");
  EXPECT_EQ(page["guard"]["blocks"][0]["in_kernel"], true);
  EXPECT_EQ(page["guard"]["refusals"]["blocked"], 66);
}

}  // namespace
}  // namespace breakwater::proxy
