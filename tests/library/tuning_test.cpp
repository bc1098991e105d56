// What is measured at start.
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "library/src/measure_tuning.h"
#include "library/src/server_impl.h"
#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

using batch::Operation;
using batch::Tuning;

constexpr Operation kCurveOperations[] = {Operation::X25519KeyPair, Operation::X25519Agreement, Operation::P256KeyPair,
                                          Operation::P256Agreement, Operation::EcdsaSignature};

TEST(MeasuredTuning, HasACostForEveryOperation) {
  for (const crypto::Implementation* const arithmetic : {&crypto::kPortable, &crypto::kEmulated}) {
    const Tuning tuning = measure_tuning(*arithmetic, {});
    const Tuning defaults = batch::default_tuning(*arithmetic);
    for (const Operation operation : kCurveOperations) {
      const batch::Cost& cost = tuning.cost(operation);
      EXPECT_GT(cost.alone, 1'000U) << batch::operation_name(operation);
      EXPECT_LT(cost.alone, 100'000'000U);
      EXPECT_NE(cost.alone, defaults.cost(operation).alone);
      EXPECT_EQ(cost.full_run != 0, arithmetic == &crypto::kEmulated);
    }
    Tuning again = tuning;
    again.derive();
    EXPECT_EQ(again.lanes_from, tuning.lanes_from);
  }
}

// Lanes in plain C++ cost about as much as eight single operations, or more: they may never look like a bargain.
TEST(MeasuredTuning, SeesThatEmulatedLanesDoNotPayForOne) {
  const Tuning tuning = measure_tuning(crypto::kEmulated, {});
  for (const Operation operation : kCurveOperations) {
    EXPECT_GT(tuning.from(operation), 1) << batch::operation_name(operation);
  }
}

// RSA in the sizes of the keys that there are. Lanes that do not sign are never used, whatever their speed.
TEST(MeasuredTuning, OfRsaAsTheKeysNeedIt) {
  const ServerPtr server = server_of(options_for(Keys::Both));
  std::vector<const batch::SigningKey*> keys;
  for (const auto& certificate : server->impl().certificates) keys.push_back(&certificate->key);
  static crypto::Implementation arithmetic = crypto::kPortable;
  static const crypto::RsaLaneFunctions kRefusing{
      [](std::span<crypto::RsaSignRequest> requests, const Entropy&, crypto::RsaScratch&) noexcept {
        for (crypto::RsaSignRequest& request : requests) request.done = false;
      }};
  arithmetic.rsa_lanes = &kRefusing;
  const Tuning defaults = batch::default_tuning(arithmetic);
  ASSERT_NE(defaults.from(Operation::Rsa2048Signature), batch::kNeverInLanes);
  const Tuning tuning = measure_tuning(arithmetic, keys);
  EXPECT_NE(tuning.cost(Operation::Rsa2048Signature).alone, defaults.cost(Operation::Rsa2048Signature).alone);
  EXPECT_EQ(tuning.from(Operation::Rsa2048Signature), batch::kNeverInLanes);
  EXPECT_EQ(tuning.cost(Operation::Rsa4096Signature).alone, defaults.cost(Operation::Rsa4096Signature).alone);
}

TEST(MeasuredTuning, IsMeasuredOnce) {
  const Tuning first = measure_tuning(crypto::kPortable, {});
  const auto start = std::chrono::steady_clock::now();
  const Tuning second = measure_tuning(crypto::kPortable, {});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
  for (std::size_t i = 0; i < batch::kOperations; ++i) EXPECT_EQ(first.costs[i].alone, second.costs[i].alone);
}

}  // namespace
}  // namespace breakwater::test
