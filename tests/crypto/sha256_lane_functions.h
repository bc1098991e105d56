// SHA-256 in lanes and what is made of it, as plain functions on arrays, one table for each unit, so that one test runs
// them all and none of its own code is compiled for AVX-512.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"
#include "core/crypto/limbs.h"
#include "core/crypto/p256_functions.h"

namespace breakwater::test {

// Words of a digest or a block, and each of them in every lane.
using LaneDigest = std::array<std::array<std::uint32_t, crypto::kLanes>, 8>;
using LaneBlock = std::array<std::array<std::uint32_t, crypto::kLanes>, 16>;

struct Sha256LaneFunctions {
  static constexpr std::size_t kMostBlocks = 4;

  void (*digest)(LaneDigest& out, const LaneBlock* blocks, std::size_t count) noexcept;
  // HMAC of up to kMostBlocks blocks, padded; of the digest in mac; and of that digest with the key of zeros.
  void (*hmac)(LaneDigest& mac, const LaneDigest& key, const LaneBlock* blocks, std::size_t count) noexcept;
  void (*hmac_of_digest)(LaneDigest& mac, const LaneDigest& key) noexcept;
  void (*hmac_of_digest_with_zeros)(LaneDigest& mac) noexcept;

  std::size_t most_hedge;
  bool (*takes)(const crypto::P256SignLane* lanes, std::size_t count) noexcept;
  void (*first_candidates)(std::array<crypto::Limbs, crypto::kLanes>& out, const crypto::P256SignLane* lanes,
                           std::size_t count) noexcept;
};

namespace emulated {
extern const Sha256LaneFunctions kSha256Lanes;
}
namespace ifma {
extern const Sha256LaneFunctions kSha256Lanes;
}

}  // namespace breakwater::test
