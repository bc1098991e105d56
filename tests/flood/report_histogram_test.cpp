// The histogram against the sorted values themselves.
#include "flood/report/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "flood/report/tally.h"

namespace breakwater::flood {
namespace {

constexpr double kQuantiles[] = {0, 0.001, 0.01, 0.07, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};

// The smallest value such that at least the share is not above it.
std::uint64_t reference(const std::vector<std::uint64_t>& sorted, double quantile) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    // in whole numbers of ten thousandths, so that no rounding hides a mistake
    if ((i + 1) * 10'000 >= static_cast<std::size_t>(std::lround(quantile * 10'000)) * sorted.size()) return sorted[i];
  }
  return sorted.back();
}

Histogram fill(const std::vector<std::uint64_t>& values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.add(value);
  return histogram;
}

void compare(std::vector<std::uint64_t> values, bool exact) {
  const Histogram histogram = fill(values);
  std::sort(values.begin(), values.end());
  ASSERT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.min(), values.front());
  EXPECT_EQ(histogram.max(), values.back());
  double sum = 0;
  for (const std::uint64_t value : values) sum += static_cast<double>(value);
  EXPECT_NEAR(histogram.mean() / (sum / static_cast<double>(values.size())), 1, 1e-9);
  for (const double quantile : kQuantiles) {
    const std::uint64_t right = reference(values, quantile);
    const std::uint64_t found = histogram.quantile(quantile);
    EXPECT_GE(found, right) << quantile;
    EXPECT_LE(found - right, exact ? 0 : right / 64) << quantile << " of " << values.size() << ": " << right;
  }
}

TEST(Histogram, EmptyIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.min(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.mean(), 0);
  for (const double quantile : kQuantiles) EXPECT_EQ(histogram.quantile(quantile), 0u);
}

TEST(Histogram, SmallValuesAreExact) {
  std::mt19937_64 random(1);
  for (const std::size_t size : {1u, 2u, 3u, 10u, 99u, 100u, 101u, 1000u}) {
    std::vector<std::uint64_t> values(size);
    for (std::uint64_t& value : values) value = random() % 128;
    compare(values, true);
  }
}

TEST(Histogram, LargerOnesAreWithinOnePart64) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> values(1 + random() % 2000);
    const unsigned bits = 1 + static_cast<unsigned>(random() % 41);
    for (std::uint64_t& value : values) value = random() >> (64 - bits + random() % bits);
    compare(values, false);
  }
}

TEST(Histogram, TheEndsOfEveryBucket) {
  for (unsigned bit = 0; bit < 41; ++bit) {
    for (const std::int64_t step : {-1, 0, 1}) {
      const std::uint64_t value = (std::uint64_t{1} << bit) + static_cast<std::uint64_t>(step);
      if (value >> 41 != 0) continue;
      // A larger one beside it, so that max() does not help.
      const Histogram histogram = fill({0, value, std::uint64_t{1} << 41});
      const std::uint64_t found = histogram.quantile(0.5);
      EXPECT_GE(found, value);
      EXPECT_LE(found - value, value / 64) << value;
    }
  }
}

TEST(Histogram, HugeValuesAreCountedAndTheLargestIsKnown) {
  const std::uint64_t huge = ~std::uint64_t{0};
  Histogram histogram = fill({1, 2, std::uint64_t{1} << 41, std::uint64_t{1} << 60});
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.max(), std::uint64_t{1} << 60);
  EXPECT_EQ(histogram.quantile(1), std::uint64_t{1} << 60);
  EXPECT_EQ(histogram.quantile(0.5), 2u);
  EXPECT_GE(histogram.quantile(0.75), std::uint64_t{1} << 41);
  histogram.clear();
  histogram.add(huge);
  EXPECT_EQ(histogram.quantile(0.5), huge);
  EXPECT_EQ(histogram.min(), huge);
}

TEST(Histogram, NeverAboveTheLargest) {
  Histogram histogram;
  for (int i = 0; i < 100; ++i) histogram.add(1'000'001);
  for (const double quantile : kQuantiles) EXPECT_EQ(histogram.quantile(quantile), 1'000'001u);
}

TEST(Histogram, QuantilesOfHundredMeanWhatTheySay) {
  Histogram histogram;
  for (std::uint64_t i = 1; i <= 100; ++i) histogram.add(i);
  for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(histogram.quantile(static_cast<double>(i) / 100), i);
  EXPECT_EQ(histogram.quantile(0.001), 1u);
  EXPECT_EQ(histogram.quantile(0.991), 100u);
  EXPECT_EQ(histogram.quantile(-1), 1u);
  EXPECT_EQ(histogram.quantile(2), 100u);
}

TEST(Histogram, MergingIsAddingAll) {
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> all;
  Histogram merged;
  merged.merge(Histogram());
  EXPECT_EQ(merged.min(), 0u);
  for (int part = 0; part < 5; ++part) {
    std::vector<std::uint64_t> values(100);
    for (std::uint64_t& value : values) value = random() >> (20 + random() % 40);
    merged.merge(fill(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  const Histogram whole = fill(all);
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
  EXPECT_EQ(merged.mean(), whole.mean());
  for (const double quantile : kQuantiles) EXPECT_EQ(merged.quantile(quantile), whole.quantile(quantile));
}

TEST(GeneratorLoad, IsTheLimitWhenBusyOrLate) {
  GeneratorLoad load;
  EXPECT_FALSE(load.was_the_limit());
  load.wall_s = 10;
  load.busy_s = 9.5;
  EXPECT_FALSE(load.was_the_limit());
  load.busy_s = 9.51;
  EXPECT_TRUE(load.was_the_limit());
  load.busy_s = 1;
  for (int i = 0; i < 98; ++i) load.lateness.add(1000);
  load.lateness.add(4'000'000);
  load.lateness.add(900'000'000);  // one in a hundred may be as late as it likes
  EXPECT_FALSE(load.was_the_limit());
  load.lateness.add(900'000'000);
  EXPECT_TRUE(load.was_the_limit());
}

}  // namespace
}  // namespace breakwater::flood
