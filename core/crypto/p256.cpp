#include "core/crypto/p256.h"

#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_lane_steps_of.h"
#include "core/crypto/p256_operations.h"
#include "core/crypto/p256_portable.h"

namespace breakwater::crypto {

namespace {

using Operations = P256Operations<P256Portable>;

}  // namespace

bool p256_scalar_is_valid(const std::uint8_t scalar[32]) noexcept { return Operations::scalar_is_valid(scalar); }

bool p256_public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept {
  return Operations::public_key(public_key, scalar);
}

constinit const P256Functions kP256{Operations::public_key, Operations::shared_secret, Operations::sign};
constinit const P256LaneSteps kP256LaneSteps = P256LaneStepsOf<P256Portable>::kTable;

}  // namespace breakwater::crypto
