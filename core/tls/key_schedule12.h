// The TLS 1.2 key schedule (RFC 5246 5, 6.3, 8.1; RFC 7627).
#pragma once

#include <span>
#include <string_view>

#include "core/crypto/lane_count.h"
#include "core/port/bytes.h"
#include "core/tls/hash.h"
#include "core/tls/hmac.h"
#include "core/tls/secret.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

inline constexpr std::size_t kMasterSecretSize = 48;
inline constexpr std::size_t kVerifyDataSize = 12;
inline constexpr std::size_t kMaxPrfOutput = 88;  // the key block: twice a key of 32 and an IV of 12 bytes

// PRF(secret, label, seed1 + seed2), RFC 5246 5.
struct Prf {
  const HmacKey* secret;
  std::string_view label;
  ConstBytes seed1;
  ConstBytes seed2;
  MutableBytes out;  // at most kMaxPrfOutput
};

// At most 2 kLanes of one hash, together.
void prf(HashKind kind, HashLanes lanes, std::span<const Prf> work) noexcept;
void prf(HashKind kind, ConstBytes secret, std::string_view label, ConstBytes seed1, ConstBytes seed2,
         MutableBytes out) noexcept;

// What a handshake derives from its key agreement, of several connections at once or of one.
struct HandshakeKeys12 {
  port::Aead aead;
  ConstBytes premaster;
  bool extended;            // RFC 7627
  ConstBytes session_hash;  // ClientHello .. ClientKeyExchange, which is what the client's Finished covers as well
  ConstBytes client_random;
  ConstBytes server_random;

  Secret* master;
  TrafficKey* client_key;
  TrafficKey* server_key;
  std::uint8_t* client_verify_data;  // kVerifyDataSize bytes: what the client's Finished must say
};

// At most crypto::kLanes, of one hash.
void derive_handshake_keys12(HashKind kind, HashLanes lanes, std::span<const HandshakeKeys12> work) noexcept;

// Of a resumed session. RFC 5246 6.3, AEAD suites only: keys and implicit nonces (4 bytes for GCM, RFC 5288 3; 12 for
// ChaCha20, RFC 7905 2).
void derive_traffic_keys12(HashKind kind, port::Aead aead, const Secret& master, ConstBytes client_random,
                           ConstBytes server_random, TrafficKey& client, TrafficKey& server) noexcept;

// RFC 5246 7.4.9: label is "client finished" or "server finished".
void finished_verify_data12(HashKind kind, const Secret& master, std::string_view label, ConstBytes transcript_hash,
                            std::uint8_t out[kVerifyDataSize]) noexcept;

}  // namespace breakwater::tls
