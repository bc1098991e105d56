// The operations of x25519.h over any field layer of single elements.
#pragma once

#include <cstdint>

#include "core/crypto/x25519_multiply.h"

namespace breakwater::crypto {

template <X25519Field F>
class X25519Operations {
 public:
  static void public_key(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept {
    const Secret<Limbs> secret(limbs_from_little_endian(scalar));
    limbs_to_little_endian(public_key, x25519_multiply_base<F>(secret.value));
  }

  // shared may be peer.
  static bool shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                            const std::uint8_t peer[32]) noexcept {
    const Secret<Limbs> secret(limbs_from_little_endian(scalar));
    const Secret<Limbs> result(x25519_multiply_point<F>(secret.value, limbs_from_little_endian(peer)));
    limbs_to_little_endian(shared, result.value);
    // Zero comes of a peer's point of small order, whatever the scalar (every clamped one is a multiple of 8), so this
    // tells nothing of the scalar.
    return !declassify(mask_is_zero(result.value));
  }
};

}  // namespace breakwater::crypto
