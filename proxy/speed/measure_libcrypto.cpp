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
using KeyContext = std::shared_ptr<EVP_PKEY_CTX>;  // shared, since calls are copied

KeyContext owned(EVP_PKEY_CTX* context) { return KeyContext(context, Freed<EVP_PKEY_CTX_free>()); }

void must(bool done) {
  if (!done) throw std::runtime_error("libcrypto refused an operation");
}

void sign(std::vector<Measurement>& list, const std::string& name, EVP_PKEY* key) {
  const KeyContext context = owned(EVP_PKEY_CTX_new(key, nullptr));
  must(EVP_PKEY_sign_init(context.get()) == 1 && EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  list.push_back({name, kName, [context] {
                    std::array<std::uint8_t, 512> signature;
                    const std::array<std::uint8_t, 32> digest{};
                    std::size_t size = signature.size();
                    must(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
                  }});
}

void key_pair(std::vector<Measurement>& list, const char* name, const char* type) {
  const KeyContext context = owned(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  must(EVP_PKEY_keygen_init(context.get()) == 1);
  if (std::string_view(type) == "EC") must(EVP_PKEY_CTX_set_group_name(context.get(), "P-256") == 1);
  list.push_back({name, kName, [context] {
                    EVP_PKEY* made = nullptr;
                    must(EVP_PKEY_generate(context.get(), &made) == 1);
                    EVP_PKEY_free(made);
                  }});
}

// With the check of the peer's key, which is part of ours, too.
void agree(std::vector<Measurement>& list, const char* name, EVP_PKEY* own, EVP_PKEY* peer) {
  const KeyContext context = owned(EVP_PKEY_CTX_new(own, nullptr));
  const std::shared_ptr<EVP_PKEY> other(peer, Freed<EVP_PKEY_free>());
  must(EVP_PKEY_up_ref(peer) == 1 && EVP_PKEY_derive_init(context.get()) == 1);
  list.push_back({name, kName, [context, other] {
                    std::array<std::uint8_t, 32> shared;
                    std::size_t size = shared.size();
                    must(EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                         EVP_PKEY_derive(context.get(), shared.data(), &size) == 1);
                  }});
}

void seal(std::vector<Measurement>& list, const char* name, const EVP_CIPHER* cipher) {
  static std::array<std::uint8_t, 16384> text;
  static constexpr std::array<std::uint8_t, 32> kKey{1};
  static constexpr std::array<std::uint8_t, 13> kHeader{2};
  const std::shared_ptr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new(), Freed<EVP_CIPHER_CTX_free>());
  must(EVP_EncryptInit_ex(context.get(), cipher, nullptr, kKey.data(), kHeader.data()) == 1);
  for (const std::size_t size : kSealSizes) {
    const auto call = [context, size] {
      int written = 0;
      std::array<std::uint8_t, 16> tag;
      must(EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, kHeader.data()) == 1 &&
           EVP_EncryptUpdate(context.get(), nullptr, &written, kHeader.data(), kHeader.size()) == 1 &&
           EVP_EncryptUpdate(context.get(), text.data(), &written, text.data(), static_cast<int>(size)) == 1 &&
           EVP_EncryptFinal_ex(context.get(), text.data(), &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
    };
    list.push_back({std::string(name) + ", " + std::to_string(size) + " B", kName, call, size});
  }
}

}  // namespace

std::vector<Measurement> libcrypto_measurements(const RsaKeys& rsa) {
  std::vector<Measurement> list;
  const Key p256(EVP_EC_gen("P-256"));
  const Key p256_peer(EVP_EC_gen("P-256"));
  const Key x25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  const Key x25519_peer(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  must(p256 && p256_peer && x25519 && x25519_peer);

  sign(list, "P-256 sign", p256.get());
  key_pair(list, "P-256 key pair", "EC");
  agree(list, "P-256 ECDH", p256.get(), p256_peer.get());
  key_pair(list, "X25519 key pair", "X25519");
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
