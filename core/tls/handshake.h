// What a connection needs while its handshake runs, and no longer. Internal to the engine but for its size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/batch/job.h"
#include "core/tls/client_hello.h"
#include "core/tls/client_hello_parser.h"
#include "core/tls/config.h"
#include "core/tls/key_schedule12.h"
#include "core/tls/secret.h"
#include "core/tls/traffic_keys.h"
#include "core/tls/transcript.h"

namespace breakwater::tls {

// The longest body of a handshake message that is kept until it is whole: ClientKeyExchange with a P-256 point.
inline constexpr std::size_t kMaxSmallMessage = 1 + 65;

class Handshake {
 public:
  // A ClientHello is arriving.
  struct HelloPhase {
    ClientHelloParser parser;
    ClientHello facts;
    std::uint8_t binder_hash_sha384[48];  // see HelloScratch
  };

  // What the key agreement is made of.
  struct Agreement {
    std::uint8_t private_key[batch::kPrivateKeySize];
    std::uint8_t peer_key[batch::kMaxPublicKeySize];
    std::uint8_t shared_secret[batch::kSharedSecretSize];
  };

  // And what is derived from it and needed until the client's Finished.
  struct DerivedKeys {
    Secret server_finished;                            // TLS 1.3: the server's finished_key
    Secret client_finished;                            // TLS 1.3: the client's
    TrafficKey client_key;                             // TLS 1.3: of client_secret
    std::uint8_t client_verify_data[kVerifyDataSize];  // TLS 1.2
  };

  // The hello was judged; jobs are wanted or the client's next flight is awaited.
  struct KeyPhase {
    batch::Job jobs[2];
    const Certificate* certificate;  // null when resumed
    std::uint8_t job_count;
    std::uint8_t public_key[batch::kMaxPublicKeySize];
    union {
      Agreement agreement;  // until its result is used
      DerivedKeys derived;
    };
    std::uint8_t digest[kMaxDigestSize];  // what is signed
    std::uint8_t server_random[32];
    Secret secret;                     // TLS 1.2: master secret; TLS 1.3: early, later master secret
    Secret client_secret;              // TLS 1.3: client_application_traffic_secret_0, until Finished
    TranscriptHash hello_hash;         // TLS 1.3: ClientHello..ServerHello
    std::uint64_t session_created_ms;  // of the full handshake this session goes back to
    std::uint8_t psk_index;            // TLS 1.3: the identity that was accepted
    bool keys_derived;                 // derived holds what the transition on JobsDone needs
    bool extended_master_secret;
    bool ticket_wanted;                          // the client takes tickets, and we give them
    bool accepted_name;                          // server_name chose the host
    bool limits_records;                         // the client sent record_size_limit
    bool signals_renegotiation;                  // RFC 5746: the extension or the SCSV
    bool lists_point_formats;                    // the client sent ec_point_formats
    std::uint8_t message[4 + kMaxSmallMessage];  // the message that is arriving, header included
  };

  // Ingress: the record and the message that are being read.
  std::uint8_t record_header[kRecordHeaderSize];
  std::uint8_t record_header_size;
  std::uint8_t message_header[4];
  std::uint16_t fragment_left;  // bytes of the current record's fragment
  std::uint16_t message_size;   // bytes of the message that have arrived
  std::uint16_t message_end;    // its whole size; 0 while its header is incomplete
  std::uint8_t alert[2];
  std::uint32_t early_data_left;  // bytes of refused early data that are passed over at most
  bool reading_hello : 1;         // the message is a ClientHello, whose body goes to the parser
  bool in_fragment : 1;           // a record header was read; its fragment is not finished
  bool first_record_seen : 1;
  bool change_cipher_spec_seen : 1;  // TLS 1.3: one after each hello is dropped (RFC 8446 5, D.4)
  bool protected_record_seen : 1;    // TLS 1.3: the client has changed its keys
  bool retry_sent : 1;
  bool cookie_sent : 1;
  bool skip_early_data : 1;  // RFC 8446 4.2.10: refused early data may still arrive

  CipherSuite retry_suite;  // what the HelloRetryRequest has settled
  Group retry_group;

  Transcript transcript;
  HelloIdentity identity;
  union {
    HelloPhase hello;
    KeyPhase keys;
  };

  Handshake() noexcept {}
};

}  // namespace breakwater::tls
