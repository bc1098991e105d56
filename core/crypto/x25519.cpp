#include "core/crypto/x25519.h"

#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_operations.h"

namespace breakwater::crypto {

using Portable = X25519Operations<X25519FieldPortable>;

void x25519_public_key(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept {
  Portable::public_key(public_key, scalar);
}

bool x25519_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                          const std::uint8_t peer[32]) noexcept {
  return Portable::shared_secret(shared, scalar, peer);
}

}  // namespace breakwater::crypto
