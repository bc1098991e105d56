// The server's signature, for those who want it checked (check_signature). Allocates, in libcrypto.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "flood/tls/client_impl.h"

namespace breakwater::flood {

using namespace protocol;

namespace {

struct Scheme {
  std::uint16_t code;
  int key_type;
  const EVP_MD* (*hash)();  // null: the algorithm has its own
  bool pss;
};

// RFC 8446 4.2.3, and what RFC 5246 7.4.1.4.1 adds for TLS 1.2
constexpr Scheme kSchemes[] = {
    {0x0403, EVP_PKEY_EC, EVP_sha256, false},     {0x0503, EVP_PKEY_EC, EVP_sha384, false},
    {0x0603, EVP_PKEY_EC, EVP_sha512, false},     {0x0303, EVP_PKEY_EC, EVP_sha224, false},
    {0x0804, EVP_PKEY_RSA, EVP_sha256, true},     {0x0805, EVP_PKEY_RSA, EVP_sha384, true},
    {0x0806, EVP_PKEY_RSA, EVP_sha512, true},     {0x0809, EVP_PKEY_RSA_PSS, EVP_sha256, true},
    {0x080A, EVP_PKEY_RSA_PSS, EVP_sha384, true}, {0x080B, EVP_PKEY_RSA_PSS, EVP_sha512, true},
    {0x0401, EVP_PKEY_RSA, EVP_sha256, false},    {0x0501, EVP_PKEY_RSA, EVP_sha384, false},
    {0x0601, EVP_PKEY_RSA, EVP_sha512, false},    {0x0301, EVP_PKEY_RSA, EVP_sha224, false},
    {0x0807, EVP_PKEY_ED25519, nullptr, false},   {0x0808, EVP_PKEY_ED448, nullptr, false},
};

// RFC 8446 4.2.3: PKCS#1 v1.5 and SHA-224 are for TLS 1.2 only.
bool is_for_tls13(const Scheme& scheme) {
  return scheme.pss || scheme.hash == nullptr || (scheme.key_type == EVP_PKEY_EC && scheme.hash != EVP_sha224);
}

}  // namespace

bool Client::Impl::keep_server_key(ConstBytes certificate) {
  const std::uint8_t* position = certificate.data();
  X509* parsed = d2i_X509(nullptr, &position, static_cast<long>(certificate.size()));
  if (parsed != nullptr) server_key.reset(X509_get_pubkey(parsed));
  X509_free(parsed);
  ERR_clear_error();
  return parsed != nullptr && server_key != nullptr;
}

bool Client::Impl::check_signature(ConstBytes content, ConstBytes signature) {
  const Scheme* found = nullptr;
  for (const Scheme& one : kSchemes) {
    if (one.code == scheme) found = &one;
  }
  if (found == nullptr || !server_key || EVP_PKEY_get_base_id(server_key.get()) != found->key_type) return false;
  if (tls13 && !is_for_tls13(*found)) return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* hash = found->hash == nullptr ? nullptr : found->hash();
  bool good = EVP_DigestVerifyInit(context, &parameters, hash, nullptr, server_key.get()) == 1;
  if (good && found->pss) {
    good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good && EVP_DigestVerify(context, signature.data(), signature.size(), content.data(), content.size()) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return good;
}

}  // namespace breakwater::flood
