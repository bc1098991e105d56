// Rates between two points of time, and quantiles from a histogram.
#include "proxy/admin/history.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

TEST(Quantile, LiesBetweenTheBoundsByProportion) {
  JobWaitCounts counts;
  EXPECT_EQ(quantile(counts, 0.5), 0);
  counts.counts[1] = 10;  // above 50, up to 100 microseconds
  EXPECT_DOUBLE_EQ(quantile(counts, 0.5), 75);
  EXPECT_DOUBLE_EQ(quantile(counts, 1), 100);
  counts.counts[3] = 10;  // above 250, up to 500
  EXPECT_DOUBLE_EQ(quantile(counts, 0.5), 100);
  EXPECT_DOUBLE_EQ(quantile(counts, 0.75), 375);
  counts.counts.back() = 1000;
  EXPECT_DOUBLE_EQ(quantile(counts, 0.99), static_cast<double>(kJobWaitBounds.back()));
}

TEST(Rates, AreDifferencesOverTheTimeBetween) {
  Point from, to;
  from.at_ms = 1000;
  to.at_ms = 3000;
  from.ecdsa = 100;
  to.ecdsa = 150;
  to.rsa = 8;
  from.resumed = to.resumed = 7;
  to.cpu = {1'000'000, 500'000};
  to.lane_runs = 10;
  to.lanes_filled = 60;
  from.job_wait.counts[5] = to.job_wait.counts[5] = 1000;  // before
  to.job_wait.counts[0] = 1;
  from.failed = 3;  // a counter that seems to go back
  const Rates rates = rates_between(from, to);
  EXPECT_DOUBLE_EQ(rates.ecdsa, 25);
  EXPECT_DOUBLE_EQ(rates.rsa, 4);
  EXPECT_DOUBLE_EQ(rates.resumed, 0);
  EXPECT_DOUBLE_EQ(rates.failed, 0);
  EXPECT_DOUBLE_EQ(rates.cpu_arithmetic, 0.5);
  EXPECT_DOUBLE_EQ(rates.cpu_rest, 0.25);
  EXPECT_DOUBLE_EQ(rates.batch_fill, 0.75);
  EXPECT_DOUBLE_EQ(rates.wait_p50_ms, 0.025);
  EXPECT_EQ(rates_between(to, from).ecdsa, 0);
  EXPECT_EQ(rates_between(to, to).ecdsa, 0);
}

TEST(History, KeepsFiveMinutes) {
  History history;
  EXPECT_EQ(history.rates(10).accepted, 0);
  for (std::uint64_t second = 0; second <= 400; ++second) {
    Point point;
    point.at_ms = 1000 * second;
    point.accepted = second <= 390 ? 0 : 100 * (second - 390);
    history.add(point);
  }
  EXPECT_EQ(history.points().size(), History::kPoints);
  EXPECT_EQ(history.points().front().at_ms, 100'000u);
  EXPECT_DOUBLE_EQ(history.rates(1).accepted, 100);
  EXPECT_DOUBLE_EQ(history.rates(10).accepted, 100);
  EXPECT_DOUBLE_EQ(history.rates(20).accepted, 50);
  EXPECT_DOUBLE_EQ(history.rates(100'000).accepted, 1000.0 / 300);  // what there is
}

}  // namespace
}  // namespace breakwater::proxy
