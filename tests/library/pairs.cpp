#include "tests/library/pairs.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <cstdlib>

namespace breakwater::test {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "cannot make test certificates: %s\n", what);
  std::abort();
}

std::string contents(const BioHandle& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void add_names(X509* certificate, const Recipe& recipe) {
  const GeneralNamesHandle names(GENERAL_NAMES_new());
  const auto add = [&](int type, ASN1_STRING* value) {
    GENERAL_NAME* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    require(value != nullptr && sk_GENERAL_NAME_push(names.get(), name) > 0, "a subjectAltName");
  };
  for (const std::string& dns : recipe.dns) {
    ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size()));
    add(GEN_DNS, text);
  }
  if (!recipe.address.empty()) add(GEN_IPADD, a2i_IPADDRESS(recipe.address.c_str()));
  if (sk_GENERAL_NAME_num(names.get()) == 0) return;
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
          "the subjectAltName extension");
}

void sign(X509* certificate, EVP_PKEY* key, const Recipe& recipe) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  const bool ed = EVP_PKEY_is_a(key, "ED25519") == 1;
  require(EVP_DigestSignInit(context, &key_context, ed ? nullptr : recipe.digest, nullptr, key) == 1, "a signature");
  if (recipe.pss) EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
  require(X509_sign_ctx(certificate, context) > 0, "a signed certificate");
  EVP_MD_CTX_free(context);
}

}  // namespace

KeyHandle ec_key(const char* curve) { return KeyHandle(EVP_EC_gen(curve)); }
KeyHandle p256_key() { return ec_key("P-256"); }
KeyHandle rsa_key(unsigned bits) { return KeyHandle(EVP_RSA_gen(bits)); }
KeyHandle key_of_type(const char* type) { return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, type)); }

KeyHandle rsa_key() {
  static const KeyHandle key = rsa_key(2048);
  EVP_PKEY_up_ref(key.get());
  return KeyHandle(key.get());
}

KeyHandle hollow_rsa_key(int bits) {
  const auto number = [](int size) {
    BignumHandle fresh(BN_new());
    require(BN_rand(fresh.get(), size, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD) == 1, "a random number");
    return fresh;
  };
  const BignumHandle p = number(bits / 2), q = number(bits / 2), d = number(bits - 1), e(BN_new()), n(BN_new());
  BN_CTX* const context = BN_CTX_new();
  BN_mul(n.get(), p.get(), q.get(), context);
  BN_CTX_free(context);
  BN_set_word(e.get(), 65537);
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  for (const auto& [name, value] : {std::pair{OSSL_PKEY_PARAM_RSA_N, n.get()},
                                    {OSSL_PKEY_PARAM_RSA_E, e.get()},
                                    {OSSL_PKEY_PARAM_RSA_D, d.get()},
                                    {OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()},
                                    {OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()},
                                    {OSSL_PKEY_PARAM_RSA_EXPONENT1, p.get()},
                                    {OSSL_PKEY_PARAM_RSA_EXPONENT2, q.get()},
                                    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, q.get()}}) {
    require(OSSL_PARAM_BLD_push_BN(builder, name, value) == 1, "RSA parameters");
  }
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  const KeyContextHandle key_context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_fromdata_init(key_context.get()) == 1 &&
              EVP_PKEY_fromdata(key_context.get(), &key, EVP_PKEY_KEYPAIR, parameters) == 1,
          "an RSA key from numbers");
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return KeyHandle(key);
}

Pair issue(KeyHandle key, const Recipe& recipe) {
  require(key != nullptr, "a key");
  X509Handle certificate(X509_new());
  X509* const raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), recipe.expired ? -7200 : -3600);
  X509_gmtime_adj(X509_getm_notAfter(raw), recipe.expired ? -3600 : 86400);
  X509_set_pubkey(raw, key.get());
  X509_NAME* const subject = X509_get_subject_name(raw);
  if (!recipe.common_name.empty()) {
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(recipe.common_name.data()),
                               static_cast<int>(recipe.common_name.size()), -1, 0);
  }
  X509_set_issuer_name(raw,
                       recipe.issuer == nullptr ? subject : X509_get_subject_name(recipe.issuer->certificate.get()));
  add_names(raw, recipe);
  sign(raw, recipe.issuer == nullptr ? key.get() : recipe.issuer->key.get(), recipe);
  return {std::move(key), std::move(certificate)};
}

std::string Pair::chain_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "a PEM certificate");
  return contents(bio);
}

std::string Pair::key_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "a PEM key");
  return contents(bio);
}

std::string Pair::encrypted_key_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  unsigned char passphrase[] = "secret";
  require(PEM_write_bio_PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr) == 1,
          "an encrypted PEM key");
  return contents(bio);
}

CertificateOptions Pair::options(std::string origin) const {
  return {.chain_pem = chain_pem(), .key_pem = key_pem(), .origin = std::move(origin), .names = {}};
}

}  // namespace breakwater::test
