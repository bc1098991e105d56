// The facts that both sides agreed on.
#pragma once

#include <cstdint>

#include "core/tls/registry.h"

namespace breakwater::tls {

struct Negotiated {
  std::uint64_t ticket_id = 0;  // identity of the ticket used, 0 when not resumed
  ProtocolVersion version = ProtocolVersion::None;
  CipherSuite suite = CipherSuite::None;
  Group group = Group::None;                          // None when a TLS 1.2 session was resumed
  SignatureScheme signature = SignatureScheme::None;  // None when resumed
  std::uint16_t host = 0;                             // index into Configuration::hosts
  std::int8_t protocol = -1;                          // index into Configuration::protocols, -1: no ALPN
  bool resumed = false;
  bool hello_retry = false;
};

}  // namespace breakwater::tls
