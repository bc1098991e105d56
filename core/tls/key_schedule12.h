// The TLS 1.2 key schedule (RFC 5246 5, 6.3, 8.1; RFC 7627).
#pragma once

#include <string_view>

#include "core/port/bytes.h"
#include "core/tls/hash.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

inline constexpr std::size_t kMasterSecretSize = 48;
inline constexpr std::size_t kVerifyDataSize = 12;

// PRF(secret, label, seed1 + seed2), RFC 5246 5.
void prf(HashKind kind, ConstBytes secret, std::string_view label, ConstBytes seed1, ConstBytes seed2,
         MutableBytes out) noexcept;

// RFC 7627 4 (session hash) and RFC 5246 8.1 (randoms).
void extended_master_secret(HashKind kind, ConstBytes premaster, ConstBytes session_hash, MutableBytes out) noexcept;
void master_secret(HashKind kind, ConstBytes premaster, ConstBytes client_random, ConstBytes server_random,
                   MutableBytes out) noexcept;

// RFC 5246 6.3, AEAD suites only: keys and implicit nonces (4 bytes for GCM, RFC 5288 3; 12 for ChaCha20, RFC 7905 2).
void derive_traffic_keys12(HashKind kind, port::Aead aead, ConstBytes master, ConstBytes client_random,
                           ConstBytes server_random, TrafficKey& client, TrafficKey& server) noexcept;

// RFC 5246 7.4.9: label is "client finished" or "server finished".
void finished_verify_data12(HashKind kind, ConstBytes master, std::string_view label, ConstBytes transcript_hash,
                            std::uint8_t out[kVerifyDataSize]) noexcept;

}  // namespace breakwater::tls
