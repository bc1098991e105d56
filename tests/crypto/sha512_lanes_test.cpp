// SHA-512's compression function in lanes, every unit of it, against the host's.
#include <gtest/gtest.h>

#include "core/crypto/sha512_functions.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using Block = std::array<std::uint8_t, 128>;

struct Sha512Unit {
  std::string name;
  const crypto::Sha512LaneFunctions* functions;
};

const Sha512Unit kUnits[] = {
#if defined(__x86_64__)
    {"ifma", &crypto::ifma::kSha512Lanes},
#endif
    {"emulated", &crypto::emulated::kSha512Lanes},
};

class Sha512LanesTest : public LaneUnitTest<Sha512Unit> {
 protected:
  // In as many lanes as there are blocks, and one after the other.
  void compare(std::vector<port::Sha512Chain> chains, const std::vector<Block>& blocks) const {
    std::vector<port::Sha512Chain> expected = chains;
    std::vector<crypto::Sha512Block> lanes;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      port::sha512_compress(expected[i], blocks[i].data());
      lanes.push_back({&chains[i], blocks[i].data()});
    }
    GetParam().functions->compress(lanes);
    EXPECT_EQ(chains, expected) << blocks.size() << " lanes";
  }
};
BREAKWATER_FOR_EACH_UNIT(Sha512LanesTest, kUnits);

// FIPS 180-4 5.3.5; the example "abc" of SHA-512.
TEST_P(Sha512LanesTest, KnownAnswer) {
  constexpr port::Sha512Chain kStart{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                     0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
  constexpr port::Sha512Chain kAnswer{0xddaf35a193617aba, 0xcc417349ae204131, 0x12e6fa4e89a97ea2, 0x0a9eeee64b55d39a,
                                      0x2192992a274fc1a8, 0x36ba3c23a3feebbd, 0x454d4423643ce80e, 0x2a9ac94fa54ca49f};
  Block block{'a', 'b', 'c', 0x80};
  block[127] = 24;  // bits
  for (std::size_t count = 1; count <= kLanes; ++count) {
    std::vector<port::Sha512Chain> chains(count, kStart);
    std::vector<crypto::Sha512Block> lanes;
    for (port::Sha512Chain& chain : chains) lanes.push_back({&chain, block.data()});
    GetParam().functions->compress(lanes);
    for (const port::Sha512Chain& chain : chains) EXPECT_EQ(chain, kAnswer);
  }
}

TEST_P(Sha512LanesTest, EveryNumberOfLanes) {
  Random random;
  for (int i = 0; i < rounds(200); ++i) {
    for (std::size_t count = 1; count <= kLanes; ++count) {
      std::vector<port::Sha512Chain> chains(count);
      std::vector<Block> blocks(count);
      for (port::Sha512Chain& chain : chains) {
        for (std::uint64_t& word : chain) word = random.word();
      }
      for (Block& block : blocks) {
        for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(random.word());
      }
      compare(chains, blocks);
    }
  }
}

// Long carries: all ones and all zeros, each beside the other.
TEST_P(Sha512LanesTest, Extremes) {
  for (unsigned pattern = 0; pattern < 1U << kLanes; ++pattern) {
    std::vector<port::Sha512Chain> chains(kLanes);
    std::vector<Block> blocks(kLanes);
    for (std::size_t i = 0; i < kLanes; ++i) {
      chains[i].fill((pattern >> i & 1) != 0 ? ~std::uint64_t{0} : 0);
      blocks[i].fill((pattern >> (i + 3) % kLanes & 1) != 0 ? 0xff : 0);
    }
    compare(chains, blocks);
  }
}

}  // namespace
}  // namespace breakwater::test
