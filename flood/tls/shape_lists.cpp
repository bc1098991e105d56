#include "flood/tls/shape_lists.h"

#include <algorithm>
#include <iterator>

#include "flood/tls/codes.h"
#include "flood/tls/suites.h"

namespace breakwater::flood::protocol {
namespace {

using List = std::vector<std::uint16_t>;

const List kToolSuites{0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8};
// curl 7.88 with OpenSSL 3.0
const List kCurlSuites{0x1302,
                       0x1303,
                       0x1301,
                       0xC02C,
                       0xC030,
                       0x009F,
                       0xCCA9,
                       0xCCA8,
                       0xCCAA,
                       0xC02B,
                       0xC02F,
                       0x009E,
                       0xC024,
                       0xC028,
                       0x006B,
                       0xC023,
                       0xC027,
                       0x0067,
                       0xC00A,
                       0xC014,
                       0x0039,
                       0xC009,
                       0xC013,
                       0x0033,
                       0x009D,
                       0x009C,
                       0x003D,
                       0x003C,
                       0x0035,
                       0x002F,
                       kRenegotiationScsv};
const List kBrowserSuites{kGreaseSuite, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030,
                          0xCCA9,       0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035};

const List kToolSchemes{0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601};
const List kCurlSchemes{0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B, 0x0804, 0x0805,
                        0x0806, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602};
const List kBrowserSchemes{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};

namespace ext = extension;
const List kToolExtensions{ext::kServerName,
                           ext::kSupportedGroups,
                           ext::kEcPointFormats,
                           ext::kSessionTicket,
                           ext::kAlpn,
                           ext::kExtendedMasterSecret,
                           ext::kSignatureAlgorithms,
                           ext::kSupportedVersions,
                           ext::kPskKeyExchangeModes,
                           ext::kKeyShare,
                           ext::kRenegotiationInfo};
const List kCurlExtensions{ext::kServerName,
                           ext::kEcPointFormats,
                           ext::kSupportedGroups,
                           ext::kSessionTicket,
                           ext::kAlpn,
                           ext::kEncryptThenMac,
                           ext::kExtendedMasterSecret,
                           ext::kPostHandshakeAuth,
                           ext::kSignatureAlgorithms,
                           ext::kSupportedVersions,
                           ext::kPskKeyExchangeModes,
                           ext::kKeyShare,
                           ext::kPadding};
// One of the orders that a browser's shuffle gives.
const List kBrowserExtensions{kGreaseFirst,
                              ext::kCompressCertificate,
                              ext::kServerName,
                              ext::kSupportedGroups,
                              ext::kApplicationSettings,
                              ext::kKeyShare,
                              ext::kEcPointFormats,
                              ext::kSupportedVersions,
                              ext::kStatusRequest,
                              ext::kSessionTicket,
                              ext::kRenegotiationInfo,
                              ext::kAlpn,
                              ext::kSignatureAlgorithms,
                              ext::kExtendedMasterSecret,
                              ext::kPskKeyExchangeModes,
                              ext::kSignedCertificateTimestamp,
                              kGreaseLast,
                              ext::kPadding};
const List kBrowserPqExtensions{kGreaseFirst,
                                ext::kSessionTicket,
                                ext::kKeyShare,
                                ext::kSupportedGroups,
                                ext::kServerName,
                                ext::kSignedCertificateTimestamp,
                                ext::kEcPointFormats,
                                ext::kEncryptedClientHello,
                                ext::kSupportedVersions,
                                ext::kRenegotiationInfo,
                                ext::kApplicationSettingsNew,
                                ext::kAlpn,
                                ext::kPskKeyExchangeModes,
                                ext::kSignatureAlgorithms,
                                ext::kExtendedMasterSecret,
                                ext::kCompressCertificate,
                                ext::kStatusRequest,
                                kGreaseLast};

// TLS 1.2 suites that want an ECDSA certificate; the shapes' others want an RSA one.
bool is_ecdsa(std::uint16_t suite) {
  static const List kEcdsa{0xC02B, 0xC02C, 0xCCA9, 0xC023, 0xC024, 0xC009, 0xC00A};
  return std::find(kEcdsa.begin(), kEcdsa.end(), suite) != kEcdsa.end();
}

bool keeps_suite(const ClientSettings& settings, std::uint16_t code) {
  if (is_grease(code) || code == kRenegotiationScsv) return true;
  const Suite* suite = find_suite(code);
  if (settings.cipher != Cipher::Any && (suite == nullptr || suite->cipher != settings.cipher)) return false;
  if ((code >> 8) == 0x13) return settings.version == Version::Tls13;
  if (settings.version == Version::Tls13 && settings.shape == Shape::Tool) return false;
  return settings.auth == Auth::Any || (settings.auth == Auth::Ecdsa) == is_ecdsa(code);
}

bool keeps_scheme(Auth auth, std::uint16_t scheme) {
  const bool ecdsa = (scheme & 0xFF) == 0x03;
  const bool rsa =
      (scheme & 0xFF) == 0x01 || (scheme >= 0x0804 && scheme <= 0x0806) || (scheme >= 0x0809 && scheme <= 0x080B);
  return auth == Auth::Any || (auth == Auth::Ecdsa ? ecdsa : rsa);
}

bool keeps_extension(const ClientSettings& settings, std::uint16_t code) {
  const bool tls13 = settings.version == Version::Tls13;
  switch (code) {
    case ext::kServerName:
      return !settings.server_name.empty();
    case ext::kAlpn:
      return !protocols_of(settings).empty();
    case ext::kApplicationSettings:  // browsers have these for HTTP/2 alone
    case ext::kApplicationSettingsNew: {
      const std::vector<std::string> protocols = protocols_of(settings);
      return tls13 && std::find(protocols.begin(), protocols.end(), "h2") != protocols.end();
    }
    case ext::kSessionTicket:  // curl switches it off, browsers have it always
      return (settings.tickets || is_browser(settings.shape)) && (settings.shape != Shape::Tool || !tls13);
    case ext::kPskKeyExchangeModes:
      return tls13 && (settings.tickets || settings.shape != Shape::Tool);
    case ext::kSupportedVersions:
    case ext::kKeyShare:
    case ext::kPostHandshakeAuth:
    case ext::kEncryptedClientHello:
      return tls13;
    case ext::kCompressCertificate:  // only what can be read is asked for
      return tls13 && !settings.check_signature;
    case ext::kRenegotiationInfo:
    case ext::kEcPointFormats:
      return settings.shape != Shape::Tool || !tls13;
    default:
      return true;
  }
}

const List& pick(Shape shape, const List& tool, const List& curl, const List& browser) {
  if (shape == Shape::Tool) return tool;
  return shape == Shape::Curl ? curl : browser;
}

}  // namespace

bool is_browser(Shape shape) noexcept { return shape == Shape::Browser || shape == Shape::BrowserPq; }

List suites_of(const ClientSettings& settings) {
  List kept;
  const List& all = pick(settings.shape, kToolSuites, kCurlSuites, kBrowserSuites);
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](std::uint16_t suite) { return keeps_suite(settings, suite); });
  return kept;
}

