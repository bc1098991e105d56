#include <array>

#include "core/crypto/ecdsa_sign.h"
#include "core/crypto/p256.h"
#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_scalar.h"
#include "core/crypto/rfc6979.h"

namespace breakwater::crypto {

Mask ecdsa_sign_with_nonce(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest,
                           const Limbs& nonce) noexcept {
  using Field = P256FieldPortable;
  const Secret<ProjectivePoint<Field>> point(multiply_generator<Field>(kP256CombTables, SignedWindows(nonce)));
  const Secret<Field> inverse_z(invert(point.value.z));
  // x < p < 2 n: the conversion reduces it.
  const P256Scalar r = P256Scalar::from_integer((point.value.x * inverse_z.value).to_integer());

  const Secret<P256Scalar> secret(P256Scalar::from_integer(scalar));
  const Secret<P256Scalar> inverse_nonce(invert(P256Scalar::from_integer(nonce)));
  const Secret<P256Scalar> sum(P256Scalar::from_integer(digest) + r * secret.value);
  const P256Scalar s = inverse_nonce.value * sum.value;

  limbs_to_bytes(signature, r.to_integer());
  limbs_to_bytes(signature + 32, s.to_integer());
  return scalar_in_range(nonce) & ~r.is_zero() & ~s.is_zero();
}

bool p256_sign(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
               ConstBytes hedge) noexcept {
  const Secret<Limbs> secret(limbs_from_bytes(scalar));
  // That a key is no key at all may be known.
  if (!declassify(scalar_in_range(secret.value))) {
    wipe(signature, 64);
    return false;
  }
  Rfc6979 nonces(scalar, digest, hedge);
  return ecdsa_sign(signature, secret.value, limbs_from_bytes(digest), nonces);
}

namespace {

// An INTEGER of 32 big-endian bytes, shortest form (X.690 8.3, 10.1): no needless leading zero, one when the top bit
// would otherwise make it negative. At most 35 bytes. Returns the end.
std::uint8_t* write_der_integer(std::uint8_t* out, const std::uint8_t value[32]) noexcept {
  std::size_t skip = 0;
  while (skip < 31 && value[skip] == 0) ++skip;
  const bool padded = (value[skip] & 0x80) != 0;
  *out++ = 0x02;
  *out++ = static_cast<std::uint8_t>(32 - skip + (padded ? 1 : 0));
  if (padded) *out++ = 0x00;
  copy_bytes(out, {value + skip, 32 - skip});
  return out + (32 - skip);
}

}  // namespace

std::size_t ecdsa_signature_to_der(std::uint8_t der[kMaxEcdsaDerSize], const std::uint8_t signature[64]) noexcept {
  der[0] = 0x30;
  std::uint8_t* end = write_der_integer(der + 2, signature);
  end = write_der_integer(end, signature + 32);
  const auto size = static_cast<std::size_t>(end - der);
  der[1] = static_cast<std::uint8_t>(size - 2);  // at most 70: the short form of the length
  return size;
}

}  // namespace breakwater::crypto
