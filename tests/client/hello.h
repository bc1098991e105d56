// ClientHello messages with every field free to set (RFC 8446 4.1.2, RFC 5246 7.4.1.2), and well-formed ones to start
// from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/client/bytes.h"
#include "tests/client/primitives.h"

namespace breakwater::test {

struct Extension {
  std::uint16_t type = 0;
  Bytes data;
};

struct HelloSpec {
  std::uint16_t legacy_version = 0x0303;
  Bytes random;  // 32 bytes in a well-formed hello
  Bytes session_id;
  std::vector<std::uint16_t> suites;
  Bytes compressions{0};
  std::vector<Extension> extensions;  // in the order they are sent
  bool extensions_field = true;       // false: the message ends behind the compression methods
  Bytes trailing;                     // bytes behind the last field

  // The whole handshake message with its header.
  Bytes encode() const;

  Extension* find(tls::ExtensionType type);
  const Extension* find(tls::ExtensionType type) const;
  void erase(tls::ExtensionType type);
  // Replaces the extension where it stands, or adds it: in front of pre_shared_key, which must be last.
  void set(Extension extension);
};

struct PskIdentity {
  Bytes identity;
  std::uint32_t obfuscated_age = 0;
};

// Bodies of extensions as RFC 8446 4.2 and the RFCs of each extension shape them.
namespace extension {
Extension of(tls::ExtensionType type, Bytes data = {});
Extension server_name(std::string_view name);
Extension supported_groups(const std::vector<std::uint16_t>& groups);
Extension ec_point_formats(const Bytes& formats = {0});
Extension signature_algorithms(const std::vector<std::uint16_t>& schemes);
Extension signature_algorithms_cert(const std::vector<std::uint16_t>& schemes);
Extension alpn(const std::vector<std::string>& names);
Extension record_size_limit(std::uint16_t limit);
Extension supported_versions(const std::vector<std::uint16_t>& versions);
Extension cookie(View cookie);
Extension psk_modes(const Bytes& modes = {1});
Extension key_share(const std::vector<std::pair<std::uint16_t, Bytes>>& shares);
Extension renegotiation_info(const Bytes& verify_data = {});
Extension pre_shared_key(const std::vector<PskIdentity>& identities, const std::vector<Bytes>& binders);
}  // namespace extension

// A session to resume: a TLS 1.3 ticket with its PSK, or a TLS 1.2 ticket with its master secret.
struct Session {
  ProtocolVersion version = ProtocolVersion::None;
  std::uint16_t suite = 0;
  Bytes ticket;
  Bytes secret;
  bool extended_master_secret = false;
  std::uint32_t lifetime_s = 0;
  std::uint32_t age_add = 0;
  std::uint64_t received_ms = 0;
  std::uint32_t max_early_data = 0;
};

// What a client is willing to do; make_hello() turns it into a ClientHello.
struct Offer {
  std::vector<std::uint16_t> versions{0x0304, 0x0303};
  std::vector<std::uint16_t> suites{0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8};
  std::vector<std::uint16_t> groups{0x001D, 0x0017};
  std::vector<std::uint16_t> shares{0x001D};
  std::vector<std::uint16_t> schemes{0x0403, 0x0804, 0x0401, 0x0805, 0x0501, 0x0806, 0x0601};
  std::vector<std::uint16_t> certificate_schemes;  // signature_algorithms_cert, not sent when empty
  std::string server_name = "ecdsa.example";       // not sent when empty
  std::vector<std::string> protocols;              // ALPN, not sent when empty
  std::optional<std::uint16_t> record_size_limit;
  bool extended_master_secret = true;
  bool session_ticket = true;  // RFC 5077
  bool point_formats = true;
  bool renegotiation_info = true;  // RFC 5746: the extension
  bool renegotiation_scsv = false;
  bool fallback_scsv = false;
  bool psk_modes = true;
  bool grease = false;      // RFC 8701
  bool early_data = false;  // offers early data with the first session
  bool session_id = true;   // 32 bytes: the compatibility mode of RFC 8446 D.4
  std::vector<Session> sessions;

  bool offers(ProtocolVersion version) const;

  static Offer tls12_only();
  static Offer tls13_only();
  // The shape of a browser's hello: GREASE, a long list of extensions, both shares' groups.
  static Offer browser();
};

// pairs: one per group in `offer.shares` at least. Binders are zeros, to be filled in over the encoded message.
HelloSpec make_hello(const Offer& offer, std::span<const KeyPair> pairs, Random& random, std::uint64_t now_ms);

// The part of an encoded hello that binders cover (RFC 8446 4.2.11.2): all but the list of binders at its end.
View without_binders(View message, std::size_t binders_size);

}  // namespace breakwater::test
