// The facts kept of a ClientHello: a bounded list, however long the hello is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/batch/job.h"
#include "core/port/bytes.h"
#include "core/tls/registry.h"
#include "core/tls/ticket.h"

namespace breakwater::tls {

inline constexpr std::size_t kMaxSuites = 128;
inline constexpr std::size_t kMaxExtensions = 64;
inline constexpr std::size_t kMaxSignatureSchemes = 32;
inline constexpr std::size_t kMaxServerName = 253;  // RFC 1035 2.3.4, without the final dot
inline constexpr std::size_t kCookieSize = 40;
inline constexpr std::uint8_t kNoIndex = 0xFF;

// Extensions with a meaning for us, as bits of ClientHello::present.
enum class Known : std::uint8_t {
  ServerName,
  SupportedGroups,
  EcPointFormats,
  SignatureAlgorithms,
  Alpn,
  ExtendedMasterSecret,
  RecordSizeLimit,
  SessionTicket,
  PreSharedKey,
  EarlyData,
  SupportedVersions,
  Cookie,
  PskKeyExchangeModes,
  SignatureAlgorithmsCert,
  KeyShare,
  RenegotiationInfo,
  None = 0xFF,
};

constexpr Known known_extension(std::uint16_t type) noexcept {
  switch (static_cast<ExtensionType>(type)) {
    case ExtensionType::ServerName:
      return Known::ServerName;
    case ExtensionType::SupportedGroups:
      return Known::SupportedGroups;
    case ExtensionType::EcPointFormats:
      return Known::EcPointFormats;
    case ExtensionType::SignatureAlgorithms:
      return Known::SignatureAlgorithms;
    case ExtensionType::Alpn:
      return Known::Alpn;
    case ExtensionType::ExtendedMasterSecret:
      return Known::ExtendedMasterSecret;
    case ExtensionType::RecordSizeLimit:
      return Known::RecordSizeLimit;
    case ExtensionType::SessionTicket:
      return Known::SessionTicket;
    case ExtensionType::PreSharedKey:
      return Known::PreSharedKey;
    case ExtensionType::EarlyData:
      return Known::EarlyData;
    case ExtensionType::SupportedVersions:
      return Known::SupportedVersions;
    case ExtensionType::Cookie:
      return Known::Cookie;
    case ExtensionType::PskKeyExchangeModes:
      return Known::PskKeyExchangeModes;
    case ExtensionType::SignatureAlgorithmsCert:
      return Known::SignatureAlgorithmsCert;
    case ExtensionType::KeyShare:
      return Known::KeyShare;
    case ExtensionType::RenegotiationInfo:
      return Known::RenegotiationInfo;
  }
  return Known::None;
}

// The signature schemes that we can sign with, or that sign the chains we serve, as bits.
using SchemeSet = std::uint16_t;
constexpr SchemeSet scheme_bit(std::uint16_t scheme) noexcept {
  switch (scheme) {
    case 0x0401:
      return 1 << 0;  // rsa_pkcs1_sha256
    case 0x0501:
      return 1 << 1;  // rsa_pkcs1_sha384
    case 0x0601:
      return 1 << 2;  // rsa_pkcs1_sha512
    case 0x0403:
      return 1 << 3;  // ecdsa_secp256r1_sha256
    case 0x0503:
      return 1 << 4;  // ecdsa_secp384r1_sha384
    case 0x0603:
      return 1 << 5;  // ecdsa_secp521r1_sha512
    case 0x0804:
      return 1 << 6;  // rsa_pss_rsae_sha256
    case 0x0805:
      return 1 << 7;  // rsa_pss_rsae_sha384
    case 0x0806:
      return 1 << 8;  // rsa_pss_rsae_sha512
    case 0x0809:
      return 1 << 9;  // rsa_pss_pss_sha256
    case 0x080A:
      return 1 << 10;  // rsa_pss_pss_sha384
    case 0x080B:
      return 1 << 11;  // rsa_pss_pss_sha512
    case 0x0807:
      return 1 << 12;  // ed25519
    default:
      return 0;
  }
}
constexpr SchemeSet scheme_bit(SignatureScheme scheme) noexcept {
  return scheme_bit(static_cast<std::uint16_t>(scheme));
}

// The groups that we know, as bits.
using GroupSet = std::uint8_t;
constexpr GroupSet group_bit(Group group) noexcept {
  return group == Group::X25519 ? 1 : group == Group::Secp256r1 ? 2 : 0;
}

// What is needed of a hello only until it is judged, in the place where the traffic keys will be.
struct HelloScratch {
  // For fingerprints, in the order received. ClientHello's counts go on beyond the bound, these lists do not.
  std::uint16_t extensions[kMaxExtensions];
  std::uint16_t signature_schemes[kMaxSignatureSchemes];
  // The transcript up to the PSK binders (RFC 8446 4.2.11.2), as SHA-256; the other hash a ticket may ask for lies in
  // Handshake::HelloPhase.
  std::uint8_t binder_hash_sha256[32];
};

// What is needed after the hello was judged as well.
struct HelloIdentity {
  std::uint8_t random[32];
  std::uint8_t session_id[32];
  std::uint8_t session_id_size;
  std::uint8_t server_name_size;     // 0: none, or one that cannot be a DNS name
  char server_name[kMaxServerName];  // lower case

