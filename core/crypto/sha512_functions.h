// SHA-512 and SHA-384 (FIPS 180-4) block by block: their compression function is the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"
#include "core/port/hash.h"

namespace breakwater::crypto {

// A message's next 128 bytes, and the chaining value that they are hashed into.
struct Sha512Block {
  port::Sha512Chain* chain;
  const std::uint8_t* bytes;
};

struct Sha512LaneFunctions {
  // One to kLanes blocks of as many messages. Costs the same for all of these numbers.
  void (*compress)(std::span<const Sha512Block> blocks) noexcept;
};

namespace emulated {
extern const Sha512LaneFunctions kSha512Lanes;
}
#if defined(__x86_64__)
namespace ifma {
extern const Sha512LaneFunctions kSha512Lanes;
}
#endif

}  // namespace breakwater::crypto
