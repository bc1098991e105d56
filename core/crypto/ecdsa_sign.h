// ECDSA over P-256 (FIPS 186-5 6.4.1), from a source of nonces. Internal: p256_sign() brings RFC 6979's.
#pragma once

#include <cstdint>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

// One attempt: signature (r || s) from the given nonce. Returns a mask, set when 1 <= nonce < n and neither r nor s is
// zero. Constant time; without the mask the signature is meaningless and must not leave this module.
[[nodiscard]] Mask ecdsa_sign_with_nonce(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest,
                                         const Limbs& nonce) noexcept;

// nonces.next(Limbs&) yields candidates until one will do; at most kMaxNonces, beyond which only a broken hash can get:
// a candidate is out of range once in 2^32, and r or s is zero once in 2^256.
inline constexpr int kMaxNonces = 16;

template <class NonceSource>
[[nodiscard]] bool ecdsa_sign(std::uint8_t signature[64], const Limbs& scalar, const Limbs& digest,
                              NonceSource& nonces) noexcept {
  Secret<Limbs> nonce;
  for (int i = 0; i < kMaxNonces; ++i) {
    nonces.next(nonce.value);
    // That a candidate was rejected says nothing about the one that is used, which is independent of it.
    if (declassify(ecdsa_sign_with_nonce(signature, scalar, digest, nonce.value))) return true;
  }
  wipe(signature, 64);
  return false;
}

}  // namespace breakwater::crypto
