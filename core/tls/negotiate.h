// What is chosen from a ClientHello, before any secret is touched.
#pragma once

#include "core/tls/client_hello.h"
#include "core/tls/config.h"
#include "core/tls/error.h"
#include "core/tls/suites.h"

namespace breakwater::tls {

struct Choice {
  ProtocolVersion version = ProtocolVersion::None;
  const SuiteInfo* suite = nullptr;
  const Certificate* certificate = nullptr;
  SignatureScheme scheme = SignatureScheme::None;
  Group group = Group::None;
  bool retry = false;  // TLS 1.3: the client has to send a share of `group` first
  std::uint16_t host = 0;
  bool host_by_name = false;
  std::int8_t protocol = -1;
  std::uint16_t max_payload = kMaxPlaintext;
};

// RFC 8446 4.2.1, 4.1.2; RFC 7507.
Error choose_version(const Configuration& configuration, const ClientHello& hello, ProtocolVersion& version) noexcept;

// RFC 6066 3, RFC 7301 3.2, RFC 8449 4: what does not depend on keys.
Error choose_host(const Configuration& configuration, const ClientHello& hello, std::string_view server_name,
                  Choice& choice) noexcept;

// Suite, certificate, signature scheme and group of a full handshake. choice.version and choice.host are set.
// TLS 1.3 leaves certificate null when no scheme is in common: a PSK may still do (RFC 8446 4.2.11).
Error choose_keys12(const Configuration& configuration, const ClientHello& hello, const HelloScratch& scratch,
                    Choice& choice) noexcept;
Error choose_keys13(const Configuration& configuration, const ClientHello& hello, Choice& choice) noexcept;

// True when the client offers this suite and the configuration has it.
bool suite_in_common(const Configuration& configuration, const ClientHello& hello, CipherSuite suite) noexcept;

}  // namespace breakwater::tls
