// Helpers of the AEAD tests: texts cut into pieces, and the reference answer of libcrypto's EVP.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/port/aead.h"

namespace breakwater::port_test {

using Bytes = std::vector<std::uint8_t>;
using Tag = std::array<std::uint8_t, port::kAeadTagSize>;

struct Sealed {
  Bytes text;
  Tag tag;
  bool operator==(const Sealed&) const = default;
};

struct Case {
  port::Aead aead;
  Bytes key, nonce, associated_data;
};

// Bytes that differ from place to place, from a seed.
inline Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

inline Case make_case(port::Aead aead, std::size_t associated_size, unsigned seed) {
  return {aead, pattern(port::aead_key_size(aead), seed), pattern(port::kAeadNonceSize, seed + 1),
          pattern(associated_size, seed + 2)};
}

// The text as pieces of the given sizes; what is left over is the last piece.
inline std::vector<MutableBytes> cut(Bytes& text, const std::vector<std::size_t>& sizes) {
  std::vector<MutableBytes> pieces;
  MutableBytes rest(text);
  for (const std::size_t size : sizes) {
    pieces.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  pieces.push_back(rest);
  return pieces;
}

inline Sealed seal(const Case& input, Bytes text, const std::vector<std::size_t>& sizes = {}) {
  port::AeadKey key;
  port::aead_expand(key, input.aead, input.key.data());
  Tag tag{};
  port::aead_seal(key, input.aead, input.nonce.data(), input.associated_data, cut(text, sizes), tag.data());
  return {std::move(text), tag};
}

struct Opened {
  bool right;
  Bytes text;
};

inline Opened open(const Case& input, Sealed sealed, const std::vector<std::size_t>& sizes = {}) {
  port::AeadKey key;
  port::aead_expand(key, input.aead, input.key.data());
  const bool right = port::aead_open(key, input.aead, input.nonce.data(), input.associated_data,
                                     cut(sealed.text, sizes), sealed.tag.data());
  return {right, std::move(sealed.text)};
}

inline Sealed seal_by_evp(const Case& input, const Bytes& text) {
  const EVP_CIPHER* cipher = input.aead == port::Aead::Aes128Gcm   ? EVP_aes_128_gcm()
                             : input.aead == port::Aead::Aes256Gcm ? EVP_aes_256_gcm()
                                                                   : EVP_chacha20_poly1305();
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free);
  Sealed sealed{Bytes(text.size() + 16), {}};
  int size = 0;
  EVP_EncryptInit_ex(context.get(), cipher, nullptr, input.key.data(), input.nonce.data());
  if (!input.associated_data.empty()) {
    EVP_EncryptUpdate(context.get(), nullptr, &size, input.associated_data.data(),
                      static_cast<int>(input.associated_data.size()));
  }
  int written = 0;
  if (!text.empty()) {
    EVP_EncryptUpdate(context.get(), sealed.text.data(), &written, text.data(), static_cast<int>(text.size()));
  }
  EVP_EncryptFinal_ex(context.get(), sealed.text.data() + written, &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, sealed.tag.data());
  sealed.text.resize(text.size());
  return sealed;
}

}  // namespace breakwater::port_test
