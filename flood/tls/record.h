// Record protection of one direction: TLS 1.2 with AEAD suites (RFC 5246 6.2.3.3, RFC 5288, RFC 7905) and TLS 1.3
// (RFC 8446 5.2). The key is expanded when the first record needs it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/aead.h"
#include "core/port/bytes.h"
#include "flood/tls/client.h"
#include "flood/tls/codes.h"

namespace breakwater::flood::protocol {

inline constexpr std::size_t kHeaderSize = 5;
inline constexpr std::size_t kMaxPlaintext = 16384;
inline constexpr std::size_t kExplicitNonce = 8;  // of TLS 1.2 with AES-GCM
// What a record takes beside its payload, at most.
inline constexpr std::size_t kRecordOverhead = kHeaderSize + kExplicitNonce + port::kAeadTagSize + 1;

class RecordKey {
 public:
  // Nothing protected until the next set().
  void clear() noexcept { active_ = false; }
  bool active() const noexcept { return active_; }

  // TLS 1.3 and ChaCha20: an IV of 12 bytes; TLS 1.2 with AES-GCM: a salt of 4 (iv_size()).
  void set(Version version, port::Aead aead, const std::uint8_t* key, const std::uint8_t* iv) noexcept;
  static std::size_t iv_size(Version version, port::Aead aead) noexcept {
    return version == Version::Tls12 && aead != port::Aead::ChaCha20Poly1305 ? 4 : 12;
  }

  // Where in the record the payload begins.
  std::size_t payload_offset() const noexcept { return kHeaderSize + (explicit_nonce() ? kExplicitNonce : 0); }
  // Seals the payload that lies at record + payload_offset(), with room for the rest; returns the record's size.
  std::size_t seal(ContentType type, std::uint8_t* record, std::size_t payload_size) noexcept;

  struct Opened {
    bool good = false;
    std::uint8_t type = 0;
    MutableBytes payload;
  };
  // Opens a whole record (header included) where it lies. Not good: wrong length, tag or inner type.
  Opened open(MutableBytes record) noexcept;

 private:
  bool explicit_nonce() const noexcept { return version_ == Version::Tls12 && aead_ != port::Aead::ChaCha20Poly1305; }
  void make_nonce(std::uint8_t nonce[port::kAeadNonceSize], const std::uint8_t* explicit_part) const noexcept;
  void expand() noexcept;

  port::AeadKey expanded_;
  std::uint8_t key_[port::kAeadMaxKeySize];
  std::uint8_t iv_[port::kAeadNonceSize];
  std::uint64_t sequence_ = 0;
  Version version_ = Version::Tls13;
  port::Aead aead_ = port::Aead::Aes128Gcm;
  bool active_ = false;
  bool is_expanded_ = false;
};

}  // namespace breakwater::flood::protocol
