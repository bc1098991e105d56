// The time of RSA signatures in eight lanes of AVX-512 must not depend on the secret exponents. Without blinding of the
// exponents, which would hide a dependence: k = 0. So each window's digit is the secret's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/crypto/dudect.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/rsa_support.h"

namespace breakwater::test {
namespace {

#if defined(__x86_64__)

constexpr int kMeasurements = 4'000;
constexpr std::size_t kHalf = 128;  // bytes of an exponent

void fill_with_zeros(void*, MutableBytes out) noexcept { std::memset(out.data(), 0, out.size()); }

class RsaIfmaTimingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_run_lanes("ifma")) GTEST_SKIP() << "this CPU lacks AVX-512 IFMA";
  }
};

void check_exponents(const crypto::RsaLaneFunctions& lanes) {
  static crypto::RsaScratch scratch;
  Random random;
  const RsaTestKey& test_key = rsa_test_key(0);
  const Bytes message = test_key.message(random);
  crypto::RsaPrivateKey key = test_key.ours;
  auto& parts = const_cast<crypto::RsaPrivateKey::Parts&>(key.parts());
  crypto::RsaBlinding blinding;
  std::array<Bytes, 2> signatures{Bytes(key.size()), Bytes(key.size())};

  TimedOperation operation;
  operation.secret_size = 2 * kHalf;
  // Fixed: nearly all digits are zero.
  operation.make_secret = [](std::span<std::uint8_t> secret, bool fixed, Random& from) {
    for (std::uint8_t& byte : secret) {
      const auto drawn = static_cast<std::uint8_t>(from.word());
      byte = fixed ? 0 : drawn;
    }
    secret[0] |= 1;
    secret[kHalf] |= 1;
  };
  operation.run = [&](const std::uint8_t* secret) {
    std::memcpy(parts.p.exponent.data(), secret, kHalf);
    std::memcpy(parts.q.exponent.data(), secret + kHalf, kHalf);
    std::array<crypto::RsaSignRequest, 2> requests;
    for (std::size_t i = 0; i < 2; ++i) {
      blinding.slots[i].uses_left = 2;  // r = 1: what is computed with stays the same
      for (auto* const pair : {&blinding.slots[i].p, &blinding.slots[i].q}) pair->forward = pair->backward = {1};
      requests[i] = {.signature = signatures[i].data(), .key = &key, .message = message.data(), .blinding = &blinding};
    }
    lanes.sign(requests, {fill_with_zeros, nullptr}, scratch);
    // Not the key's exponents, so none of it may come out, whichever they are.
    if (requests[0].done || requests[1].done) ADD_FAILURE() << "a wrong signature was given out";
  };
  EXPECT_FALSE(leaks(operation, rounds(kMeasurements), random));
}

TEST_F(RsaIfmaTimingTest, Exponents) { check_exponents(crypto::ifma::kRsaLanes); }
TEST_F(RsaIfmaTimingTest, ExponentsSchoolbook) { check_exponents(crypto::ifma::kRsaLanesSchoolbook); }

#endif

}  // namespace
}  // namespace breakwater::test
