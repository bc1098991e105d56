#include "flood/tls/hello_shapes.h"

#include <algorithm>
#include <stdexcept>

#include "flood/tls/codes.h"
#include "flood/tls/shape_lists.h"
#include "flood/tls/wire.h"

namespace breakwater::flood::protocol {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add(Bytes& to, ConstBytes more) { to.insert(to.end(), more.begin(), more.end()); }
void add_u8(Bytes& to, std::size_t value) { to.push_back(static_cast<std::uint8_t>(value)); }
void add_u16(Bytes& to, std::size_t value) {
  add_u8(to, value >> 8);
  add_u8(to, value);
}
void add_text(Bytes& to, const std::string& text) { to.insert(to.end(), text.begin(), text.end()); }
Bytes list_of(const std::vector<std::uint16_t>& codes) {
  Bytes list;
  for (const std::uint16_t code : codes) add_u16(list, code);
  return list;
}
// With a length of two bytes in front.
Bytes vector16(const Bytes& inner) {
  Bytes out;
  add_u16(out, inner.size());
  add(out, inner);
  return out;
}

Bytes server_name(const std::string& name) {
  Bytes entry{0};
  add_u16(entry, name.size());
  add_text(entry, name);
  return vector16(entry);
}

Bytes alpn(const std::vector<std::string>& names) {
  Bytes list;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) {
      throw std::invalid_argument("an ALPN name has 1 to 255 bytes; give --alpn names such as http/1.1");
    }
    add_u8(list, name.size());
    add_text(list, name);
  }
  return vector16(list);
}

void add_share(Bytes& list, std::uint16_t group, const Bytes& share) {
  add_u16(list, group);
  add(list, vector16(share));
}

Bytes key_share(const ClientSettings& settings, const Shares& shares) {
  Bytes list;
  if (is_browser(settings.shape)) add_share(list, kGreaseGroup, {0});
  if (settings.shape == Shape::BrowserPq) add_share(list, kX25519MlKem768, shares.x25519_ml_kem_768);
  if (settings.group == Group::X25519) {
    add_share(list, kX25519, shares.x25519);
  } else {
    add_share(list, kSecp256r1, shares.secp256r1);
  }
  return vector16(list);
}

// Looks like the outer form of an encrypted hello with a payload nobody can open.
Bytes encrypted_client_hello(const Shares& shares) {
  Bytes out{0, 0x00, 0x01, 0x00, 0x01, 0x6D};  // outer; HKDF-SHA256, AES-128-GCM; config id
  add(out, vector16(Bytes(shares.x25519_ml_kem_768.end() - 32, shares.x25519_ml_kem_768.end())));
  add(out, vector16(Bytes(shares.x25519_ml_kem_768.begin(), shares.x25519_ml_kem_768.begin() + 144)));
  return out;
}

// The groups listed. A TLS 1.2 server may look here for the curve of its certificate (RFC 8422 5.1), so that x25519
// alone would shut out ECDSA: secp256r1 is listed then, though a key exchange with it is not what was asked for.
std::vector<std::uint16_t> listed_groups(const ClientSettings& settings) {
  std::vector<std::uint16_t> groups = groups_of(settings);
  if (settings.version == Version::Tls12 && settings.auth != Auth::Rsa && settings.group == Group::X25519) {
    groups.push_back(kSecp256r1);
  }
  return groups;
}

Bytes body_of(std::uint16_t code, const ClientSettings& settings, const Shares& shares) {
  switch (code) {
    case kGreaseLast:
      return {0};
    case extension::kServerName:
      return server_name(settings.server_name);
    case extension::kStatusRequest:  // OCSP, no responders, no extensions
      return {1, 0, 0, 0, 0};
    case extension::kSupportedGroups:
      return vector16(list_of(listed_groups(settings)));
    case extension::kEcPointFormats:  // OpenSSL lists the compressed ones as well
      return settings.shape == Shape::Curl ? Bytes{3, 0, 1, 2} : Bytes{1, 0};
    case extension::kSignatureAlgorithms:
      return vector16(list_of(schemes_of(settings)));
    case extension::kAlpn:
      return alpn(protocols_of(settings));
    case extension::kApplicationSettings:
    case extension::kApplicationSettingsNew:
      return alpn({"h2"});
    case extension::kCompressCertificate:  // brotli
      return {2, 0, 2};
    case extension::kSupportedVersions: {
      Bytes out;
      const Bytes list = list_of(versions_of(settings));
      add_u8(out, list.size());
      add(out, list);
      return out;
    }
    case extension::kPskKeyExchangeModes:  // psk_dhe_ke
      return {1, 1};
    case extension::kKeyShare:
      return key_share(settings, shares);
    case extension::kEncryptedClientHello:
      return encrypted_client_hello(shares);
    case extension::kRenegotiationInfo:
      return {0};
    default:
      return {};
  }
}

