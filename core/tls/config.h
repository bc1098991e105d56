// What a server is told: an immutable snapshot of plain views. The host owns what the views point to and keeps
// the snapshot alive for as long as a connection refers to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/batch/signing_key.h"
#include "core/port/bytes.h"
#include "core/tls/registry.h"

namespace breakwater::tls {

// One certificate chain with its key.
struct Certificate {
  const batch::SigningKey* key = nullptr;
  // Bodies of the Certificate message, encoded once when the snapshot is made:
  ConstBytes message_tls12;  // RFC 5246 7.4.2: certificate_list
  ConstBytes message_tls13;  // RFC 8446 4.4.2: empty context, certificate_list with empty extensions
  // Schemes that sign the certificates of the chain (a self-signed root is left out): what signature_algorithms_cert
  // is compared with. Code points may be ones we do not sign with ourselves.
  std::span<const SignatureScheme> chain_schemes;
};

// A set of names with the certificates that speak for them.
struct VirtualHost {
  std::span<const Certificate> certificates;  // in order of preference, at least one
  std::span<const std::uint8_t> alpn;         // indices into Configuration::protocols, in order of preference
  std::uint8_t identity[16] = {};             // binds tickets to this host; same across reloads for the same host
};

// One server name and the host it selects. Lower case; "*.example.com" matches one label in front (RFC 6125 6.4.3).
struct HostName {
  std::string_view name;
  std::uint16_t host = 0;  // index into Configuration::hosts
};

// Key log lines for debugging (the NSS format, SSLKEYLOGFILE); null function: none.
struct KeyLog {
  void (*write)(void* context, std::string_view label, ConstBytes client_random, ConstBytes secret) noexcept = nullptr;
  void* context = nullptr;
};

inline constexpr std::size_t kMaxFixedCookie = 128;
inline constexpr std::size_t kMaxProtocols = 32;  // distinct ALPN names in one configuration

inline constexpr CipherSuite kDefaultSuites[] = {
    CipherSuite::Aes128GcmSha256,
    CipherSuite::Aes256GcmSha384,
    CipherSuite::ChaCha20Poly1305Sha256,
    CipherSuite::EcdheEcdsaAes128GcmSha256,
    CipherSuite::EcdheEcdsaAes256GcmSha384,
    CipherSuite::EcdheEcdsaChaCha20Poly1305Sha256,
    CipherSuite::EcdheRsaAes128GcmSha256,
    CipherSuite::EcdheRsaAes256GcmSha384,
    CipherSuite::EcdheRsaChaCha20Poly1305Sha256,
};
inline constexpr Group kDefaultGroups[] = {Group::X25519, Group::Secp256r1};

struct Configuration {
  std::span<const VirtualHost> hosts;           // the first serves clients whose name matches nothing, or who send none
  std::span<const HostName> names;              // sorted by name
  std::span<const std::string_view> protocols;  // ALPN names, at most kMaxProtocols
  ProtocolVersion min_version = ProtocolVersion::Tls12;
  ProtocolVersion max_version = ProtocolVersion::Tls13;
  std::span<const CipherSuite> suites = kDefaultSuites;  // in order of preference, both versions in one list
  std::span<const Group> groups = kDefaultGroups;        // in order of preference
  bool reject_unknown_names = false;  // unrecognized_name for a server name that matches no host (RFC 6066 3)
  bool tickets = true;
  std::uint8_t tickets_per_handshake = 2;   // TLS 1.3: NewSessionTicket messages after a handshake
  std::uint32_t ticket_lifetime_s = 86400;  // at most 7 days (RFC 8446 4.6.1); counted from the full handshake
  std::uint16_t record_size_limit = kMaxPlaintext + 1;  // what we accept, TLS 1.3 counting (RFC 8449); 64..16385
  std::uint32_t max_early_data_skip = 16384;  // bytes of early data passed over before giving up (RFC 8446 4.2.10)
  std::uint64_t key_update_after = std::uint64_t{1} << 23;  // records under one key; below 2^24.5 (RFC 8446 5.5)
  std::span<const std::uint16_t> advertised_groups;         // supported_groups in EncryptedExtensions (RFC 8446 4.2.7)
  // Sent in HelloRetryRequest and awaited back in place of a cookie made with the ticket keys: for replaying recorded
  // handshakes, whose server made cookies of another kind. At most kMaxFixedCookie bytes; empty: none.
  ConstBytes fixed_cookie;
  KeyLog key_log;
};

}  // namespace breakwater::tls
