// Sampler: of whom reports take notice.
#include <gtest/gtest.h>

#include "proxy/guard/sampler.h"

namespace breakwater::test {
namespace {

using proxy::Sampler;

constexpr std::uint64_t kSecond = 1'000'000;

// So many come in each of 200 passes of a second.
void come(Sampler& sampler, std::uint64_t& now, std::uint64_t in_a_pass) {
  for (int pass = 0; pass < 200; ++pass) {
    sampler.begin_pass(now += kSecond / 200);
    for (std::uint64_t i = 0; i < in_a_pass; ++i) sampler.arrived();
  }
}

TEST(Sampler, TakesNoticeOfEverybodyButInARush) {
  Sampler sampler;
  std::uint64_t now = 1'000 * kSecond;
  come(sampler, now, Sampler::kRush / 200);
  EXPECT_FALSE(sampler.is_rush());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(sampler.weight(true), 1U);
  come(sampler, now, Sampler::kRush / 200 + 1);
  EXPECT_TRUE(sampler.is_rush());
  come(sampler, now, 1);
  EXPECT_FALSE(sampler.is_rush());
  EXPECT_EQ(sampler.weight(true), 1U);
}

TEST(Sampler, ARushEndsWhereNobodyComesForLong) {
  Sampler sampler;
  std::uint64_t now = 1'000 * kSecond;
  come(sampler, now, 100);
  ASSERT_TRUE(sampler.is_rush());
  sampler.begin_pass(now + 10 * kSecond);
  EXPECT_FALSE(sampler.is_rush());
}

// Each of sixteen clients who come in turn is seen about as often as the others, and the weights make up for the rest.
TEST(Sampler, ASampleStandsForAll) {
  for (const bool all : {false, true}) {
    Sampler sampler;
    std::uint64_t now = 1'000 * kSecond;
    if (all) come(sampler, now, 100);
    constexpr std::uint32_t kTimes = 16'000;
    std::uint32_t weights[16] = {};
    for (std::uint32_t i = 0; i < 16 * kTimes; ++i) {
      const std::uint32_t weight = sampler.weight(all);
      ASSERT_TRUE(weight == 0 || weight == Sampler::kOneIn);
      weights[i % 16] += weight;
    }
    // Of each, 1,000 of 16,000 are seen, give or take 31.
    for (const std::uint32_t weight : weights) EXPECT_NEAR(weight, kTimes, 16 * 155);
  }
}

}  // namespace
}  // namespace breakwater::test