// Browsers and OpenSSL stretch messages of 256 to 511 bytes to 512, for the sake of old load balancers (RFC 7685).
void add_padding(Bytes& rest, std::size_t message_size, HelloTemplate& hello) {
  if (message_size < 256 || message_size >= 512) return;
  const std::size_t missing = 512 - message_size;
  hello.padding = rest.size();
  add_u16(rest, extension::kPadding);
  add(rest, vector16(Bytes(missing > 4 ? missing - 4 : 1)));
}

void check(const ClientSettings& settings) {
  if (settings.shape == Shape::BrowserPq && settings.version == Version::Tls12) {
    throw std::invalid_argument("the shape browser-pq has a key share of TLS 1.3; use --tls 1.3, or --shape browser");
  }
  if (settings.server_name.size() > 253) {
    throw std::invalid_argument("the server name has more than 253 bytes; give a shorter --sni");
  }
  std::size_t alpn_size = 0;
  for (const std::string& name : settings.alpn) alpn_size += 1 + name.size();
  if (alpn_size > 1024) throw std::invalid_argument("--alpn has more than 1,024 bytes; give fewer names");
}

}  // namespace

Hello make_hello(const ClientSettings& settings, const Shares& shares) {
  check(settings);
  Hello hello;
  HelloTemplate& bytes = hello.bytes;
  Bytes& rest = bytes.rest;
  const bool tls13 = settings.version == Version::Tls13;
  hello.suites = suites_of(settings);
  hello.schemes = schemes_of(settings);
  hello.groups = groups_of(settings);
  hello.extensions = extensions_of(settings);
  if (tls13) {
    hello.shared = {settings.group == Group::X25519 ? kX25519 : kSecp256r1};
    if (settings.shape == Shape::BrowserPq) hello.shared.push_back(kX25519MlKem768);
  }

  bytes.session_id = tls13 && settings.shape != Shape::Tool;
  bytes.record_version = 0x0301;
  const Bytes suites = list_of(hello.suites);
  add(rest, vector16(suites));
  if (!hello.suites.empty() && hello.suites.back() == kRenegotiationScsv) bytes.scsv = rest.size() - 2;
  add(rest, Bytes{1, 0});  // no compression
  bytes.extensions = rest.size();
  add_u16(rest, 0);
  const std::size_t front = 4 + 2 + 32 + 1 + (bytes.session_id ? 32 : 0);
  for (const std::uint16_t code : hello.extensions) {
    if (code == extension::kPadding) {
      add_padding(rest, front + rest.size(), bytes);
      continue;
    }
    if (code == extension::kSessionTicket) bytes.session_ticket = rest.size();
    if (code == extension::kRenegotiationInfo) bytes.renegotiation_info = rest.size();
    if (code == extension::kKeyShare) bytes.key_share = rest.size();
    add_u16(rest, code);
    add(rest, vector16(body_of(code, settings, shares)));
  }
  put_u16(rest.data() + bytes.extensions, rest.size() - bytes.extensions - 2);

  const auto offers = [&](std::uint16_t code) {
    return std::find(hello.extensions.begin(), hello.extensions.end(), code) != hello.extensions.end();
  };
  hello.tickets12 = offers(extension::kSessionTicket);
  hello.tickets13 = offers(extension::kPskKeyExchangeModes);
  return hello;
}

}  // namespace breakwater::flood::protocol
