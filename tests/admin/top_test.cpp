// `breakwater top`: what it makes of a status, and that nothing in it reaches the terminal as a command.
#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/admin/status_page.h"
#include "proxy/top/render.h"
#include "proxy/top/status.h"
#include "tests/admin/sample_totals.h"

namespace breakwater::proxy {
namespace {

ServerStatus sample() {
  History history;
  Point point = point_of(test::sample_totals());
  history.add(point);
  point.at_ms += 1000;
  point.ecdsa += 250;
  history.add(point);
  auto status = read_status(status_page(test::sample_facts(), test::sample_totals(), test::sample_totals(), history));
  EXPECT_TRUE(status.has_value());
  return status.value_or(ServerStatus{});
}

bool has(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(),
                     [text](const std::string& line) { return line.find(text) != std::string::npos; });
}

TEST(TopStatus, IsReadBack) {
  const ServerStatus status = sample();
  EXPECT_EQ(status.version, "1.2.3");
  EXPECT_EQ(status.workers, 2u);
  EXPECT_EQ(status.half_open, 5u);
  EXPECT_DOUBLE_EQ(status.last_second.ecdsa, 250);
  EXPECT_EQ(status.handshakes, std::vector<double>{250});
  EXPECT_EQ(status.failures.at(0).first, "bad \"record\" (decode_error)");
  EXPECT_TRUE(status.guard.under_load);
  EXPECT_EQ(status.guard.blocks.at(0).seconds_left, 77u);
  EXPECT_EQ(status.guard.refusals.size(), 2u);
}

TEST(TopStatus, OtherThingsAreNone) {
  for (const char* text : {"", "x", "[]", "{}", "{\"rates\":1}", "{\"rates\":{}"}) {
    EXPECT_FALSE(read_status(text).has_value()) << text;
  }
  // Wrong kinds are as good as missing.
  const auto status = read_status(
      R"({"rates":{"1":[]},"workers":7,"totals":{"open":-1},"history":{"rsa":["x",2]},"failures":[1,{"reason":2}],)"
      R"("guard":{"talkers":{},"blocks":[{"strikes":1e99}],"refusals":{"a":"b","c":3}}})");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->handshakes, (std::vector<double>{0, 2}));
  EXPECT_EQ(status->guard.blocks.size(), 1u);
  EXPECT_EQ(status->guard.refusals.size(), 1u);
}

TEST(TopRender, ShowsEverything) {
  const auto lines = render(sample(), nullptr, {200, 0, false});
  for (const char* text :
       {"Breakwater 1.2.3  serving", "UNDER ATTACK", "an address may take 25 %", "250", "192.0.2.0/24", "kernel",
        "address over its share", "1234", "bad \"record\" (decode_error)", "BLOCKED: 1"}) {
    EXPECT_TRUE(has(lines, text)) << text;
  }
}

TEST(TopRender, NothingFromAClientIsACommand) {
  const auto lines = render(sample(), nullptr, {200, 0, false});
  EXPECT_TRUE(has(lines, "<b>?[31m"));
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
  }
}

TEST(TopRender, FitsTheTerminal) {
  for (std::size_t columns = 1; columns < 130; columns += 7) {
    for (std::size_t rows = 1; rows < 60; rows += 3) {
      const auto lines = render(sample(), nullptr, {columns, rows, false});
      EXPECT_LE(lines.size(), rows);
      for (const std::string& line : lines) EXPECT_LE(line.size(), columns);
    }
  }
}

TEST(TopRender, RatesOfRefusalsComeFromTheStatusBefore) {
  const ServerStatus before = sample();
  ServerStatus now = before;
  now.uptime_s += 2;
  now.guard.refusals[0].second += 600;
  EXPECT_TRUE(has(render(now, &before, {200, 0, false}), "1834        300"));
}

}  // namespace
}  // namespace breakwater::proxy
