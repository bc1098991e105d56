// Code points of TLS as the client needs them (RFC 8446, RFC 5246 and the extensions' own RFCs).
#pragma once

#include <cstdint>

namespace breakwater::flood::protocol {

enum class ContentType : std::uint8_t { ChangeCipherSpec = 20, Alert = 21, Handshake = 22, ApplicationData = 23 };

enum class MessageType : std::uint8_t {
  HelloRequest = 0,
  ClientHello = 1,
  ServerHello = 2,
  NewSessionTicket = 4,
  EncryptedExtensions = 8,
  Certificate = 11,
  ServerKeyExchange = 12,
  CertificateRequest = 13,
  ServerHelloDone = 14,
  CertificateVerify = 15,
  ClientKeyExchange = 16,
  Finished = 20,
  CertificateStatus = 22,  // RFC 6066 8
  KeyUpdate = 24,
  CompressedCertificate = 25,  // RFC 8879
  MessageHash = 254,
};

inline constexpr std::uint16_t kVersion12 = 0x0303;
inline constexpr std::uint16_t kVersion13 = 0x0304;

inline constexpr std::uint16_t kSecp256r1 = 0x0017;
inline constexpr std::uint16_t kX25519 = 0x001D;
inline constexpr std::uint16_t kX25519MlKem768 = 0x11EC;

inline constexpr std::uint16_t kRenegotiationScsv = 0x00FF;  // RFC 5746 3.3

inline constexpr std::uint8_t kAlertCloseNotify = 0;
inline constexpr std::uint8_t kAlertUserCanceled = 90;
inline constexpr std::uint8_t kAlertNoRenegotiation = 100;

namespace extension {
inline constexpr std::uint16_t kServerName = 0;
inline constexpr std::uint16_t kStatusRequest = 5;
inline constexpr std::uint16_t kSupportedGroups = 10;
inline constexpr std::uint16_t kEcPointFormats = 11;
inline constexpr std::uint16_t kSignatureAlgorithms = 13;
inline constexpr std::uint16_t kAlpn = 16;
inline constexpr std::uint16_t kSignedCertificateTimestamp = 18;
inline constexpr std::uint16_t kPadding = 21;
inline constexpr std::uint16_t kEncryptThenMac = 22;
inline constexpr std::uint16_t kExtendedMasterSecret = 23;
inline constexpr std::uint16_t kCompressCertificate = 27;
inline constexpr std::uint16_t kSessionTicket = 35;
inline constexpr std::uint16_t kPreSharedKey = 41;
inline constexpr std::uint16_t kSupportedVersions = 43;
inline constexpr std::uint16_t kCookie = 44;
inline constexpr std::uint16_t kPskKeyExchangeModes = 45;
inline constexpr std::uint16_t kPostHandshakeAuth = 49;
inline constexpr std::uint16_t kKeyShare = 51;
inline constexpr std::uint16_t kApplicationSettings = 17513;     // browsers, first code point
inline constexpr std::uint16_t kApplicationSettingsNew = 17613;  // browsers, second code point
inline constexpr std::uint16_t kEncryptedClientHello = 65037;
inline constexpr std::uint16_t kRenegotiationInfo = 0xFF01;
}  // namespace extension

// What signs by a signature scheme, for reports.
constexpr const char* signer(std::uint16_t scheme) noexcept {
  if (scheme == 0x0807 || scheme == 0x0808) return "EdDSA";
  return (scheme & 0xFF) == 0x03 ? "ECDSA" : "RSA";
}

// Values of the form 0x?A?A that a server must ignore (RFC 8701).
constexpr bool is_grease(std::uint16_t code) noexcept {
  return (code & 0x0F0F) == 0x0A0A && (code >> 8) == (code & 0xFF);
}

}  // namespace breakwater::flood::protocol
