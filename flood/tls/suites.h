// The nine suites the client can finish a handshake with.
#pragma once

#include <cstdint>
#include <span>

#include "core/port/aead.h"
#include "flood/tls/client.h"
#include "flood/tls/hash.h"

namespace breakwater::flood::protocol {

struct Suite {
  std::uint16_t code;
  Version version;
  Auth auth;  // TLS 1.3: Any
  Cipher cipher;
  HashKind hash;
  port::Aead aead;
  const char* name;
};

// Null for any other.
const Suite* find_suite(std::uint16_t code) noexcept;

}  // namespace breakwater::flood::protocol