  std::string_view name() const noexcept { return {server_name, server_name_size}; }
};

struct ClientHello {
  std::uint32_t present = 0;  // bits of Known
  std::uint16_t legacy_version = 0;
  std::uint16_t highest_version = 0;  // in supported_versions, but GREASE (RFC 8701); 0: none
  std::uint16_t suite_count = 0;
  std::uint16_t extension_count = 0;
  std::uint16_t scheme_count = 0;
  std::uint16_t record_size_limit = 0;
  SchemeSet schemes = 0;
  SchemeSet certificate_schemes = 0;
  GroupSet groups = 0;
  bool offers_tls12 = false;  // in supported_versions
  bool offers_tls13 = false;
  bool null_compression = false;
  bool other_compression = false;
  bool uncompressed_points = false;
  bool psk_dhe_ke = false;
  bool fallback_scsv = false;
  bool renegotiation_scsv = false;
  std::uint16_t protocol_count = 0;  // ALPN names, counted up to a bound
  std::uint32_t protocols = 0;       // those of them that the configuration knows, as bits
  char first_protocol[2] = {};       // first and last byte of the first ALPN name (for fingerprints)

  // The key share of the group that we prefer among those offered.
  Group share_group = Group::None;
  GroupSet shares_seen = 0;
  std::uint8_t share[batch::kMaxPublicKeySize];

  // TLS 1.2 session_ticket, or the first TLS 1.3 identity, that is as long as a ticket of ours.
  std::uint8_t ticket_size = 0;          // 0 or kTicketSize
  std::uint8_t ticket_index = kNoIndex;  // TLS 1.3: its place among the identities
  std::uint32_t obfuscated_ticket_age = 0;
  std::uint8_t ticket[kTicketSize];
  std::uint16_t identity_count = 0;
  std::uint16_t binder_count = 0;
  std::uint8_t binder_size = 0;  // of the binder at ticket_index
  std::uint8_t binder[kMaxSuiteDigestSize];

  std::uint8_t cookie_size = 0;  // kCookieSize, or 0 for any other length
  std::uint8_t cookie[kCookieSize];
  bool fixed_cookie_matches = false;  // it was Configuration::fixed_cookie, which is compared as it streams past

  std::uint16_t suites[kMaxSuites];

  bool has(Known extension) const noexcept { return (present >> static_cast<unsigned>(extension) & 1u) != 0; }
};

}  // namespace breakwater::tls
