#include "library/src/rsa_signer.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <iterator>
#include <tuple>
#include <utility>

#include "core/batch/job.h"

namespace breakwater {
namespace {

static_assert(kMaxRsaBits / 8 <= batch::kMaxSignatureSize);

struct Scheme {
  tls::SignatureScheme code;
  const EVP_MD* (*digest)();
  int padding;
};

constexpr Scheme kSchemes[] = {
    {tls::SignatureScheme::RsaPssRsaeSha256, EVP_sha256, RSA_PKCS1_PSS_PADDING},
    {tls::SignatureScheme::RsaPssRsaeSha384, EVP_sha384, RSA_PKCS1_PSS_PADDING},
    {tls::SignatureScheme::RsaPssRsaeSha512, EVP_sha512, RSA_PKCS1_PSS_PADDING},
    {tls::SignatureScheme::RsaPkcs1Sha256, EVP_sha256, RSA_PKCS1_PADDING},
    {tls::SignatureScheme::RsaPkcs1Sha384, EVP_sha384, RSA_PKCS1_PADDING},
    {tls::SignatureScheme::RsaPkcs1Sha512, EVP_sha512, RSA_PKCS1_PADDING},
};

// RFC 8446 4.2.3: the salt is as long as the digest, MGF1 uses the same digest (libcrypto's default).
// Blinding is libcrypto's default too, and nothing here turns it off.
KeyContextHandle prepare(EVP_PKEY* key, const Scheme& scheme, int (*init)(EVP_PKEY_CTX*)) {
  KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_CTX* const raw = context.get();
  const bool ready =
      raw != nullptr && init(raw) == 1 && EVP_PKEY_CTX_set_rsa_padding(raw, scheme.padding) == 1 &&
      EVP_PKEY_CTX_set_signature_md(raw, scheme.digest()) == 1 &&
      (scheme.padding != RSA_PKCS1_PSS_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(raw, RSA_PSS_SALTLEN_DIGEST) == 1);
  return ready ? std::move(context) : nullptr;
}

std::size_t sign_with(const EVP_PKEY_CTX* prepared, ConstBytes digest, MutableBytes out) noexcept {
  const KeyContextHandle context(EVP_PKEY_CTX_dup(prepared));
  std::size_t size = out.size();
  if (context == nullptr) return 0;
  return EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1 ? size : 0;
}

bool verify_with(const EVP_PKEY_CTX* prepared, ConstBytes digest, ConstBytes signature) noexcept {
  const KeyContextHandle context(EVP_PKEY_CTX_dup(prepared));
  return context != nullptr &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

std::size_t sign_job(const batch::SigningKey& key, tls::SignatureScheme scheme, ConstBytes digest,
                     MutableBytes out) noexcept {
  return static_cast<const RsaSigner*>(key.host_key)->sign(scheme, digest, out);
}

}  // namespace

std::unique_ptr<const RsaSigner> RsaSigner::make(EVP_PKEY* key) {
  auto signer = std::make_unique<RsaSigner>();
  static_assert(std::size(kSchemes) == std::tuple_size_v<decltype(contexts_)>);
  for (std::size_t i = 0; i < std::size(kSchemes); ++i) {
    Contexts& contexts = signer->contexts_[i];
    contexts.digest_size = static_cast<std::size_t>(EVP_MD_get_size(kSchemes[i].digest()));
    contexts.signing = prepare(key, kSchemes[i], EVP_PKEY_sign_init);
    contexts.verifying = prepare(key, kSchemes[i], EVP_PKEY_verify_init);
    if (contexts.signing == nullptr || contexts.verifying == nullptr) return nullptr;
  }
  return signer;
}

void RsaSigner::serve(batch::SigningKey& key) const noexcept {
  key.type = batch::KeyType::Rsa;
  key.sign = sign_job;
  key.host_key = this;
}

const RsaSigner::Contexts* RsaSigner::contexts_for(tls::SignatureScheme scheme) const noexcept {
  for (std::size_t i = 0; i < std::size(kSchemes); ++i) {
    if (kSchemes[i].code == scheme) return &contexts_[i];
  }
  return nullptr;
}

std::size_t RsaSigner::sign(tls::SignatureScheme scheme, ConstBytes digest, MutableBytes out) const noexcept {
  const Contexts* const contexts = contexts_for(scheme);
  if (contexts == nullptr || digest.size() != contexts->digest_size) return 0;
  const std::size_t size = sign_with(contexts->signing.get(), digest, out);
  if (size != 0 && verify_with(contexts->verifying.get(), digest, out.first(size))) return size;
  // A wrong RSA-CRT signature gives the factors of the modulus away: it must not leave.
  wipe(out.data(), out.size());
  ERR_clear_error();
  return 0;
}

}  // namespace breakwater
