// X25519 with MULX, ADCX and ADOX.
#include "core/crypto/x25519_field_adx.h"
#include "core/crypto/x25519_functions.h"
#include "core/crypto/x25519_multiply.h"

namespace breakwater::crypto::adx {

static_assert(X25519Field<X25519FieldAdx>);

namespace {

void public_key(std::uint8_t out[32], const std::uint8_t scalar[32]) noexcept {
  x25519_multiply_base<X25519FieldAdx>(out, scalar);
}

bool shared_secret(std::uint8_t out[32], const std::uint8_t scalar[32], const std::uint8_t peer[32]) noexcept {
  return x25519_multiply_point<X25519FieldAdx>(out, scalar, peer);
}

}  // namespace

constinit const X25519Functions kX25519{public_key, shared_secret};

}  // namespace breakwater::crypto::adx
