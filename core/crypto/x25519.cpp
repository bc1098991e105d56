#include "core/crypto/x25519.h"

#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_multiply.h"

namespace breakwater::crypto {

void x25519_public_key(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept {
  x25519_multiply_base<X25519FieldPortable>(public_key, scalar);
}

bool x25519_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                          const std::uint8_t peer[32]) noexcept {
  return x25519_multiply_point<X25519FieldPortable>(shared, scalar, peer);
}

}  // namespace breakwater::crypto
