// The steps of lane operations on P-256 that are done lane by lane, in scalar code: one inversion serves all lanes, and
// what is left of a signature is a handful of products. One table for each scalar layer.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"
#include "core/crypto/limbs.h"

namespace breakwater::crypto {

// The end of one signature.
struct EcdsaEnd {
  std::uint8_t* signature = nullptr;  // r || s
  Limbs scalar{};
  Limbs digest{};
  Limbs nonce{};    // any value below 2^256
  Limbs nonce_x{};  // of the point nonce * G, below p
  Mask usable = 0;  // the answer: set when 1 <= nonce < n and neither r nor s is zero
};

struct P256LaneSteps {
  // Each value below p becomes its inverse modulo p, and zero stays zero.
  void (*invert)(std::array<Limbs, kLanes>& values) noexcept;
  // At most kLanes.
  void (*end_signatures)(std::span<EcdsaEnd> ends) noexcept;
};

extern const P256LaneSteps kP256LaneSteps;  // runs everywhere
namespace adx {
extern const P256LaneSteps kP256LaneSteps;  // on CPUs with MULX, ADCX and ADOX only
}

}  // namespace breakwater::crypto
