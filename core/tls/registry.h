// Code points of the TLS registries that Breakwater knows by name (IANA "TLS Parameters").
// Pure constants: every part of core/ may use this header.
#pragma once

#include <cstdint>

namespace breakwater::tls {

enum class ProtocolVersion : std::uint16_t { None = 0, Tls12 = 0x0303, Tls13 = 0x0304 };

// RFC 8446 5.1
enum class ContentType : std::uint8_t {
  Invalid = 0,
  ChangeCipherSpec = 20,
  Alert = 21,
  Handshake = 22,
  ApplicationData = 23,
};

// RFC 8446 4, RFC 5246 7.4
enum class HandshakeType : std::uint8_t {
  HelloRequest = 0,
  ClientHello = 1,
  ServerHello = 2,
  NewSessionTicket = 4,
  EndOfEarlyData = 5,
  EncryptedExtensions = 8,
  Certificate = 11,
  ServerKeyExchange = 12,
  CertificateRequest = 13,
  ServerHelloDone = 14,
  CertificateVerify = 15,
  ClientKeyExchange = 16,
  Finished = 20,
  KeyUpdate = 24,
  MessageHash = 254,
};

enum class CipherSuite : std::uint16_t {
  None = 0,
  // RFC 8446 B.4
  Aes128GcmSha256 = 0x1301,
  Aes256GcmSha384 = 0x1302,
  ChaCha20Poly1305Sha256 = 0x1303,
  // RFC 5289, RFC 7905
  EcdheEcdsaAes128GcmSha256 = 0xC02B,
  EcdheEcdsaAes256GcmSha384 = 0xC02C,
  EcdheRsaAes128GcmSha256 = 0xC02F,
  EcdheRsaAes256GcmSha384 = 0xC030,
  EcdheRsaChaCha20Poly1305Sha256 = 0xCCA8,
  EcdheEcdsaChaCha20Poly1305Sha256 = 0xCCA9,
  // Signalling values: never negotiated.
  EmptyRenegotiationInfoScsv = 0x00FF,  // RFC 5746 3.3
  FallbackScsv = 0x5600,                // RFC 7507
};

// "supported_groups" (RFC 8446 4.2.7). Hybrid groups join this list later.
enum class Group : std::uint16_t { None = 0, Secp256r1 = 0x0017, X25519 = 0x001D };

// RFC 8446 4.2.3
enum class SignatureScheme : std::uint16_t {
  None = 0,
  RsaPkcs1Sha256 = 0x0401,
  RsaPkcs1Sha384 = 0x0501,
  RsaPkcs1Sha512 = 0x0601,
  EcdsaSecp256r1Sha256 = 0x0403,
  RsaPssRsaeSha256 = 0x0804,
  RsaPssRsaeSha384 = 0x0805,
  RsaPssRsaeSha512 = 0x0806,
};

enum class ExtensionType : std::uint16_t {
  ServerName = 0,                // RFC 6066 3
  SupportedGroups = 10,          // RFC 8446 4.2.7
  EcPointFormats = 11,           // RFC 8422 5.1.2
  SignatureAlgorithms = 13,      // RFC 8446 4.2.3
  Alpn = 16,                     // RFC 7301
  ExtendedMasterSecret = 23,     // RFC 7627
  RecordSizeLimit = 28,          // RFC 8449
  SessionTicket = 35,            // RFC 5077
  PreSharedKey = 41,             // RFC 8446 4.2.11
  EarlyData = 42,                // RFC 8446 4.2.10
  SupportedVersions = 43,        // RFC 8446 4.2.1
  Cookie = 44,                   // RFC 8446 4.2.2
  PskKeyExchangeModes = 45,      // RFC 8446 4.2.9
  SignatureAlgorithmsCert = 50,  // RFC 8446 4.2.3
  KeyShare = 51,                 // RFC 8446 4.2.8
  RenegotiationInfo = 0xFF01,    // RFC 5746
};

enum class AlertLevel : std::uint8_t { Warning = 1, Fatal = 2 };

// RFC 8446 6, RFC 5246 7.2
enum class Alert : std::uint8_t {
  CloseNotify = 0,
  UnexpectedMessage = 10,
  BadRecordMac = 20,
  RecordOverflow = 22,
  HandshakeFailure = 40,
  IllegalParameter = 47,
  DecodeError = 50,
  DecryptError = 51,
  ProtocolVersion = 70,
  InternalError = 80,
  InappropriateFallback = 86,
  UserCanceled = 90,
  NoRenegotiation = 100,
  MissingExtension = 109,
  UnrecognizedName = 112,
  NoApplicationProtocol = 120,
};

inline constexpr std::uint16_t kMaxPlaintext = 16384;               // RFC 8446 5.1
inline constexpr std::uint16_t kMaxCiphertextTls13 = 16384 + 256;   // RFC 8446 5.2
inline constexpr std::uint16_t kMaxCiphertextTls12 = 16384 + 2048;  // RFC 5246 6.2.3
inline constexpr std::uint8_t kRecordHeaderSize = 5;

}  // namespace breakwater::tls
