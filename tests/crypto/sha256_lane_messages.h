// Messages into the blocks of SHA-256's lanes, and digests out of them; the units that there are.
#pragma once

#include <string>
#include <vector>

#include "tests/crypto/lane_units.h"
#include "tests/crypto/sha256_lane_functions.h"
#include "tests/crypto/support.h"

namespace breakwater::test {

struct Sha256LaneUnit {
  std::string name;
  const Sha256LaneFunctions* functions;
};

// All there are, whatever the CPU.
std::vector<Sha256LaneUnit> sha256_lane_units();

// A message for each lane, padded, of one number of blocks. prefix: bytes that were hashed before.
std::vector<LaneBlock> lane_blocks(const std::array<Bytes, crypto::kLanes>& messages, std::size_t prefix = 0);

LaneDigest lane_digest(const std::array<Bytes32, crypto::kLanes>& digests);
Bytes32 digest_of_lane(const LaneDigest& digest, std::size_t lane);

}  // namespace breakwater::test
