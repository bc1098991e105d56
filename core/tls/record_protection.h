// Protected records, sealed and opened where they lie (RFC 8446 5.2 to 5.4; RFC 5246 6.2.3.3 with RFC 5288 and RFC
// 7905).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/port/aead.h"
#include "core/port/bytes.h"
#include "core/tls/registry.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

struct Protection {
  ProtocolVersion version;
  port::Aead aead;

  // Bytes in front of the plaintext: record header and, with TLS 1.2 GCM, the explicit nonce.
  constexpr std::size_t head() const noexcept {
    return kRecordHeaderSize + (has_explicit_nonce() ? kExplicitNonceSize : 0);
  }
  // Bytes behind the plaintext: tag and, with TLS 1.3, the content type.
  constexpr std::size_t tail() const noexcept {
    return port::kAeadTagSize + (version == ProtocolVersion::Tls13 ? 1 : 0);
  }
  constexpr std::size_t overhead() const noexcept { return head() + tail(); }
  constexpr bool has_explicit_nonce() const noexcept {
    return version == ProtocolVersion::Tls12 && aead != port::Aead::ChaCha20Poly1305;
  }

  static constexpr std::size_t kExplicitNonceSize = 8;
};

// Makes a record around the plaintext at record + head(), writing head() bytes before it and tail() bytes behind it.
// Returns the size of the whole record. The sequence number advances.
std::size_t seal_record(Protection protection, ExpandedKeys& keys, TrafficKey& key, ContentType type,
                        std::uint8_t* record, std::size_t plaintext_size) noexcept;

struct Opened {
  bool authentic = false;
  ContentType type = ContentType::Invalid;  // TLS 1.3: the inner type, Invalid when the record is padding alone
  std::size_t offset = 0;                   // of the plaintext within the record's body
  std::size_t size = 0;                     // of the plaintext, padding taken off
  std::size_t padded_size = 0;              // with padding, without the inner type
};

// Decrypts the body of one record in place. header is the record's header as received; pieces hold its body, whose
// size is at least minimum_body(). The sequence number advances when the record is authentic.
Opened open_record(Protection protection, ExpandedKeys& keys, TrafficKey& key,
                   const std::uint8_t header[kRecordHeaderSize], std::span<MutableBytes> pieces) noexcept;

constexpr std::size_t minimum_body(Protection protection) noexcept {
  return protection.overhead() - kRecordHeaderSize - (protection.version == ProtocolVersion::Tls13 ? 1 : 0);
}

}  // namespace breakwater::tls
