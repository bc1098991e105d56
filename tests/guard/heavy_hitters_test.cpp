// Heavy hitters, against exact sums.
#include "core/guard/heavy_hitters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "core/guard/siphash.h"

namespace breakwater::test {
namespace {

using guard::HeavyHitters;

constexpr guard::SipKey kKey{{0x0123456789abcdef, 0xfedcba9876543210}};
constexpr std::uint64_t kHalfLife = 1'000'000;

std::uint64_t key_of(std::uint64_t label) { return guard::keyed_hash(kKey, 11, label); }

// All weights of everybody, halved when the clock passes a multiple of the half-life.
class Exact {
 public:
  explicit Exact(std::uint64_t half_life) : half_life_(half_life) {}

  void pass(std::uint64_t now) {
    for (; half_life_ != 0 && (period_ + 1) * half_life_ <= now; ++period_) {
      total_ /= 2;
      for (auto& [label, weight] : weights_) weight /= 2;
    }
  }
  void note(std::uint64_t label, std::uint64_t weight, std::uint64_t now) {
    pass(now);
    weights_[label] += weight;
    total_ += weight;
  }

  const std::map<std::uint64_t, std::uint64_t>& weights() const { return weights_; }
  std::uint64_t total() const { return total_; }

 private:
  std::uint64_t half_life_, period_ = 0, total_ = 0;
  std::map<std::uint64_t, std::uint64_t> weights_;
};

template <std::size_t kPlaces>
void expect_bounds(HeavyHitters<std::uint64_t, kPlaces>& table, Exact& exact, std::uint64_t now) {
  exact.pass(now);
  ASSERT_EQ(table.total(now), exact.total());
  const std::uint64_t least = table.least(now);
  ASSERT_LE(least, exact.total() / kPlaces);
  std::set<std::uint64_t> reported;
  table.for_each(now, [&](std::uint64_t label, std::uint64_t weight, std::uint64_t error) {
    ASSERT_TRUE(reported.insert(label).second);
    ASSERT_GT(weight, 0U);
    ASSERT_GE(weight, error);
    const auto found = table.find(key_of(label), now);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->weight, weight);
    ASSERT_EQ(found->error, error);
    const std::uint64_t truth = exact.weights().at(label);
    ASSERT_LE(truth, weight);
    ASSERT_LE(weight - error, truth);
  });
  ASSERT_LE(reported.size(), kPlaces);
  for (const auto& [label, truth] : exact.weights()) {
    if (reported.contains(label)) continue;
    ASSERT_FALSE(table.find(key_of(label), now));
    ASSERT_LE(truth, least);
  }
}

// A stream of labels and weights, with time between them; the bounds are looked at often.
template <std::size_t kPlaces>
void follow(std::uint64_t half_life, int notes, std::uint64_t step,
            const std::function<std::pair<std::uint64_t, std::uint64_t>(int)>& next) {
  HeavyHitters<std::uint64_t, kPlaces> table(half_life);
  Exact exact(half_life);
  std::mt19937_64 random(4);
  std::uint64_t now = 0;
  for (int i = 0; i < notes; ++i) {
    const auto [label, weight] = next(i);
    now += random() % (2 * step);
    if (i % 5000 == 4999) now += random() % (5 * kHalfLife);  // a pause
    table.note(key_of(label), label, weight, now);
    exact.note(label, weight, now);
    if (i % 97 == 0) expect_bounds(table, exact, now);
    if (testing::Test::HasFatalFailure()) FAIL() << "after note " << i;
  }
  expect_bounds(table, exact, now);
  expect_bounds(table, exact, now + 3 * kHalfLife);
  expect_bounds(table, exact, now + 500 * kHalfLife);
}

TEST(HeavyHitters, AloneAndExact) {
  HeavyHitters<std::uint64_t, 4> table(0);
  for (std::uint64_t label = 1; label <= 4; ++label) {
    table.note(key_of(label), label, 10 * label, 0);
    table.note(key_of(label), label, 1, 1);
  }
  for (std::uint64_t label = 1; label <= 4; ++label) {
    EXPECT_EQ(table.find(key_of(label), 1)->weight, 10 * label + 1);
    EXPECT_EQ(table.find(key_of(label), 1)->error, 0U);
  }
  table.note(key_of(5), 5, 7, 2);  // in the place of 1
  EXPECT_FALSE(table.find(key_of(1), 2));
  EXPECT_EQ(table.find(key_of(5), 2)->weight, 18U);
  EXPECT_EQ(table.find(key_of(5), 2)->error, 11U);
  EXPECT_EQ(table.total(2), 111U);
  table.note(key_of(6), 6, 0, 2);  // nothing
  EXPECT_FALSE(table.find(key_of(6), 2));
}

TEST(HeavyHitters, HalvedOnTheClock) {
  HeavyHitters<std::uint64_t, 4> table(100);
  table.note(1, 1, 1000, 199);
  EXPECT_EQ(table.find(1, 199)->weight, 1000U);
  EXPECT_EQ(table.find(1, 200)->weight, 500U);
  EXPECT_EQ(table.find(1, 299)->weight, 500U);
  EXPECT_EQ(table.total(500), 62U);
  EXPECT_EQ(table.find(1, 1000)->weight, 1U);
  EXPECT_FALSE(table.find(1, 1100));
  table.note(1, 1, 7, 2000);
  EXPECT_FALSE(table.find(1, 2000 + 64 * 100));
  table.note(1, 1, 5, ~std::uint64_t{0} - 1);  // at the end of time
  EXPECT_EQ(table.find(1, ~std::uint64_t{0})->weight, 5U);
}

TEST(HeavyHitters, SumsHaveAnEnd) {
  HeavyHitters<std::uint64_t, 2> table(0);
  for (std::uint64_t label = 0; label < 6; ++label) table.note(label, label, ~std::uint64_t{0} / 2 + 2, 0);
  EXPECT_EQ(table.total(0), ~std::uint64_t{0});
  table.note(9, 9, 1, 0);
  EXPECT_EQ(table.find(9, 0)->weight, ~std::uint64_t{0});
}

TEST(HeavyHitters, BoundsForAFewAmongMany) {
  std::mt19937_64 random(5);
  const auto zipf = [&](int) {
    const double uniform = static_cast<double>(random() >> 11) / 9007199254740992.0;
    return std::pair<std::uint64_t, std::uint64_t>(std::exp(uniform * std::log(3000.0)), 1 + random() % 1000);
  };
  follow<64>(0, 30'000, 100, zipf);
  follow<64>(kHalfLife, 30'000, 1000, zipf);
  follow<100>(kHalfLife, 30'000, 100, zipf);
  follow<1>(kHalfLife, 3'000, 1000, zipf);
}

TEST(HeavyHitters, BoundsForAllAlikeAndSmall) {
  std::mt19937_64 random(6);
  const auto alike = [&](int) { return std::pair<std::uint64_t, std::uint64_t>(random() % 500, random() % 3); };
  follow<64>(0, 20'000, 100, alike);
  follow<64>(kHalfLife, 20'000, 5000, alike);
}

// Those who come in turn each find their place just lost.
TEST(HeavyHitters, BoundsForTheWorstOrder) {
  const auto in_turn = [](int i) { return std::pair<std::uint64_t, std::uint64_t>(i % 65, 100 + i % 7); };
  follow<64>(0, 20'000, 100, in_turn);
  follow<64>(kHalfLife, 20'000, 1000, in_turn);
  const auto growing = [](int i) { return std::pair<std::uint64_t, std::uint64_t>(i, i); };
  follow<64>(kHalfLife, 4'000, 1000, growing);
}

// A few that take more than one part of kPlaces each, in a flood in which all others come once: all are there, always,
// and about as heavy as they are.
TEST(HeavyHitters, VarietyDoesNotDriveOutWhoTakesMuch) {
  constexpr std::size_t kPlaces = 128;
  constexpr std::uint64_t kHeavy = 50, kRounds = 4000;
  HeavyHitters<std::uint64_t, kPlaces> table(0);
  std::uint64_t spoofed = 1'000'000;
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    for (std::uint64_t label = 0; label < kHeavy; ++label) table.note(key_of(label), label, 10, 0);
    for (int i = 0; i < 500; ++i, ++spoofed) table.note(key_of(spoofed), spoofed, 1, 0);  // half of all weight
    for (std::uint64_t label = 0; label < kHeavy; ++label) {
      const auto found = table.find(key_of(label), 0);
      ASSERT_TRUE(found) << label << " in round " << round;
      ASSERT_GE(found->weight, 10 * round);
      ASSERT_LE(found->weight - found->error, 10 * round);
      ASSERT_LE(found->weight, 10 * round + table.total(0) / kPlaces);
    }
  }
}

}  // namespace
}  // namespace breakwater::test
