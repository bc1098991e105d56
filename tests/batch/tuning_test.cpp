// From costs to thresholds and estimates.
#include "core/batch/tuning.h"

#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using batch::Cost;
using batch::kNeverInLanes;
using batch::Operation;
using batch::Tuning;

std::uint8_t threshold(const Cost& cost) {
  Tuning tuning;
  tuning.cost(Operation::P256Agreement) = cost;
  tuning.derive();
  return tuning.from(Operation::P256Agreement);
}

TEST(Tuning, TheLeastCountForWhichALaneRunIsCheaper) {
  EXPECT_EQ(threshold({100, 100, 100}), 1);
  EXPECT_EQ(threshold({100, 101, 101}), 2);
  EXPECT_EQ(threshold({100, 200, 200}), 2);
  EXPECT_EQ(threshold({100, 201, 201}), 3);
  EXPECT_EQ(threshold({100, 400, 400}), 4);
  EXPECT_EQ(threshold({100, 401, 401}), 5);
  EXPECT_EQ(threshold({100, 800, 800}), 8);
  EXPECT_EQ(threshold({100, 801, 801}), kNeverInLanes);
  EXPECT_EQ(threshold({100, 0, 0}), kNeverInLanes);
  // Two lanes for each of up to four, as for RSA.
  EXPECT_EQ(threshold({100, 90, 180}), 1);
  EXPECT_EQ(threshold({100, 250, 500}), 3);
  EXPECT_EQ(threshold({100, 500, 700}), 7);
}

TEST(Tuning, EstimatesAreWhatIsRun) {
  Tuning tuning;
  tuning.cost(Operation::Rsa2048Signature) = {100, 150, 300};
  tuning.derive();
  const auto estimate = [&](std::size_t count) { return tuning.estimate(Operation::Rsa2048Signature, count); };
  EXPECT_EQ(estimate(0), 0U);
  EXPECT_EQ(estimate(1), 100U);
  EXPECT_EQ(estimate(2), 150U);
  EXPECT_EQ(estimate(4), 150U);
  EXPECT_EQ(estimate(5), 300U);
  EXPECT_EQ(estimate(8), 300U);
  EXPECT_EQ(estimate(9), 400U);
  EXPECT_EQ(estimate(16), 600U);
  EXPECT_EQ(estimate(18), 750U);
  tuning.cost(Operation::Rsa2048Signature) = {100, 0, 0};
  tuning.derive();
  EXPECT_EQ(estimate(8), 800U);
  EXPECT_EQ(estimate(11), 1100U);
}

TEST(Tuning, DefaultsUseLanesWhereThereAreAny) {
  const Tuning without = batch::default_tuning(crypto::kPortable);
  for (const std::uint8_t from : without.lanes_from) EXPECT_EQ(from, kNeverInLanes);
  const Tuning with = batch::default_tuning(crypto::kEmulated);
  for (const Operation operation : {Operation::X25519KeyPair, Operation::X25519Agreement, Operation::P256KeyPair,
                                    Operation::P256Agreement, Operation::EcdsaSignature}) {
    EXPECT_LE(with.from(operation), 4) << batch::operation_name(operation);
  }
  EXPECT_EQ(with.from(Operation::HostSignature), kNeverInLanes);
  for (std::size_t i = 0; i < batch::kOperations; ++i) {
    EXPECT_GT(with.estimate(static_cast<Operation>(i), 1), 0U);
  }
}

}  // namespace
}  // namespace breakwater::test
