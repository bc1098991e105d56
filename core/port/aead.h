// Seam: AEAD over scattered buffers, in place. Each host defines these functions once, at link time.
// No call may sleep, allocate or finish later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/port/bytes.h"

namespace breakwater::port {

enum class Aead : std::uint8_t { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };

inline constexpr std::size_t kAeadTagSize = 16;
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadMaxKeySize = 32;

constexpr std::size_t aead_key_size(Aead aead) noexcept { return aead == Aead::Aes128Gcm ? 16 : 32; }

// One expanded key. It belongs to a burst of records, never to an idle connection.
struct alignas(64) AeadKey {
  std::uint8_t opaque[2048];
};

// key has aead_key_size(aead) bytes.
void aead_expand(AeadKey& expanded, Aead aead, const std::uint8_t* key) noexcept;

// Encrypts the pieces, which together are one plaintext, where they lie, and writes the tag.
void aead_seal(const AeadKey& expanded, Aead aead, const std::uint8_t nonce[kAeadNonceSize], ConstBytes associated_data,
               std::span<const MutableBytes> pieces, std::uint8_t tag[kAeadTagSize]) noexcept;

// Decrypts the pieces where they lie. Returns whether the tag is right (compared in constant time);
// when it is not, the pieces hold garbage that must not be used.
bool aead_open(const AeadKey& expanded, Aead aead, const std::uint8_t nonce[kAeadNonceSize], ConstBytes associated_data,
               std::span<const MutableBytes> pieces, const std::uint8_t tag[kAeadTagSize]) noexcept;

}  // namespace breakwater::port
