// What all connections of one load share: the hello and constants of the key schedule.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "flood/tls/client.h"
#include "flood/tls/hello_shapes.h"
#include "flood/tls/hkdf.h"

namespace breakwater::flood {

namespace protocol {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// The parts of RFC 8446 7.1 that are the same for every connection with one hash.
struct ScheduleConstants {
  std::uint8_t empty_hash[kMaxHash];  // of no messages
  Hmac zero_salt;                     // HKDF-Extract for the early secret
  Hmac derived_early;                 // without a PSK: the salt of the handshake secret
};

}  // namespace protocol

struct Profile::Impl {
  ClientSettings settings;
  protocol::Hello hello;
  protocol::Shares shares;
  protocol::Key x25519;  // of all connections: what a client need not keep secret, it need not make anew
  std::array<protocol::ScheduleConstants, 2> constants;  // by HashKind

  const protocol::ScheduleConstants& constants_of(protocol::HashKind kind) const noexcept {
    return constants[static_cast<std::size_t>(kind)];
  }
};

}  // namespace breakwater::flood
