// The time of the operations in eight lanes of AVX-512, which valgrind cannot run: none may depend on the secrets.
// 20,000 measurements of each, 10^6 in the nightly form. Planted leaks must be seen in as many; 2,000 mostly do.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/crypto/lane_count.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/x25519_functions.h"
#include "tests/crypto/dudect.h"
#include "tests/crypto/lane_units.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using Scalars = std::array<Bytes32, kLanes>;

constexpr int kMeasurements = 20'000;
constexpr std::array kUntilSeen = {2'000, 6'000, kMeasurements};

const Scalars& scalars_at(const std::uint8_t* secret) { return *reinterpret_cast<const Scalars*>(secret); }

// Fixed scalars, of P-256 and X25519 alike. Two bits and long runs of zeros: no window but two has a digit, and the
// ladder swaps at the ends only. A run of ones: one digit that is not zero at each end, all others are borrows.
Bytes32 sparse_scalar() {
  Bytes32 scalar{};
  scalar[0] = 0x40;
  scalar[31] = 0x08;
  return scalar;
}
Bytes32 dense_scalar() {
  Bytes32 scalar;
  scalar.fill(0xff);
  scalar[0] = 0x7f;
  return scalar;
}

// All lanes have the fixed scalar, or each a random one.
TimedOperation on_scalars(const Bytes32& fixed_scalar, std::function<void(const Scalars&)> run) {
  const auto make = [fixed_scalar](std::span<std::uint8_t> secret, bool fixed, Random& random) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Bytes32 other = random.bytes();
      Bytes32 scalar = fixed ? fixed_scalar : other;
      scalar[0] &= 0x7f;  // below the order of P-256's group
      std::ranges::copy(scalar, secret.begin() + static_cast<std::ptrdiff_t>(32 * lane));
    }
  };
  return {sizeof(Scalars), make, [run](const std::uint8_t* secret) { run(scalars_at(secret)); }};
}

void expect_done(bool done) {
  if (!done) ADD_FAILURE() << "a request was refused";
}

class IfmaTimingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_run_lanes("ifma")) GTEST_SKIP() << "this CPU lacks AVX-512 IFMA";
  }

  // With each of the fixed scalars.
  void expect_constant_time(const std::function<void(const Scalars&)>& run) {
    for (const Bytes32& fixed : {sparse_scalar(), dense_scalar()}) {
      EXPECT_FALSE(leaks(on_scalars(fixed, run), rounds(kMeasurements), random_)) << "fixed scalar " << to_hex(fixed);
    }
  }

  // A planted leak. Noise hides it in a few measurements, not in as many as the operations get.
  void expect_leak(const std::function<void(const Scalars&)>& run) {
    double largest = 0;
    for (const int measurements : kUntilSeen) {
      largest = largest_t(on_scalars(sparse_scalar(), run), measurements, random_);
      std::printf("a planted leak, largest |t| of %d measurements: %.2f\n", measurements, largest);
      if (largest >= kLeakT) break;
    }
    EXPECT_GE(largest, kLeakT);
  }

  Random random_;
};

#if defined(__x86_64__)

const crypto::P256LaneFunctions& p256() { return crypto::ifma::kP256Lanes; }
const crypto::X25519LaneFunctions& x25519() { return crypto::ifma::kX25519Lanes; }

std::array<Point65, kLanes> p256_keys(const Scalars& scalars) {
  std::array<Point65, kLanes> keys;
  std::array<crypto::P256PublicKeyLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {keys[i].data(), scalars[i].data()};
  p256().public_keys(lanes);
  for (const auto& lane : lanes) expect_done(lane.done);
  return keys;
}

std::array<Bytes32, kLanes> x25519_keys(const Scalars& scalars) {
  std::array<Bytes32, kLanes> keys;
  std::array<crypto::X25519PublicKeyLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {keys[i].data(), scalars[i].data()};
  x25519().public_keys(lanes);
  return keys;
}

Scalars random_scalars(Random& random) {
  Scalars scalars;
  for (Bytes32& scalar : scalars) scalar = random.bytes(), scalar[0] &= 0x7f;
  return scalars;
}

TEST_F(IfmaTimingTest, P256PublicKeys) {
  expect_constant_time([](const Scalars& scalars) { p256_keys(scalars); });
}

TEST_F(IfmaTimingTest, P256SharedSecrets) {
  const auto peers = p256_keys(random_scalars(random_));
  expect_constant_time([&](const Scalars& scalars) {
    std::array<Bytes32, kLanes> secrets;
    std::array<crypto::P256SharedSecretLane, kLanes> lanes;
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {secrets[i].data(), scalars[i].data(), peers[i].data()};
    p256().shared_secrets(lanes);
    for (const auto& lane : lanes) expect_done(lane.done);
  });
}

// With the key the nonce is fixed, or random: it is made of the key, the digest and the hedge.
TEST_F(IfmaTimingTest, P256Sign) {
  const Scalars digests = random_scalars(random_), hedges = random_scalars(random_);
  expect_constant_time([&](const Scalars& scalars) {
    std::array<std::array<std::uint8_t, 64>, kLanes> signatures;
    std::array<crypto::P256SignLane, kLanes> lanes;
    for (std::size_t i = 0; i < kLanes; ++i) {
      lanes[i] = {signatures[i].data(), scalars[i].data(), digests[i].data(), hedges[i]};
    }
    p256().sign(lanes);
    for (const auto& lane : lanes) expect_done(lane.done);
  });
}

TEST_F(IfmaTimingTest, X25519PublicKeys) {
  expect_constant_time([](const Scalars& scalars) { x25519_keys(scalars); });
}

TEST_F(IfmaTimingTest, X25519SharedSecrets) {
  const auto peers = x25519_keys(random_scalars(random_));
  expect_constant_time([&](const Scalars& scalars) {
    std::array<Bytes32, kLanes> secrets;
    std::array<crypto::X25519SharedSecretLane, kLanes> lanes;
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {secrets[i].data(), scalars[i].data(), peers[i].data()};
    x25519().shared_secrets(lanes);
    for (const auto& lane : lanes) expect_done(lane.done);
  });
}

// The planted leaks, beside the operation that takes the least time.

volatile std::uint64_t sink;

TEST_F(IfmaTimingTest, SeesAnEarlyExit) {
  expect_leak([](const Scalars& scalars) {
    p256_keys(scalars);
    for (const Bytes32& scalar : scalars) {  // counts the zeros in front of the last bytes
      std::size_t last = 31;
      while (last > 1 && scalar[last - 1] == 0) --last;
      sink = last;
    }
  });
}

TEST_F(IfmaTimingTest, SeesABranchOnBits) {
  expect_leak([](const Scalars& scalars) {
    p256_keys(scalars);
    for (const Bytes32& scalar : scalars) {
      for (std::size_t bit = 0; bit < 256; ++bit) {
        if ((scalar[bit / 8] >> bit % 8 & 1) != 0) sink = sink + bit;
      }
    }
  });
}

#endif

}  // namespace
}  // namespace breakwater::test
