// Keys that protect tickets and cookies, as one thread sees them: a value that the host copies to each worker and
// replaces when keys are rotated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace breakwater::tls {

struct TicketKey {
  std::uint8_t name[8] = {};       // public; tells which key sealed a ticket
  std::uint8_t secret[32] = {};    // HMAC-SHA256: gives each ticket a key of its own
  std::uint64_t not_after_ms = 0;  // tickets under this key are refused from then on (milliseconds since the epoch)
};

inline constexpr std::size_t kMaxTicketKeys = 4;

// keys[0] seals; every key opens. Unused places are behind `count`.
struct TicketKeyRing {
  TicketKey keys[kMaxTicketKeys];
  std::uint8_t count = 0;
  std::uint8_t cookie_secret[32] = {};  // HelloRetryRequest cookies (HMAC-SHA256)
};

}  // namespace breakwater::tls
