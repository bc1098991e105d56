// What a connection keeps for its whole life. Its size is the cost of an idle connection in the engine.
#pragma once

#include <cstdint>

#include "core/tls/client_hello.h"
#include "core/tls/config.h"
#include "core/tls/error.h"
#include "core/tls/negotiated.h"
#include "core/tls/secret.h"
#include "core/tls/state.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

class Handshake;

// Keys of both directions, and the TLS 1.3 secrets that the next ones are made from (RFC 8446 7.2).
struct Traffic {
  TrafficKey read;
  TrafficKey write;
  Secret read_secret;
  Secret write_secret;
};

struct ConnectionState {
  const Configuration* configuration;
  Handshake* handshake;
  Error error;
  Negotiated negotiated;

  // The scratch of the hello is read when it is judged, before there is any key: both share their place.
  union {
    HelloScratch scratch;
    Traffic traffic;
  };

  std::uint32_t skip_message;  // bytes of a refused message still to be passed over (TLS 1.2 renegotiation)
  std::uint16_t max_payload;   // plaintext bytes we may put in one protected record
  std::uint16_t max_receive;   // plaintext bytes we accept in one protected record
  std::uint8_t key_updates;    // received in a row without application data in between
  std::uint8_t empty_records;  // likewise: records without content
  std::uint8_t warnings;       // warning alerts received
  std::uint8_t message_size;   // of a post-handshake message that is still arriving
  std::uint8_t message[5];     // the longest that is legal: KeyUpdate
  State state;
  bool read_protected : 1;
  bool write_protected : 1;
  bool close_sent : 1;  // close_notify or a fatal alert
  bool peer_closed : 1;
  bool renegotiation_refused : 1;
  bool update_requested : 1;  // we owe the peer a KeyUpdate (RFC 8446 4.6.3)
  bool done_reported : 1;     // HandshakeDone was given to the host
  bool update_asked : 1;      // we asked the peer for new keys, and it has not changed them yet
  bool ask_for_update : 1;    // our next KeyUpdate asks the peer for one (RFC 8446 5.5)
};

}  // namespace breakwater::tls
