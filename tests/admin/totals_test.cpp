// Reports of several workers as one.
#include "proxy/admin/totals.h"

#include <gtest/gtest.h>

#include "proxy/guard/report_board.h"

namespace breakwater::proxy {
namespace {

TEST(MergeReports, AddsUpAndTakesTheStrictest) {
  std::array<GuardReport, 3> reports;
  reports[0].enabled = true;
  reports[0].level = 0.5;
  reports[0].talkers = {{"address", "a", 10, 1, 0.3}, {"address", "b", 30, 0, 0}};
  reports[0].blocks = {{"x", 5, 1, true}, {"y", 50, 1, false}};
  reports[0].refusals = {{"r", 1}, {"s", 2}};
  reports[1].under_load = true;
  reports[1].level = 0.1;
  reports[1].queue_ms = 7;
  reports[1].talkers = {{"address", "a", 25, 2, 0.3}, {"name", "a", 1, 0, 0}};
  reports[1].blocks = {{"x", 9, 4, false}};
  reports[1].refusals = {{"r", 10}};
  const GuardReport merged = merge_reports(reports);
  EXPECT_TRUE(merged.enabled);
  EXPECT_TRUE(merged.under_load);
  EXPECT_EQ(merged.level, 0.1);
  EXPECT_EQ(merged.queue_ms, 7);
  ASSERT_EQ(merged.talkers.size(), 3u);
  EXPECT_EQ(merged.talkers[0].who, "a");
  EXPECT_EQ(merged.talkers[0].hellos_per_s, 35);
  EXPECT_EQ(merged.talkers[0].refused_per_s, 3);
  EXPECT_DOUBLE_EQ(merged.talkers[0].cpu_share, 0.2);
  EXPECT_EQ(merged.talkers[1].who, "b");
  ASSERT_EQ(merged.blocks.size(), 2u);
  EXPECT_EQ(merged.blocks[0].who, "y");
  EXPECT_EQ(merged.blocks[1].seconds_left, 9u);
  EXPECT_EQ(merged.blocks[1].strikes, 4u);
  EXPECT_TRUE(merged.blocks[1].in_kernel);
  EXPECT_EQ(merged.refusals, (std::vector<std::pair<std::string, std::uint64_t>>{{"r", 11}, {"s", 2}}));
}

TEST(ReportBoard, HandsOutTheLastReport) {
  ReportBoard board;
  EXPECT_FALSE(board.read().enabled);
  GuardReport report;
  report.enabled = true;
  report.blocks = {{"x", 1, 1, false}};
  board.publish(report);
  EXPECT_TRUE(board.read().enabled);
  EXPECT_EQ(board.read().blocks.size(), 1u);
  board.publish({});
  EXPECT_TRUE(board.read().blocks.empty());
}

}  // namespace
}  // namespace breakwater::proxy
