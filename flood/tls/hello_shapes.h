// The ClientHellos that the client can look like, cut down to what the settings let a server choose.
#pragma once

#include <cstdint>
#include <vector>

#include "flood/tls/client.h"
#include "flood/tls/hello_template.h"

namespace breakwater::flood::protocol {

// Public keys for the shares: secp256r1 65 bytes, x25519 32.
struct Shares {
  std::vector<std::uint8_t> secp256r1;
  std::vector<std::uint8_t> x25519;
  std::vector<std::uint8_t> x25519_ml_kem_768;  // 1,216 bytes
};

// A hello and what a server may choose from it.
struct Hello {
  HelloTemplate bytes;
  std::vector<std::uint16_t> suites;
  std::vector<std::uint16_t> groups;  // a server may choose these; by HelloRetryRequest too
  std::vector<std::uint16_t> shared;  // TLS 1.3: groups with a share, whoever can use it
  std::vector<std::uint16_t> schemes;
  std::vector<std::uint16_t> extensions;
  bool tickets12 = false;  // session_ticket is offered
  bool tickets13 = false;  // psk_dhe_ke is offered
};

// Throws std::invalid_argument when the settings contradict each other.
Hello make_hello(const ClientSettings& settings, const Shares& shares);

}  // namespace breakwater::flood::protocol
