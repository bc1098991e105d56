#include "tests/crypto/sha256_lane_messages.h"

namespace breakwater::test {

namespace {

std::uint32_t word_at(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

std::vector<Sha256LaneUnit> sha256_lane_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &ifma::kSha256Lanes},
#endif
        {"emulated", &emulated::kSha256Lanes},
  };
}

std::vector<LaneBlock> lane_blocks(const std::array<Bytes, crypto::kLanes>& messages, std::size_t prefix) {
  std::vector<LaneBlock> blocks((messages[0].size() + 9 + 63) / 64);
  for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
    Bytes padded = messages[lane];
    const std::uint64_t bits = 8 * (padded.size() + prefix);
    padded.push_back(0x80);
    EXPECT_LE(padded.size() + 8, 64 * blocks.size()) << "one number of blocks";
    padded.resize(64 * blocks.size() - 8);
    for (int shift = 56; shift >= 0; shift -= 8) padded.push_back(static_cast<std::uint8_t>(bits >> shift));
    for (std::size_t i = 0; i < 16 * blocks.size(); ++i) blocks[i / 16][i % 16][lane] = word_at(padded.data() + 4 * i);
  }
  return blocks;
}

LaneDigest lane_digest(const std::array<Bytes32, crypto::kLanes>& digests) {
  LaneDigest result;
  for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
    for (std::size_t i = 0; i < 8; ++i) result[i][lane] = word_at(digests[lane].data() + 4 * i);
  }
  return result;
}

Bytes32 digest_of_lane(const LaneDigest& digest, std::size_t lane) {
  Bytes32 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(digest[i / 4][lane] >> (24 - 8 * (i % 4)));
  }
  return bytes;
}

}  // namespace breakwater::test
