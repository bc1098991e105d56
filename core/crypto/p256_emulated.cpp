// Eight P-256 operations at once on emulated lanes.
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_lane_operations.h"
#include "core/crypto/words_emulated.h"

namespace breakwater::crypto::emulated {

namespace {

struct Unit {
  using Lanes = emulated::Lanes;
  using Words = emulated::Words;
  static constexpr const P256LaneSteps& kSteps = crypto::kP256LaneSteps;
  static constexpr const P256Functions& kSingle = crypto::kP256;
};

using Operations = P256LaneOperations<Unit>;

}  // namespace

constinit const P256LaneFunctions kP256Lanes{Operations::public_keys, Operations::shared_secrets, Operations::sign};

}  // namespace breakwater::crypto::emulated
