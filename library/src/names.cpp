#include "library/src/names.h"

#include <array>
#include <cstdint>
#include <span>

#include "breakwater/breakwater.h"

namespace breakwater {
namespace {

template <class Code>
struct Named {
  Code code;
  std::string_view name;
};

using tls::CipherSuite;
using tls::Group;
using tls::SignatureScheme;

constexpr auto kSuites = std::to_array<Named<CipherSuite>>({
    {CipherSuite::Aes128GcmSha256, "TLS_AES_128_GCM_SHA256"},
    {CipherSuite::Aes256GcmSha384, "TLS_AES_256_GCM_SHA384"},
    {CipherSuite::ChaCha20Poly1305Sha256, "TLS_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::EcdheEcdsaAes128GcmSha256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::EcdheEcdsaAes256GcmSha384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::EcdheEcdsaChaCha20Poly1305Sha256, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::EcdheRsaAes128GcmSha256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::EcdheRsaAes256GcmSha384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::EcdheRsaChaCha20Poly1305Sha256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
});

constexpr auto kGroups = std::to_array<Named<Group>>({
    {Group::X25519, "x25519"},
    {Group::Secp256r1, "secp256r1"},
});

constexpr auto kSchemes = std::to_array<Named<SignatureScheme>>({
    {SignatureScheme::EcdsaSecp256r1Sha256, "ecdsa_secp256r1_sha256"},
    {SignatureScheme::RsaPssRsaeSha256, "rsa_pss_rsae_sha256"},
    {SignatureScheme::RsaPssRsaeSha384, "rsa_pss_rsae_sha384"},
    {SignatureScheme::RsaPssRsaeSha512, "rsa_pss_rsae_sha512"},
    {SignatureScheme::RsaPkcs1Sha256, "rsa_pkcs1_sha256"},
    {SignatureScheme::RsaPkcs1Sha384, "rsa_pkcs1_sha384"},
    {SignatureScheme::RsaPkcs1Sha512, "rsa_pkcs1_sha512"},
});

// A peer may send any of the registry's alerts, also those we never send.
constexpr auto kAlerts = std::to_array<Named<std::uint8_t>>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed_RESERVED"},
    {22, "record_overflow"},
    {30, "decompression_failure_RESERVED"},
    {40, "handshake_failure"},
    {41, "no_certificate_RESERVED"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {52, "too_many_cids_requested"},
    {60, "export_restriction_RESERVED"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation_RESERVED"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable_RESERVED"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value_RESERVED"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {117, "general_error"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
});

template <class Code>
std::string_view name_of(std::span<const Named<Code>> table, Code code) noexcept {
  for (const Named<Code>& entry : table) {
    if (entry.code == code) return entry.name;
  }
  return {};
}

template <class Code>
std::optional<Code> code_of(std::span<const Named<Code>> table, std::string_view name) noexcept {
  for (const Named<Code>& entry : table) {
    if (entry.name == name) return entry.code;
  }
  return std::nullopt;
}

template <class Code>
std::string listed(std::span<const Named<Code>> table) {
  std::string list;
  for (const Named<Code>& entry : table) {
    if (!list.empty()) list += ", ";
    list += entry.name;
  }
  return list;
}

}  // namespace

std::string_view suite_name(CipherSuite suite) noexcept { return name_of<CipherSuite>(kSuites, suite); }
std::string_view group_name(Group group) noexcept { return name_of<Group>(kGroups, group); }
std::string_view scheme_name(SignatureScheme scheme) noexcept { return name_of<SignatureScheme>(kSchemes, scheme); }

std::optional<CipherSuite> find_suite(std::string_view name) noexcept { return code_of<CipherSuite>(kSuites, name); }
std::optional<Group> find_group(std::string_view name) noexcept { return code_of<Group>(kGroups, name); }

std::string known_suites() { return listed<CipherSuite>(kSuites); }
std::string known_groups() { return listed<Group>(kGroups); }

std::string_view alert_name(std::uint8_t alert) noexcept {
  const std::string_view name = name_of<std::uint8_t>(kAlerts, alert);
  return name.empty() ? "unknown" : name;
}

}  // namespace breakwater
