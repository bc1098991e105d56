// HelloRetryRequest cookies (RFC 8446 4.2.2): proof that the client has received our HelloRetryRequest and answers
// within a minute. They are checked with a key that all workers share.
//
//   time_ms 8 | HMAC-SHA256(secret, time_ms | client random | suite | group) 32
//
// The transcript itself stays in the connection: a stream parser needs the hash of the first hello before the second
// one arrives.
#pragma once

#include <cstdint>

#include "core/port/bytes.h"
#include "core/tls/client_hello.h"
#include "core/tls/registry.h"
#include "core/tls/ticket_keys.h"

namespace breakwater::tls {

inline constexpr std::uint64_t kCookieLifetimeMs = 60'000;

void make_cookie(const TicketKeyRing& keys, std::uint64_t now_ms, const std::uint8_t client_random[32],
                 CipherSuite suite, Group group, std::uint8_t out[kCookieSize]) noexcept;

bool cookie_is_valid(const TicketKeyRing& keys, std::uint64_t now_ms, const std::uint8_t client_random[32],
                     CipherSuite suite, Group group, const std::uint8_t cookie[kCookieSize]) noexcept;

}  // namespace breakwater::tls
