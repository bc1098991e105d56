#include "tests/crypto/constant_time_sha512_lanes.h"

#include "core/crypto/sha512_functions.h"
#include "tests/crypto/constant_time_support.h"

namespace breakwater::test::constant_time {

// Chaining values and messages are secret: they are made of keys.
void check_sha512_lanes() {
  constexpr std::size_t kLanes = crypto::kLanes;
  std::array<port::Sha512Chain, kLanes> chains{};
  std::array<std::array<std::uint8_t, 128>, kLanes> blocks{};
  std::array<crypto::Sha512Block, kLanes> lanes;
  poison(chains);
  poison(blocks);
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {&chains[i], blocks[i].data()};
  for (const std::size_t count : {kLanes, kLanes - 3}) {
    crypto::emulated::kSha512Lanes.compress(std::span(lanes).first(count));
    for (std::size_t i = 0; i < count; ++i) expect(is_poisoned(chains[i]), "SHA-512 depends on the message");
  }
}

}  // namespace breakwater::test::constant_time
