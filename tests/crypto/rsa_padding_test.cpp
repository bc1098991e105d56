// The paddings of RSA signatures against libcrypto and Wycheproof's signatures.
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/crypto/rsa_support.h"
#include "tests/crypto/wycheproof.h"

namespace breakwater::test {
namespace {

using crypto::RsaScheme;

struct Scheme {
  RsaScheme ours;
  const EVP_MD* (*digest)();
  int padding;
};

constexpr std::array<Scheme, 6> kSchemes{{
    {RsaScheme::Pkcs1Sha256, EVP_sha256, RSA_PKCS1_PADDING},
    {RsaScheme::Pkcs1Sha384, EVP_sha384, RSA_PKCS1_PADDING},
    {RsaScheme::Pkcs1Sha512, EVP_sha512, RSA_PKCS1_PADDING},
    {RsaScheme::PssSha256, EVP_sha256, RSA_PKCS1_PSS_PADDING},
    {RsaScheme::PssSha384, EVP_sha384, RSA_PKCS1_PSS_PADDING},
    {RsaScheme::PssSha512, EVP_sha512, RSA_PKCS1_PSS_PADDING},
}};

Bytes digest_of(const EVP_MD* algorithm, const Bytes& message) {
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(algorithm)));
  EXPECT_EQ(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, algorithm, nullptr), 1);
  return digest;
}

bool verify(const RsaTestKey& key, const Scheme& scheme, const Bytes& digest, const Bytes& signature) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key.reference.get(), nullptr);
  EXPECT_EQ(EVP_PKEY_verify_init(context), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, scheme.padding), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_signature_md(context, scheme.digest()), 1);
  if (scheme.padding == RSA_PKCS1_PSS_PADDING) {
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), 1);
  }
  const int result = EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), digest.size());
  EVP_PKEY_CTX_free(context);
  return result == 1;
}

class RsaPaddingTest : public testing::Test {
 protected:
  Bytes sign(const RsaTestKey& key, RsaScheme scheme, const Bytes& digest) {
    Bytes message(key.size()), signature(key.size());
    EXPECT_TRUE(crypto::rsa_encode(scheme, digest, message, entropy(random_)));
    RsaRequests requests;
    requests.add(key, message, blinding_);
    requests.sign(rsa_layers().front(), random_);
    return requests.done(0) ? requests.signature(0) : Bytes();
  }

  Random random_;
  crypto::RsaBlinding blinding_;
};

TEST_F(RsaPaddingTest, LibcryptoAcceptsEachScheme) {
  for (std::size_t size = 0; size < 3; ++size) {
    const RsaTestKey& key = rsa_test_key(size);
    SCOPED_TRACE(key.pem);
    blinding_ = {};
    for (const Scheme& scheme : kSchemes) {
      for (int round = 0; round < rounds(4); ++round) {
        Bytes digest = digest_of(scheme.digest(), key.message(random_));
        ASSERT_EQ(crypto::rsa_digest_size(scheme.ours), digest.size());
        const Bytes signature = sign(key, scheme.ours, digest);
        ASSERT_TRUE(verify(key, scheme, digest, signature));
        digest[3] ^= 1;
        ASSERT_FALSE(verify(key, scheme, digest, signature));
      }
    }
  }
}

TEST_F(RsaPaddingTest, EachPssSignatureHasASaltOfItsOwn) {
  const RsaTestKey& key = rsa_test_key(0);
  const Bytes digest(32, 7);
  EXPECT_NE(sign(key, RsaScheme::PssSha256, digest), sign(key, RsaScheme::PssSha256, digest));
  EXPECT_EQ(sign(key, RsaScheme::Pkcs1Sha256, digest), sign(key, RsaScheme::Pkcs1Sha256, digest));
}

