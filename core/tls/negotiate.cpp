#include "core/tls/negotiate.h"

namespace breakwater::tls {
namespace {

constexpr SignatureScheme kEcdsaSchemes[] = {SignatureScheme::EcdsaSecp256r1Sha256};
// PKCS#1 v1.5 is for TLS 1.2 only (RFC 8446 4.2.3).
constexpr SignatureScheme kRsaSchemes[] = {
    SignatureScheme::RsaPssRsaeSha256, SignatureScheme::RsaPssRsaeSha384, SignatureScheme::RsaPssRsaeSha512,
    SignatureScheme::RsaPkcs1Sha256,   SignatureScheme::RsaPkcs1Sha384,   SignatureScheme::RsaPkcs1Sha512,
};
constexpr std::size_t kPssSchemes = 3;

constexpr std::uint16_t kMinRecordSizeLimit = 64;  // RFC 8449 4

bool contains(std::span<const SignatureScheme> schemes, SignatureScheme scheme) noexcept {
  for (const SignatureScheme one : schemes) {
    if (one == scheme) return true;
  }
  return false;
}

SignatureScheme choose_scheme13(const Certificate& certificate, const ClientHello& hello) noexcept {
  const bool rsa = certificate.key->type == batch::KeyType::Rsa;
  const auto ours = rsa ? std::span(kRsaSchemes).first(kPssSchemes) : std::span<const SignatureScheme>(kEcdsaSchemes);
  for (const SignatureScheme scheme : ours) {
    if ((hello.schemes & scheme_bit(scheme)) != 0) return scheme;
  }
  return SignatureScheme::None;
}

// In the client's order: some clients list PSS but are at home with PKCS#1 v1.5 in TLS 1.2, and put that first.
SignatureScheme choose_scheme12(const Certificate& certificate, const ClientHello& hello,
                                const HelloScratch& scratch) noexcept {
  const bool rsa = certificate.key->type == batch::KeyType::Rsa;
  const auto ours =
      rsa ? std::span<const SignatureScheme>(kRsaSchemes) : std::span<const SignatureScheme>(kEcdsaSchemes);
  const std::size_t listed = hello.scheme_count < kMaxSignatureSchemes ? hello.scheme_count : kMaxSignatureSchemes;
  for (std::size_t i = 0; i < listed; ++i) {
    const SignatureScheme scheme = static_cast<SignatureScheme>(scratch.signature_schemes[i]);
    if (contains(ours, scheme)) return scheme;
  }
  return SignatureScheme::None;
}

// RFC 8446 4.2.3: signature_algorithms_cert speaks for the chain; without it signature_algorithms does.
bool chain_is_verifiable(const Certificate& certificate, const ClientHello& hello) noexcept {
  const SchemeSet accepted = hello.has(Known::SignatureAlgorithmsCert) ? hello.certificate_schemes : hello.schemes;
  for (const SignatureScheme scheme : certificate.chain_schemes) {
    if ((accepted & scheme_bit(scheme)) == 0) return false;
  }
  return true;
}

bool offered(const ClientHello& hello, CipherSuite suite) noexcept {
  const std::size_t listed = hello.suite_count < kMaxSuites ? hello.suite_count : kMaxSuites;
  for (std::size_t i = 0; i < listed; ++i) {
    if (hello.suites[i] == static_cast<std::uint16_t>(suite)) return true;
  }
  return false;
}

// A client without AES instructions puts ChaCha20 first among the suites of its list that we know.
bool prefers_chacha(const ClientHello& hello) noexcept {
  const std::size_t listed = hello.suite_count < kMaxSuites ? hello.suite_count : kMaxSuites;
  for (std::size_t i = 0; i < listed; ++i) {
    if (const SuiteInfo* info = find_suite(static_cast<CipherSuite>(hello.suites[i]))) {
      return info->aead == port::Aead::ChaCha20Poly1305;
    }
  }
  return false;
}

const SuiteInfo* choose_suite(const Configuration& configuration, const ClientHello& hello, ProtocolVersion version,
                              const batch::KeyType* key_type) noexcept {
  const bool chacha_first = prefers_chacha(hello);
  const SuiteInfo* best = nullptr;
  for (const CipherSuite suite : configuration.suites) {
    const SuiteInfo* info = find_suite(suite);
    if (info == nullptr || info->version != version || !offered(hello, suite)) continue;
    if (key_type != nullptr && info->key_type != *key_type) continue;
    if (chacha_first && info->aead == port::Aead::ChaCha20Poly1305) return info;
    if (best == nullptr) best = info;
    if (!chacha_first) break;
  }
  return best;
}

Group choose_group(const Configuration& configuration, GroupSet accepted) noexcept {
  for (const Group group : configuration.groups) {
    if ((accepted & group_bit(group)) != 0) return group;
  }
  return Group::None;
}

// Binary search in the sorted names; -1 when it is not there.
int find_name(std::span<const HostName> names, std::string_view name) noexcept {
  std::size_t low = 0;
  std::size_t high = names.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = names[middle].name.compare(name);
    if (order == 0) return names[middle].host;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return -1;
}

// The exact name first, then "*.rest" (RFC 6125 6.4.3: the wildcard is the whole left-most label).
int find_host(std::span<const HostName> names, std::string_view name) noexcept {
  if (const int host = find_name(names, name); host >= 0) return host;
  std::size_t dot = 0;
  while (dot < name.size() && name[dot] != '.') ++dot;
  if (dot == name.size() || dot == 0) return -1;
  char wildcard[kMaxServerName + 1];
  wildcard[0] = '*';
  const std::string_view rest(name.data() + dot, name.size() - dot);
  memcpy(wildcard + 1, rest.data(), rest.size());
  return find_name(names, {wildcard, rest.size() + 1});
}

Error choose_protocol(const Configuration& configuration, const ClientHello& hello, Choice& choice) noexcept {
  const VirtualHost& host = configuration.hosts[choice.host];
  if (!hello.has(Known::Alpn) || host.alpn.empty()) return kNoError;
  for (const std::uint8_t index : host.alpn) {
    if ((hello.protocols >> index & 1) != 0) {
      choice.protocol = static_cast<std::int8_t>(index);
      return kNoError;
    }
  }
  return offer_error(Alert::NoApplicationProtocol, "the client offers no application protocol that we speak");
}

}  // namespace

bool suite_in_common(const Configuration& configuration, const ClientHello& hello, CipherSuite suite) noexcept {
  for (const CipherSuite ours : configuration.suites) {
    if (ours == suite) return offered(hello, suite);
  }
  return false;
}

Error choose_version(const Configuration& configuration, const ClientHello& hello, ProtocolVersion& version) noexcept {
  if (hello.legacy_version <= 0x0300) {  // RFC 8446 D.5: SSL 3.0 and SSL 2.0
    return offer_error(Alert::ProtocolVersion, "the client asks for SSL 3.0 or older");
  }
  const bool listed = hello.has(Known::SupportedVersions);
  const bool takes_tls13 = listed && hello.offers_tls13;
  const bool takes_tls12 = listed ? hello.offers_tls12 : hello.legacy_version >= 0x0303;
  if (takes_tls13 && configuration.max_version == ProtocolVersion::Tls13) {
    version = ProtocolVersion::Tls13;
  } else if (takes_tls12 && configuration.min_version == ProtocolVersion::Tls12) {
    version = ProtocolVersion::Tls12;
  } else {
    return offer_error(Alert::ProtocolVersion, "the client offers no protocol version that is enabled");
  }
  // RFC 7507 3, RFC 8446 4.2.1: the client fell back from something better that we do speak.
  if (hello.fallback_scsv && version < configuration.max_version) {
    return peer_error(Alert::InappropriateFallback, "the client fell back to an older version without need");
  }
  return kNoError;
}

Error choose_host(const Configuration& configuration, const ClientHello& hello, std::string_view server_name,
                  Choice& choice) noexcept {
  if (hello.has(Known::ServerName)) {
    const int host = server_name.empty() ? -1 : find_host(configuration.names, server_name);
    if (host >= 0) {
      choice.host = static_cast<std::uint16_t>(host);
      choice.host_by_name = true;
    } else if (configuration.reject_unknown_names) {
      return offer_error(Alert::UnrecognizedName, "the client asks for a server name that is not configured");
    }
  }
  if (hello.has(Known::RecordSizeLimit)) {
    if (hello.record_size_limit < kMinRecordSizeLimit) {
      return peer_error(Alert::IllegalParameter, "record_size_limit is below 64");
    }
    // RFC 8449 4: TLS 1.3 counts the content type byte as well; larger values than ours are no error.
    const std::uint16_t limit =
        static_cast<std::uint16_t>(hello.record_size_limit - (choice.version == ProtocolVersion::Tls13 ? 1 : 0));
    choice.max_payload = limit < kMaxPlaintext ? limit : kMaxPlaintext;
  }
  return choose_protocol(configuration, hello, choice);
}

Error choose_keys12(const Configuration& configuration, const ClientHello& hello, const HelloScratch& scratch,
                    Choice& choice) noexcept {
  if (hello.has(Known::EcPointFormats) && !hello.uncompressed_points) {  // RFC 8422 5.1.2
    return peer_error(Alert::IllegalParameter, "ec_point_formats lacks the uncompressed format");
  }
  // RFC 8422 4: without supported_groups the choice is ours; secp256r1 is what every such client knows.
  const GroupSet groups = hello.has(Known::SupportedGroups) ? hello.groups : group_bit(Group::Secp256r1);
  choice.group = choose_group(configuration, groups);

  bool suite_seen = false;
  for (const bool strict : {true, false}) {  // a chain the client can verify if there is one
    for (const Certificate& certificate : configuration.hosts[choice.host].certificates) {
      const batch::KeyType type = certificate.key->type;
      const SuiteInfo* suite = choose_suite(configuration, hello, ProtocolVersion::Tls12, &type);
      if (suite == nullptr) continue;
      suite_seen = true;
      // RFC 8422 5.1: the curve of an ECDSA certificate is one of supported_groups too.
      if (type == batch::KeyType::EcdsaP256 && (groups & group_bit(Group::Secp256r1)) == 0) continue;
      const SignatureScheme scheme = choose_scheme12(certificate, hello, scratch);
      if (scheme == SignatureScheme::None) continue;
      if (strict && !chain_is_verifiable(certificate, hello)) continue;
      if (choice.group == Group::None) {
        return offer_error(Alert::HandshakeFailure, "no key exchange group in common");
      }
      choice.suite = suite;
      choice.certificate = &certificate;
      choice.scheme = scheme;
      return kNoError;
    }
  }
  return offer_error(Alert::HandshakeFailure, suite_seen ? "no signature algorithm in common for our certificates"
                                                         : "no cipher suite in common");
}

Error choose_keys13(const Configuration& configuration, const ClientHello& hello, Choice& choice) noexcept {
  // RFC 8446 9.2
  if (hello.has(Known::SupportedGroups) != hello.has(Known::KeyShare)) {
    return peer_error(Alert::MissingExtension, "one of supported_groups and key_share is missing");
  }
  if (!hello.has(Known::PreSharedKey) && !(hello.has(Known::SignatureAlgorithms) && hello.has(Known::KeyShare))) {
    return peer_error(Alert::MissingExtension, "signature_algorithms or key_share is missing");
  }
  if (hello.has(Known::PreSharedKey) && !hello.has(Known::PskKeyExchangeModes)) {  // RFC 8446 4.2.9
    return peer_error(Alert::MissingExtension, "pre_shared_key comes without psk_key_exchange_modes");
  }
  if (!hello.has(Known::KeyShare)) {  // we do no key exchange without (EC)DHE
    return offer_error(Alert::MissingExtension, "key_share is missing, and psk_ke is not enabled");
  }
  if (!hello.null_compression || hello.other_compression) {  // RFC 8446 4.1.2
    return peer_error(Alert::IllegalParameter, "TLS 1.3 allows the null compression method only");
  }
  if ((hello.shares_seen & ~hello.groups) != 0) {  // RFC 8446 4.2.8
    return peer_error(Alert::IllegalParameter, "a key share is of a group that supported_groups lacks");
  }
  choice.suite = choose_suite(configuration, hello, ProtocolVersion::Tls13, nullptr);
  if (choice.suite == nullptr) return offer_error(Alert::HandshakeFailure, "no cipher suite in common");

  // A share that is there saves a round trip: it wins over a group that we like better.
  choice.group = hello.share_group;
  if (choice.group == Group::None) {
    choice.group = choose_group(configuration, hello.groups);
    choice.retry = true;
  }
  if (choice.group == Group::None) return offer_error(Alert::HandshakeFailure, "no key exchange group in common");

  for (const bool strict : {true, false}) {
    for (const Certificate& certificate : configuration.hosts[choice.host].certificates) {
      const SignatureScheme scheme = choose_scheme13(certificate, hello);
      if (scheme == SignatureScheme::None || (strict && !chain_is_verifiable(certificate, hello))) continue;
      choice.certificate = &certificate;
      choice.scheme = scheme;
      return kNoError;
    }
  }
  return kNoError;
}

}  // namespace breakwater::tls
