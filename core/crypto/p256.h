// P-256 (secp256r1): checking and making of keys, and the form of signatures. What is done for connections goes through
// the tables of p256_functions.h.
// Scalars and coordinates are 32 bytes, big endian; points are 65 bytes, 0x04 || X || Y (SEC 1 2.3.3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::crypto {

// True when 1 <= scalar < n. Constant time.
[[nodiscard]] bool p256_scalar_is_valid(const std::uint8_t scalar[32]) noexcept;

// public_key = scalar * G. Returns false when the scalar is invalid. Constant time.
[[nodiscard]] bool p256_public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept;

inline constexpr std::size_t kMaxEcdsaDerSize = 72;

// r || s as the DER SEQUENCE TLS sends (RFC 8422 5.4). Returns the size. The signature is public: not constant time.
std::size_t ecdsa_signature_to_der(std::uint8_t der[kMaxEcdsaDerSize], const std::uint8_t signature[64]) noexcept;

}  // namespace breakwater::crypto
