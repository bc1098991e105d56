// ECDSA over P-256 (FIPS 186-5 6.4.1), from a source of nonces. P256Operations brings RFC 6979's.
// Curve supplies Field and Scalar, the two fields of P-256 in one layer.
#pragma once

#include <cstdint>

#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_multiply.h"
#include "core/crypto/p256_portable.h"

namespace breakwater::crypto {

// r || s, where nonce_x < p is the x-coordinate of nonce * G. Returns a mask, set when neither is zero.
template <class Scalar>
[[nodiscard]] Mask ecdsa_end(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest, const Limbs& nonce_x,
                             const Scalar& inverse_nonce) noexcept {
  const Limbs r = Scalar::reduce_once(nonce_x);  // p < 2 n
  const Secret<Scalar> secret(Scalar::from_integer(scalar));
  const Secret<Limbs> product(secret.value.times_integer(r));
  const Limbs s = Scalar::add_integers(inverse_nonce.times_integer(digest), inverse_nonce.times_integer(product.value));
  limbs_to_bytes(signature, r);
  limbs_to_bytes(signature + 32, s);
  return ~mask_is_zero(r) & ~mask_is_zero(s);
}

// One attempt: signature (r || s) from the given nonce. Returns a mask, set when 1 <= nonce < n and neither r nor s is
// zero. Constant time; without the mask the signature is meaningless and must not leave this module.
template <class Curve>
[[nodiscard]] Mask ecdsa_sign_with_nonce(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest,
                                         const Limbs& nonce) noexcept {
  using Field = typename Curve::Field;
  using Scalar = typename Curve::Scalar;
  const Secret<CombSum<Field>> point(multiply_generator<Field>(kP256CombTables, SignedWindows(nonce)));
  const Secret<Field> inverse_zzz(invert(point.value.zzz));
  const Limbs x = affine_x(point.value, inverse_zzz.value).to_integer();
  const Secret<Scalar> inverse_nonce(invert(Scalar::from_integer(nonce)));
  return ecdsa_end(signature, scalar, digest, x, inverse_nonce.value) & scalar_in_range<Scalar>(nonce);
}

// nonces.next(Limbs&) yields candidates until one will do; at most kMaxNonces, beyond which only a broken hash can get:
// a candidate is out of range once in 2^32, and r or s is zero once in 2^256.
inline constexpr int kMaxNonces = 16;

template <class Curve = P256Portable, class NonceSource>
[[nodiscard]] bool ecdsa_sign(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest,
                              NonceSource& nonces) noexcept {
  Secret<Limbs> nonce;
  for (int i = 0; i < kMaxNonces; ++i) {
    nonces.next(nonce.value);
    // That a candidate was rejected says nothing about the one that is used, which is independent of it.
    if (declassify(ecdsa_sign_with_nonce<Curve>(signature, scalar, digest, nonce.value))) return true;
  }
  wipe(signature, 64);
  return false;
}

}  // namespace breakwater::crypto
