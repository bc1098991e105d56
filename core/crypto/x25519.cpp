#include "core/crypto/x25519.h"

#include <array>

#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_ladder.h"

namespace breakwater::crypto {

namespace {

using Field = X25519FieldPortable;
using Bytes = std::array<std::uint8_t, 32>;

constexpr Bytes kBasePoint{9};  // RFC 7748 4.1

void multiply(std::uint8_t out[32], const std::uint8_t scalar[32], const std::uint8_t point[32]) noexcept {
  Secret<Bytes> clamped;
  copy_bytes(clamped.value.data(), {scalar, 32});
  clamped.value[0] &= 248;
  clamped.value[31] &= 127;
  clamped.value[31] |= 64;
  const Secret<Field> result(x25519_ladder(clamped.value, Field::from_bytes(point)));
  result.value.to_bytes(out);
}

}  // namespace

void x25519_public_key(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept {
  multiply(public_key, scalar, kBasePoint.data());
}

bool x25519_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                          const std::uint8_t peer[32]) noexcept {
  multiply(shared, scalar, peer);
  Limb any = 0;
  for (std::size_t i = 0; i < 32; ++i) any |= shared[i];
  // Zero comes of a peer's point of small order, whatever the scalar (every clamped one is a multiple of 8), so this
  // tells nothing of the scalar.
  return !declassify(mask_is_zero(any));
}

}  // namespace breakwater::crypto
