#include "library/src/certificate_message.h"

#include <openssl/objects.h>

namespace breakwater {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append_u24(Bytes& out, std::size_t value) {
  for (const int shift : {16, 8, 0}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

Bytes to_der(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* end = der.data();
  i2d_X509(certificate, &end);
  return der;
}

// Code points of signature schemes, also of those we do not sign with (RFC 8446 4.2.3; SHA-1 and SHA-224 as
// RFC 5246 7.4.1.4.1 makes them up). None when the registry has no code point for it.
tls::SignatureScheme scheme_of(int signature, int digest, bool pss_issuer) {
  const auto scheme = [](unsigned code) { return static_cast<tls::SignatureScheme>(code); };
  unsigned hash = 0;
  switch (digest) {
    case NID_sha1:
      hash = 2;
      break;
    case NID_sha224:
      hash = 3;
      break;
    case NID_sha256:
      hash = 4;
      break;
    case NID_sha384:
      hash = 5;
      break;
    case NID_sha512:
      hash = 6;
      break;
  }
  switch (signature) {
    case NID_ED25519:
      return scheme(0x0807);
    case NID_ED448:
      return scheme(0x0808);
    case NID_rsaEncryption:
      return hash == 0 ? tls::SignatureScheme::None : scheme(hash << 8 | 1);
    case NID_X9_62_id_ecPublicKey:
      return hash == 0 ? tls::SignatureScheme::None : scheme(hash << 8 | 3);
    case NID_rsassaPss:
      // 0x0804..0x0806 for issuers with plain RSA keys, 0x0809..0x080b for those with RSASSA-PSS keys.
      return hash < 4 ? tls::SignatureScheme::None : scheme((pss_issuer ? 0x0805 : 0x0800) + hash);
  }
  return tls::SignatureScheme::None;
}

// issuer: the next certificate of the chain, null behind the last.
tls::SignatureScheme scheme_of(X509* certificate, X509* issuer) {
  int digest = NID_undef;
  int signature = NID_undef;
  X509_get_signature_info(certificate, &digest, &signature, nullptr, nullptr);
  const EVP_PKEY* const issuer_key = issuer == nullptr ? nullptr : X509_get0_pubkey(issuer);
  const bool pss_issuer = issuer_key != nullptr && EVP_PKEY_get_base_id(issuer_key) == EVP_PKEY_RSA_PSS;
  return scheme_of(signature, digest, pss_issuer);
}

// Names decide, as RFC 5280 defines "self-issued": the signature of an anchor is no client's concern.
bool is_self_signed(X509* certificate) { return X509_self_signed(certificate, 0) == 1; }

}  // namespace

bool encode_chain(std::span<const X509Handle> chain, LoadedCertificate& certificate) {
  Bytes list12;
  Bytes list13;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Bytes der = to_der(chain[i].get());
    for (Bytes* const list : {&list12, &list13}) {
      append_u24(*list, der.size());
      list->insert(list->end(), der.begin(), der.end());
    }
    list13.insert(list13.end(), {0, 0});  // no extensions
    if (list13.size() > kMaxChain) return false;
    if (!is_self_signed(chain[i].get())) {
      X509* const issuer = i + 1 < chain.size() ? chain[i + 1].get() : nullptr;
      certificate.chain_schemes.push_back(scheme_of(chain[i].get(), issuer));
    }
  }
  append_u24(certificate.message_tls12, list12.size());
  certificate.message_tls12.insert(certificate.message_tls12.end(), list12.begin(), list12.end());
  certificate.message_tls13.push_back(0);  // certificate_request_context is empty in a handshake
  append_u24(certificate.message_tls13, list13.size());
  certificate.message_tls13.insert(certificate.message_tls13.end(), list13.begin(), list13.end());
  return true;
}

}  // namespace breakwater
