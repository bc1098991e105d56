// Session tickets (RFC 5077 4, RFC 8446 4.6.1): the session itself, sealed under a key that all workers share.
//
//   name 8 | salt 16 | { suite 2 | created_ms 8 | id 8 | age_add 4 | secret 48 } sealed | tag 16
//
// The AES-256-GCM key is HMAC-SHA256(ticket key, salt), one for each ticket, with a nonce of zeros: random 96-bit
// nonces under one key would have to end at 2^32 tickets (SP 800-38D 8.3), which a flood reaches within a rotation. Not
// stored but authenticated with it: the binding to protocol version, virtual host and server name, so a ticket opens
// only where it may be used. The extended master secret needs no mark: no other TLS 1.2 session gets a ticket. Every
// ticket has the same length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/port/bytes.h"
#include "core/port/entropy.h"
#include "core/tls/config.h"
#include "core/tls/registry.h"
#include "core/tls/secret.h"
#include "core/tls/ticket_keys.h"

namespace breakwater::tls {

class ExpandedKeys;

inline constexpr std::size_t kTicketStateSize = 2 + 8 + 8 + 4 + kMaxSuiteDigestSize;
inline constexpr std::size_t kTicketSize = 8 + 16 + kTicketStateSize + 16;

// What a ticket remembers.
struct Session {
  CipherSuite suite = CipherSuite::None;
  std::uint64_t created_ms = 0;  // of the full handshake it goes back to: renewal does not prolong a session
  std::uint64_t id = 0;          // names this ticket, so that its use can be counted
  std::uint32_t age_add = 0;     // RFC 8446 4.6.1
  Secret secret;                 // TLS 1.2: master secret; TLS 1.3: the resumption PSK
};

// What a ticket is bound to. The TLS 1.2 tickets we give are all of extended-master-secret sessions (RFC 7627 5.3).
struct TicketBinding {
  ProtocolVersion version;
  const VirtualHost* host;
  std::string_view server_name;  // RFC 6066 3: another name must not resume
};

// Writes a ticket. keys must not be empty.
void seal_ticket(const TicketKeyRing& keys, const Entropy& entropy, const TicketBinding& binding,
                 const Session& session, std::uint8_t out[kTicketSize]) noexcept;

// Seconds a session made at created_ms may still be resumed (RFC 8446 4.6.1: ticket_lifetime). A clock that was set
// back counts as no time passed.
constexpr std::uint32_t remaining_lifetime_s(std::uint64_t created_ms, std::uint64_t now_ms,
                                             std::uint32_t lifetime_s) noexcept {
  const std::uint64_t age_s = now_ms > created_ms ? (now_ms - created_ms) / 1000 : 0;
  return age_s < lifetime_s ? static_cast<std::uint32_t>(lifetime_s - age_s) : 0;
}

enum class TicketState : std::uint8_t {
  Unusable,  // not ours, forged, expired, or bound to something else
  Usable,
  Aging,  // usable, but sealed by a key that is no longer the newest: give a new one
};

// Opens a ticket. lifetime_ms bounds its age. The ticket's bytes are not changed.
TicketState open_ticket(const TicketKeyRing& keys, const TicketBinding& binding, const std::uint8_t ticket[kTicketSize],
                        std::uint64_t now_ms, std::uint64_t lifetime_ms, Session& session) noexcept;

}  // namespace breakwater::tls