List schemes_of(const ClientSettings& settings) {
  List kept;
  const List& all = pick(settings.shape, kToolSchemes, kCurlSchemes, kBrowserSchemes);
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](std::uint16_t scheme) { return keeps_scheme(settings.auth, scheme); });
  return kept;
}

List extensions_of(const ClientSettings& settings) {
  List kept;
  const List& all = pick(settings.shape, kToolExtensions, kCurlExtensions,
                         settings.shape == Shape::BrowserPq ? kBrowserPqExtensions : kBrowserExtensions);
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](std::uint16_t code) { return keeps_extension(settings, code); });
  return kept;
}

List versions_of(const ClientSettings& settings) {
  if (settings.shape == Shape::Tool) return {kVersion13};
  if (settings.shape == Shape::Curl) return {kVersion13, kVersion12, 0x0302, 0x0301};
  return {kGreaseVersion, kVersion13, kVersion12};
}

List groups_of(const ClientSettings& settings) {
  const std::uint16_t chosen = settings.group == Group::X25519 ? kX25519 : kSecp256r1;
  const std::uint16_t other = settings.group == Group::X25519 ? kSecp256r1 : kX25519;
  if (!is_browser(settings.shape)) return {chosen};
  if (settings.version == Version::Tls12) return {kGreaseGroup, chosen};  // no share says which one is meant
  if (settings.shape == Shape::Browser) return {kGreaseGroup, chosen, other};
  return {kGreaseGroup, kX25519MlKem768, chosen, other};
}

std::vector<std::string> protocols_of(const ClientSettings& settings) {
  if (!settings.alpn.empty() || settings.shape == Shape::Tool) return settings.alpn;
  return {"h2", "http/1.1"};
}

}  // namespace breakwater::flood::protocol
