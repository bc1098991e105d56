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

bool p256_point_is_valid(const std::uint8_t point[65]) noexcept { return Operations::point_is_valid(point); }

bool p256_public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept {
  return Operations::public_key(public_key, scalar);
}

bool p256_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[65]) noexcept {
  return Operations::shared_secret(shared, scalar, peer);
}

bool p256_sign(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
               ConstBytes hedge) noexcept {
  return Operations::sign(signature, scalar, digest, hedge);
}

constinit const P256Functions kP256{Operations::public_key, Operations::shared_secret, Operations::sign};
constinit const P256LaneSteps kP256LaneSteps = P256LaneStepsOf<P256Portable>::kTable;

}  // namespace breakwater::crypto
