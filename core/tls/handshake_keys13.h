// What TLS 1.3 handshakes derive (RFC 8446 7.1), of several connections at once or of one: a step of one connection
// leaves lanes free that others can use.
#pragma once

#include <span>

#include "core/port/aead.h"
#include "core/port/bytes.h"
#include "core/tls/hmac.h"
#include "core/tls/secret.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

// From the key agreement on.
struct HandshakeKeys13 {
  port::Aead aead;
  ConstBytes shared_secret;
  const Secret* early;    // null: without a PSK
  ConstBytes hello_hash;  // ClientHello .. ServerHello

  Secret* client;  // client_handshake_traffic_secret
  Secret* server;
  TrafficKey* client_key;
  TrafficKey* server_key;
  Secret* server_finished;  // the server's finished_key (RFC 8446 4.4.4)
  Secret* master;           // may be early
};

// At most crypto::kLanes, of one hash.
void derive_handshake_keys13(HashKind kind, HashLanes lanes, std::span<const HandshakeKeys13> work) noexcept;

// From the server's Finished on.
struct ApplicationKeys13 {
  port::Aead aead;
  const Secret* master;
  const Secret* client_handshake;  // client_handshake_traffic_secret
  ConstBytes finished_hash;        // ClientHello .. the server's Finished

  Secret* client;  // client_application_traffic_secret_0
  Secret* server;
  TrafficKey* client_key;
  TrafficKey* server_key;
  Secret* client_finished;  // the client's finished_key; may be client_handshake
};

void derive_application_keys13(HashKind kind, HashLanes lanes, const ApplicationKeys13& work) noexcept;

}  // namespace breakwater::tls
