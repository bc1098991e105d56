// The seam to whoever decides which handshakes are worth their price. The engine asks when a ClientHello is complete
// and it is clear what the handshake would cost, before any private-key or key-exchange arithmetic is done for it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/batch/signing_key.h"
#include "core/tls/client_hello.h"
#include "core/tls/registry.h"

namespace breakwater::tls {

// What a client asks for. The views are good for the call.
struct Proposal {
  const ClientHello& hello;     // with its lists in scratch (ja4_facts.h)
  const HelloScratch& scratch;  //
  std::string_view server_name;
  ProtocolVersion version = ProtocolVersion::None;
  Group group = Group::None;               // None: a TLS 1.2 session is resumed, there is no key exchange
  const batch::SigningKey* key = nullptr;  // what would sign; null: nothing does, the session is resumed
  std::uint64_t ticket_id = 0;             // of the ticket that opened, and whose binder is right; 0: none
  std::uint16_t host = 0;                  // index into Configuration::hosts
  bool known_name = false;                 // server_name chose the host
  bool lacks_share = false;                // a HelloRetryRequest is all that comes of it now (RFC 8446 4.1.4)
  bool retried = false;                    // the client has followed a HelloRetryRequest: it is there and reads
  bool can_retry = false;                  // Verdict::Retry is possible
  bool generator_share = false;            // the key share is the group's base point: see is_generator()
};

enum class Verdict : std::uint8_t {
  Proceed,
  Retry,   // TLS 1.3: first the client has to bring back a cookie (RFC 8446 4.2.2). Where it cannot: as Proceed
  Refuse,  // the connection fails with Fault::Refused
};

struct Judge {
  Verdict (*judge)(void* context, const Proposal& proposal) noexcept = nullptr;  // null: everybody may proceed
  void* context = nullptr;
};

// Whether a key share is the base point of its group or its opposite. Whose private scalar is 1 pays nothing for his
// part of the key exchange: no library does that, only tools that make floods. Its shared secret is our public key, so
// what he gets is a handshake like any other, and no more secret than he wants it to be.
bool is_generator(Group group, const std::uint8_t share[batch::kMaxPublicKeySize]) noexcept;

}  // namespace breakwater::tls
