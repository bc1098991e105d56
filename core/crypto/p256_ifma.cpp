// Eight P-256 operations at once with AVX-512 IFMA.
#include "core/crypto/lanes_ifma.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_lane_operations.h"
#include "core/crypto/words_ifma.h"

namespace breakwater::crypto::ifma {

namespace {

struct Unit {
  using Lanes = ifma::Lanes;
  using Words = ifma::Words;
  static constexpr const P256LaneSteps& kSteps = adx::kP256LaneSteps;
  static constexpr const P256Functions& kSingle = adx::kP256;
};

using Operations = P256LaneOperations<Unit>;

}  // namespace

constinit const P256LaneFunctions kP256Lanes{Operations::public_keys, Operations::shared_secrets, Operations::sign};

}  // namespace breakwater::crypto::ifma