TEST_F(RsaPaddingTest, WrongSizesAreRefused) {
  for (const Scheme& scheme : kSchemes) {
    const std::size_t size = crypto::rsa_digest_size(scheme.ours);
    Bytes out(256, 0xaa);
    EXPECT_FALSE(crypto::rsa_encode(scheme.ours, Bytes(size - 1), out, entropy(random_)));
    EXPECT_EQ(out, Bytes(256, 0));
    EXPECT_FALSE(crypto::rsa_encode(scheme.ours, Bytes(size + 1), out, entropy(random_)));
    EXPECT_FALSE(crypto::rsa_encode(scheme.ours, Bytes(), out, entropy(random_)));
    Bytes small(255);
    EXPECT_FALSE(crypto::rsa_encode(scheme.ours, Bytes(size), small, entropy(random_)));
    EXPECT_TRUE(crypto::rsa_encode(scheme.ours, Bytes(size), out, entropy(random_)));
  }
}

KeyHandle key_of(const nlohmann::json& group) {
  const Bytes der = from_hex(group.at("privateKeyPkcs8").get<std::string>());
  const unsigned char* at = der.data();
  return KeyHandle(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
}

// Every signature of the file whose hash TLS uses, by each layer that this CPU runs.
void check_wycheproof(const std::string& vectors, Random& random) {
  std::string loaded;
  std::unique_ptr<RsaTestKey> key;
  std::size_t checked = 0;
  const auto check = [&](const nlohmann::json& group, const nlohmann::json& test) {
    const std::string hash = group.at("sha").get<std::string>();
    const Scheme* const scheme = hash == "SHA-256"   ? &kSchemes[0]
                                 : hash == "SHA-384" ? &kSchemes[1]
                                 : hash == "SHA-512" ? &kSchemes[2]
                                                     : nullptr;
    if (scheme == nullptr) return;  // SHA-1 and SHA-224 are not ours
    const std::string pkcs8 = group.at("privateKeyPkcs8").get<std::string>();
    if (loaded != pkcs8) {
      loaded = pkcs8;
      KeyHandle handle = key_of(group);
      const RsaNumbers numbers(handle.get());
      if (16 * numbers.p.size() != 8 * numbers.n.size()) {
        // A few keys have primes of unequal size, which is not ours.
        crypto::RsaPrivateKey ours;
        EXPECT_EQ(ours.load(numbers.view()), crypto::RsaKeyError::PrimeSize);
        key.reset();
      } else {
        key = std::make_unique<RsaTestKey>(std::move(handle));
      }
    }
    if (key == nullptr) return;
    const Bytes digest = digest_of(scheme->digest(), from_hex(test.at("msg").get<std::string>()));
    Bytes message(key->size());
    ASSERT_TRUE(crypto::rsa_encode(scheme->ours, digest, message, entropy(random)));
    for (const RsaLayer& layer : rsa_layers()) {
      if (!layer.runs_on(crypto::detect_cpu()) || (layer.is_slow && checked % 16 != 0)) continue;
      if (layer.sizes == 1 && key->size() != 2048 / 8) continue;
      SCOPED_TRACE(layer.name);
      crypto::RsaBlinding blinding;
      RsaRequests requests;
      requests.add(*key, message, blinding);
      requests.sign(layer, random);
      ASSERT_TRUE(requests.done(0));
      ASSERT_EQ(to_hex(requests.signature(0)), test.at("sig").get<std::string>());
    }
    ++checked;
  };
  BREAKWATER_FOR_EACH_WYCHEPROOF(vectors, check);
  EXPECT_GT(checked, 20U);
}

TEST_F(RsaPaddingTest, WycheproofSignatures2048) { check_wycheproof("rsa_pkcs1_2048_sig_gen_test.json", random_); }
TEST_F(RsaPaddingTest, WycheproofSignatures3072) { check_wycheproof("rsa_pkcs1_3072_sig_gen_test.json", random_); }
TEST_F(RsaPaddingTest, WycheproofSignatures4096) { check_wycheproof("rsa_pkcs1_4096_sig_gen_test.json", random_); }

}  // namespace
}  // namespace breakwater::test
