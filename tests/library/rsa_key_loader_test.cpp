// RSA keys of certificates: which are our arithmetic's, which stay libcrypto's, which are refused.
#include "library/src/rsa_key_loader.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "library/src/certificate_loader.h"
#include "tests/library/pairs.h"

namespace breakwater::test {
namespace {

constexpr const char* kNumbers[] = {OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                                    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

// The same key with two added to one of its numbers.
KeyHandle with_damaged(const EVP_PKEY* key, const char* damaged) {
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  std::vector<BignumHandle> numbers;
  for (const char* const name : kNumbers) {
    BIGNUM* number = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1);
    numbers.emplace_back(number);
    if (std::string_view(name) == damaged) BN_add_word(number, 2);
    OSSL_PARAM_BLD_push_BN(builder, name, number);
  }
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  const KeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters), 1);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return KeyHandle(made);
}

TEST(RsaKeyLoader, TakesTheCommonSizes) {
  for (const unsigned bits : {2048U, 3072U}) {
    const KeyHandle key(EVP_RSA_gen(bits));
    crypto::RsaPrivateKey loaded;
    std::string why;
    ASSERT_EQ(load_rsa_key(key.get(), loaded, why), RsaKeyUse::Ours) << why;
    EXPECT_EQ(loaded.bits(), bits);
  }
}

TEST(RsaKeyLoader, LeavesOtherKindsToLibcrypto) {
  const KeyHandle odd_size(EVP_RSA_gen(2056));
  EVP_PKEY* three = nullptr;
  const KeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  ASSERT_EQ(EVP_PKEY_keygen_init(context.get()), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_keygen_primes(context.get(), 3), 1);
  ASSERT_EQ(EVP_PKEY_generate(context.get(), &three), 1);
  const KeyHandle three_primes(three);
  for (const EVP_PKEY* const key : {odd_size.get(), three_primes.get()}) {
    crypto::RsaPrivateKey loaded;
    std::string why;
    EXPECT_EQ(load_rsa_key(key, loaded, why), RsaKeyUse::Libcrypto);
    EXPECT_NE(why, "");
    EXPECT_FALSE(loaded.is_loaded());
  }
}

TEST(RsaKeyLoader, RefusesNumbersThatDoNotBelongTogether) {
  const KeyHandle key(EVP_RSA_gen(2048));
  for (const char* const name : {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                 OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    const KeyHandle damaged = with_damaged(key.get(), name);
    crypto::RsaPrivateKey loaded;
    std::string why;
    EXPECT_EQ(load_rsa_key(damaged.get(), loaded, why), RsaKeyUse::Refused) << name;
    EXPECT_NE(why, "");
  }
}

TEST(RsaKeyLoader, CertificatesHaveTheKeyInBothForms) {
  const LoadResult first = load_certificate(issue(rsa_key(), {.dns = {"a.example"}}).options(), 1);
  const LoadResult second = load_certificate(issue(rsa_key(), {.dns = {"a.example"}}).options(), 1);
  ASSERT_NE(first.certificate, nullptr) << first.error;
  EXPECT_EQ(first.certificate->key.rsa, first.certificate->rsa_key.get());
  EXPECT_NE(first.certificate->key.sign, nullptr);
  EXPECT_NE(first.certificate->key.id, 0U);
  EXPECT_NE(first.certificate->key.id, second.certificate->key.id);
  const LoadResult odd = load_certificate(issue(rsa_key(2056), {.dns = {"a.example"}}).options(), 1);
  ASSERT_NE(odd.certificate, nullptr) << odd.error;
  EXPECT_EQ(odd.certificate->key.rsa, nullptr);
}

}  // namespace
}  // namespace breakwater::test
