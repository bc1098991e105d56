// X25519 (RFC 7748), constant time.
#pragma once

#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::crypto {

// public_key = scalar * 9. The scalar is clamped here (RFC 7748 5), its bytes are not changed.
void x25519_public_key(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept;

// shared = scalar * peer. Returns false when the result is all zero (RFC 7748 6.1, RFC 8446 7.4.2): refuse the peer.
[[nodiscard]] bool x25519_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                                        const std::uint8_t peer[32]) noexcept;

}  // namespace breakwater::crypto
