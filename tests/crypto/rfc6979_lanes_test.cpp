// The first nonces of RFC 6979 in eight lanes, every unit of them: the RFC's own, and every size of hedge against the
// generator of single signatures, which ecdsa_test.cpp holds against the RFC's words.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "core/crypto/rfc6979.h"
#include "tests/crypto/sha256_lane_messages.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::Limbs;

struct Inputs {
  Bytes32 scalar{}, digest{};
  Bytes hedge;
};

class Rfc6979LanesTest : public LaneUnitTest<Sha256LaneUnit> {
 protected:
  const Sha256LaneFunctions& functions() const { return *GetParam().functions; }

  static std::vector<crypto::P256SignLane> lanes_of(const std::vector<Inputs>& inputs) {
    std::vector<crypto::P256SignLane> lanes;
    lanes.reserve(inputs.size());
    for (const Inputs& one : inputs) lanes.push_back({nullptr, one.scalar.data(), one.digest.data(), one.hedge});
    return lanes;
  }

  std::vector<Limbs> candidates(const std::vector<Inputs>& inputs) const {
    const auto lanes = lanes_of(inputs);
    EXPECT_TRUE(functions().takes(lanes.data(), lanes.size()));
    std::array<Limbs, kLanes> result{};
    functions().first_candidates(result, lanes.data(), lanes.size());
    return {result.begin(), result.begin() + static_cast<std::ptrdiff_t>(lanes.size())};
  }

  bool takes(const std::vector<std::size_t>& sizes) {
    std::vector<Inputs> inputs;
    inputs.reserve(sizes.size());
    for (const std::size_t size : sizes) inputs.push_back(random_inputs(size));
    const auto lanes = lanes_of(inputs);
    return functions().takes(lanes.data(), lanes.size());
  }

  Inputs random_inputs(std::size_t hedge_size) {
    Inputs made{random_.scalar(), random_.scalar(), Bytes(hedge_size)};
    if (random_.word() % 4 == 0) made.digest.fill(0xff);  // above n: bits2octets reduces it
    for (auto& byte : made.hedge) byte = static_cast<std::uint8_t>(random_.word());
    return made;
  }

  Random random_;
};
BREAKWATER_FOR_EACH_UNIT(Rfc6979LanesTest, sha256_lane_units());

TEST_P(Rfc6979LanesTest, SectionA25) {
  Inputs sample, test;
  sample.scalar = test.scalar = bytes32("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  SHA256(reinterpret_cast<const std::uint8_t*>("sample"), 6, sample.digest.data());
  SHA256(reinterpret_cast<const std::uint8_t*>("test"), 4, test.digest.data());
  for (const std::size_t turn : {0U, 1U}) {
    std::vector<Inputs> inputs;
    for (std::size_t i = 0; i < kLanes; ++i) inputs.push_back(i % 2 == turn ? sample : test);
    const auto nonces = candidates(inputs);
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(to_hex(to_bytes32(bignum(nonces[i]).get())),
                i % 2 == turn ? "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60"
                              : "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0");
    }
  }
}

TEST_P(Rfc6979LanesTest, EveryHedgeSizeAgreesWithTheSingleGenerator) {
  for (std::size_t size = 0; size <= functions().most_hedge; ++size) {
    for (std::size_t count = 1; count <= kLanes; ++count) {
      std::vector<Inputs> inputs;
      for (std::size_t i = 0; i < count; ++i) inputs.push_back(random_inputs(size));
      const auto nonces = candidates(inputs);
      for (std::size_t i = 0; i < count; ++i) {
        crypto::Rfc6979 single(inputs[i].scalar.data(), inputs[i].digest.data(), inputs[i].hedge);
        Limbs expected{};
        single.next(expected);
        ASSERT_EQ(nonces[i], expected) << size << " bytes, lane " << i << " of " << count;
      }
    }
  }
}

// The digest modulo n, where that makes a difference and where it just does not.
TEST_P(Rfc6979LanesTest, EdgeDigests) {
  const auto edges = edge_values(reference_p256().n());
  for (const Bytes32& edge : edges) {
    std::vector<Inputs> inputs{random_inputs(32), random_inputs(32)};
    inputs[0].digest = edge;
    inputs[1].scalar = edge;
    const auto nonces = candidates(inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      crypto::Rfc6979 single(inputs[i].scalar.data(), inputs[i].digest.data(), inputs[i].hedge);
      Limbs expected{};
      single.next(expected);
      ASSERT_EQ(nonces[i], expected) << to_hex(edge);
    }
  }
}

TEST_P(Rfc6979LanesTest, TakesHedgesOfOneSizeThatFits) {
  const std::size_t most = functions().most_hedge;
  EXPECT_GE(most, 32U);  // what every signature in service has
  EXPECT_TRUE(takes({most, most, most}));
  EXPECT_FALSE(takes({most + 1}));
  EXPECT_FALSE(takes({32, 32, 32, 32, 32, 32, 32, 31}));
  EXPECT_FALSE(takes({0, 32}));
  EXPECT_TRUE(takes({0, 0}));
}

}  // namespace
}  // namespace breakwater::test
