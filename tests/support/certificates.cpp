#include "tests/support/certificates.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace breakwater::test {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

Key p256_private_key(const KeyPair& pair) {
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  BIGNUM* number = BN_bin2bn(pair.private_key.data(), 32, nullptr);
  require(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
  require(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, pair.public_key.data(), 65) == 1);
  require(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_fromdata_init(context) == 1);
  require(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  return Key(key);
}

Bytes self_sign(EVP_PKEY* key, const std::string& name) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
  require(names != nullptr && X509_add_ext(certificate, names, -1) == 1);
  X509_EXTENSION_free(names);
  require(X509_sign(certificate, key, EVP_sha256()) > 0);
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  std::uint8_t* position = der.data();
  i2d_X509(certificate, &position);
  X509_free(certificate);
  return der;
}

EVP_PKEY* process_rsa_key() {
  static EVP_PKEY* key = EVP_RSA_gen(2048);
  require(key != nullptr);
  EVP_PKEY_up_ref(key);
  return key;
}

}  // namespace

Bytes ServerIdentity::message_tls12(const std::vector<Bytes>& others) const {
  Writer list;
  list.vector(3, der);
  for (const Bytes& other : others) list.vector(3, other);
  return Writer().vector(3, list).bytes();
}

Bytes ServerIdentity::message_tls13(const std::vector<Bytes>& others) const {
  Writer list;
  list.vector(3, der).u16(0);
  for (const Bytes& other : others) list.vector(3, other).u16(0);
  return Writer().u8(0).vector(3, list).bytes();
}

std::unique_ptr<ServerIdentity> make_ecdsa_identity(std::string name, std::uint64_t seed) {
  const KeyPair pair = make_key_pair(Group::Secp256r1, Random(seed).bytes(32));
  auto identity = std::make_unique<ServerIdentity>();
  identity->key = p256_private_key(pair);
  identity->scalar = pair.private_key;
  identity->der = self_sign(identity->key.get(), name);
  identity->name = std::move(name);
  return identity;
}

std::unique_ptr<ServerIdentity> make_rsa_identity(std::string name) {
  auto identity = std::make_unique<ServerIdentity>();
  identity->rsa = true;
  identity->key.reset(process_rsa_key());
  identity->der = self_sign(identity->key.get(), name);
  identity->name = std::move(name);
  return identity;
}

Bytes rsa_sign_digest(EVP_PKEY* key, SignatureScheme scheme, View digest) {
  const auto code = static_cast<std::uint16_t>(scheme);
  const bool pss = code >> 8 == 8;
  const std::uint16_t size =
      pss ? static_cast<std::uint16_t>(code - 0x0804) : static_cast<std::uint16_t>((code >> 8) - 4);
  const EVP_MD* hash = size == 0 ? EVP_sha256() : size == 1 ? EVP_sha384() : EVP_sha512();
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  Bytes signature(512);
  std::size_t written = signature.size();
  const bool good = EVP_PKEY_sign_init(context) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
                    EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
                    (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1) &&
                    EVP_PKEY_sign(context, signature.data(), &written, digest.data(), digest.size()) == 1;
  EVP_PKEY_CTX_free(context);
  signature.resize(good ? written : 0);
  return signature;
}

}  // namespace breakwater::test
