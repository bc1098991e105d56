#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/speed/speed.h"
#include "proxy/speed/stopwatch.h"

namespace breakwater::proxy {
namespace {

constexpr const char* kName = "libcrypto";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;

void must(bool done) {
  if (!done) throw std::runtime_error("libcrypto refused an operation");
}

void sign(std::vector<Measurement>& list, const std::string& name, EVP_PKEY* key) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  must(EVP_PKEY_sign_init(context.get()) == 1 && EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  std::array<std::uint8_t, 512> signature;
  const std::array<std::uint8_t, 32> digest{};
  list.push_back({name, kName, time_per_call([&] {
                    std::size_t size = signature.size();
                    must(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
                  })});
}

void key_pair(std::vector<Measurement>& list, const char* name, EVP_PKEY_CTX* context) {
  must(EVP_PKEY_keygen_init(context) == 1);
  if (std::string_view(name).starts_with("P-256")) {
    must(EVP_PKEY_CTX_set_group_name(context, "P-256") == 1);
  }
  list.push_back({name, kName, time_per_call([&] {
                    EVP_PKEY* made = nullptr;
                    must(EVP_PKEY_generate(context, &made) == 1);
                    EVP_PKEY_free(made);
                  })});
}

void agree(std::vector<Measurement>& list, const char* name, EVP_PKEY* own, EVP_PKEY* peer) {
  std::array<std::uint8_t, 32> shared;
  const KeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  must(EVP_PKEY_derive_init(context.get()) == 1);
  list.push_back({name, kName, time_per_call([&] {
                    std::size_t size = shared.size();
                    must(EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
                         EVP_PKEY_derive(context.get(), shared.data(), &size) == 1);
                  })});
}

void seal(std::vector<Measurement>& list, const char* name, const EVP_CIPHER* cipher) {
  static std::array<std::uint8_t, 16384> text;
  const std::array<std::uint8_t, 32> key{1};
  const std::array<std::uint8_t, 13> header{2};
  std::array<std::uint8_t, 16> tag;
  const CipherContext context(EVP_CIPHER_CTX_new());
  must(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), header.data()) == 1);
  for (const std::size_t size : kSealSizes) {
    const Timing timing = time_per_call([&] {
      int written = 0;
      must(EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, header.data()) == 1 &&
           EVP_EncryptUpdate(context.get(), nullptr, &written, header.data(), 13) == 1 &&
           EVP_EncryptUpdate(context.get(), text.data(), &written, text.data(), static_cast<int>(size)) == 1 &&
           EVP_EncryptFinal_ex(context.get(), text.data(), &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
    });
    list.push_back({std::string(name) + ", " + std::to_string(size) + " B", kName, timing, size});
  }
}

}  // namespace

std::vector<Measurement> measure_libcrypto(const RsaKeys& rsa) {
  std::vector<Measurement> list;
  const Key p256(EVP_EC_gen("P-256"));
  const Key p256_peer(EVP_EC_gen("P-256"));
  const Key x25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  const Key x25519_peer(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  must(p256 && p256_peer && x25519 && x25519_peer);

  sign(list, "P-256 sign", p256.get());
  key_pair(list, "P-256 key pair", KeyContext(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)).get());
  agree(list, "P-256 ECDH", p256.get(), p256_peer.get());
  key_pair(list, "X25519 key pair", KeyContext(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr)).get());
  agree(list, "X25519 ECDH", x25519.get(), x25519_peer.get());
  for (std::size_t i = 0; i < rsa.keys.size(); ++i) {
    sign(list, "RSA-" + std::to_string(RsaKeys::kBits[i]) + " sign", rsa.keys[i].get());
  }
  seal(list, "AES-128-GCM seal", EVP_aes_128_gcm());
  seal(list, "AES-256-GCM seal", EVP_aes_256_gcm());
  seal(list, "ChaCha20-Poly1305 seal", EVP_chacha20_poly1305());
  return list;
}

}  // namespace breakwater::proxy
