// P-256 (secp256r1): key pairs, ECDH with validation of the peer's point, ECDSA signing. Constant time.
// Scalars and coordinates are 32 bytes, big endian; points are 65 bytes, 0x04 || X || Y (SEC 1 2.3.3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::crypto {

// True when 1 <= scalar < n. Constant time.
[[nodiscard]] bool p256_scalar_is_valid(const std::uint8_t scalar[32]) noexcept;

// True when the 65 bytes are an uncompressed point on the curve (public data: need not be constant time).
[[nodiscard]] bool p256_point_is_valid(const std::uint8_t point[65]) noexcept;

// public_key = scalar * G. Returns false when the scalar is invalid.
[[nodiscard]] bool p256_public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept;

// shared = x(scalar * peer). Returns false when the peer's point is not 0x04 || X || Y with X, Y < p on the curve
// (SP 800-56A 5.6.2.3.4; the order is prime, so such a point is in the group), or the scalar is invalid.
[[nodiscard]] bool p256_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                                      const std::uint8_t peer[65]) noexcept;

// ECDSA over a 32-byte digest (FIPS 186-5 6.4.1). The nonce is RFC 6979's with `hedge` mixed in as additional data
// (RFC 6979 3.6): 32 fresh random bytes in service; an empty span gives the deterministic signature of RFC 6979.
// Writes r || s, 64 bytes. Returns false when the scalar is invalid.
[[nodiscard]] bool p256_sign(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
                             ConstBytes hedge) noexcept;

inline constexpr std::size_t kMaxEcdsaDerSize = 72;

// r || s as the DER SEQUENCE TLS sends (RFC 8422 5.4). Returns the size. The signature is public: not constant time.
std::size_t ecdsa_signature_to_der(std::uint8_t der[kMaxEcdsaDerSize], const std::uint8_t signature[64]) noexcept;

}  // namespace breakwater::crypto
