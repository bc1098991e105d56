// What is read from PEM, and the message for everything that cannot be used.
#include "library/src/certificate_loader.h"

#include <gtest/gtest.h>

#include <array>

#include "library/src/certificate_message.h"
#include "tests/library/pairs.h"

namespace breakwater::test {
namespace {

std::string error_of(const CertificateOptions& options) { return load_certificate(options, 1).error; }

std::unique_ptr<LoadedCertificate> load(const CertificateOptions& options) {
  LoadResult result = load_certificate(options, 1);
  EXPECT_EQ(result.error, "");
  return std::move(result.certificate);
}

std::vector<int> codes(const LoadedCertificate& certificate) {
  std::vector<int> list;
  for (const tls::SignatureScheme scheme : certificate.chain_schemes) list.push_back(static_cast<int>(scheme));
  return list;
}

TEST(CertificateLoader, TakesEcdsaP256) {
  const Pair pair = issue(p256_key(), {.dns = {"B.example", "a.example", "b.example"}});
  const auto loaded = load(pair.options());
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(loaded->key.type, batch::KeyType::EcdsaP256);
  EXPECT_EQ(loaded->key.sign, nullptr);
  EXPECT_EQ(loaded->names, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(loaded->origin, "pair.pem");
}

TEST(CertificateLoader, TakesRsaAndItsSignerMakesEveryScheme) {
  const Pair pair = issue(rsa_key(), {.dns = {"a.example"}});
  const auto loaded = load(pair.options());
  ASSERT_NE(loaded, nullptr);
  ASSERT_EQ(loaded->key.type, batch::KeyType::Rsa);
  const std::pair<tls::SignatureScheme, std::size_t> schemes[] = {
      {tls::SignatureScheme::RsaPkcs1Sha256, 32},   {tls::SignatureScheme::RsaPkcs1Sha384, 48},
      {tls::SignatureScheme::RsaPkcs1Sha512, 64},   {tls::SignatureScheme::RsaPssRsaeSha256, 32},
      {tls::SignatureScheme::RsaPssRsaeSha384, 48}, {tls::SignatureScheme::RsaPssRsaeSha512, 64}};
  for (const auto& [scheme, digest_size] : schemes) {
    const std::vector<std::uint8_t> digest(digest_size, 0x5A);
    std::vector<std::uint8_t> out(512);
    EXPECT_EQ(loaded->key.sign(loaded->key, scheme, digest, out), 256u) << static_cast<int>(scheme);
    // A digest of another length is a mistake of the caller, not something to sign.
    EXPECT_EQ(loaded->key.sign(loaded->key, scheme, std::span(digest).first(digest_size - 1), out), 0u);
    // So is room that is too small.
    EXPECT_EQ(loaded->key.sign(loaded->key, scheme, digest, std::span(out).first(255)), 0u);
  }
  std::vector<std::uint8_t> out(512);
  const std::vector<std::uint8_t> digest(32, 1);
  EXPECT_EQ(loaded->key.sign(loaded->key, tls::SignatureScheme::EcdsaSecp256r1Sha256, digest, out), 0u);
}

TEST(CertificateLoader, RsaSignaturesVerifyElsewhere) {
  const Pair pair = issue(rsa_key(), {.dns = {"a.example"}});
  const auto loaded = load(pair.options());
  ASSERT_NE(loaded, nullptr);
  const std::string message = "signed by one interface, verified by another";
  std::array<std::uint8_t, 32> digest;
  ASSERT_EQ(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr), 1);
  for (const bool pss : {false, true}) {
    std::vector<std::uint8_t> out(512);
    const auto scheme = pss ? tls::SignatureScheme::RsaPssRsaeSha256 : tls::SignatureScheme::RsaPkcs1Sha256;
    out.resize(loaded->key.sign(loaded->key, scheme, digest, out));
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* key_context = nullptr;
    ASSERT_EQ(EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), nullptr, pair.key.get()), 1);
    if (pss) {
      EVP_PKEY_CTX_set_rsa_padding(key_context, 6);       // RSA_PKCS1_PSS_PADDING
      EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32);  // exactly, as RFC 8446 4.2.3 wants it
    }
    EXPECT_EQ(EVP_DigestVerify(context, out.data(), out.size(), reinterpret_cast<const std::uint8_t*>(message.data()),
                               message.size()),
              1)
        << "pss: " << pss;
    EVP_MD_CTX_free(context);
  }
}

TEST(CertificateLoader, TakesExpiredCertificates) {
  const Pair pair = issue(p256_key(), {.dns = {"a.example"}, .expired = true});
  EXPECT_NE(load(pair.options()), nullptr);
}

TEST(CertificateLoader, EncodesTheChainForBothVersions) {
  const Pair root = issue(rsa_key(), {.common_name = "root"});
  const Pair middle = issue(ec_key("P-384"), {.common_name = "middle", .digest = EVP_sha512(), .issuer = &root});
  const Pair leaf =
      issue(p256_key(), {.dns = {"a.example"}, .common_name = "leaf", .digest = EVP_sha384(), .issuer = &middle});
  CertificateOptions options = leaf.options();
  options.chain_pem += middle.chain_pem() + root.chain_pem();
  const auto loaded = load(options);
  ASSERT_NE(loaded, nullptr);

  std::vector<std::uint8_t> list12, list13;
  for (const Pair* const pair : {&leaf, &middle, &root}) {
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(pair->certificate.get(), &der);
    const std::uint8_t prefix[3] = {0, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    for (auto* const list : {&list12, &list13}) {
      list->insert(list->end(), prefix, prefix + 3);
      list->insert(list->end(), der, der + size);
    }
    list13.insert(list13.end(), 2, 0);
    OPENSSL_free(der);
  }
  std::vector<std::uint8_t> body12 = {0, static_cast<std::uint8_t>(list12.size() >> 8),
                                      static_cast<std::uint8_t>(list12.size())};
  body12.insert(body12.end(), list12.begin(), list12.end());
  std::vector<std::uint8_t> body13 = {0, 0, static_cast<std::uint8_t>(list13.size() >> 8),
                                      static_cast<std::uint8_t>(list13.size())};
  body13.insert(body13.end(), list13.begin(), list13.end());
  EXPECT_EQ(loaded->message_tls12, body12);
  EXPECT_EQ(loaded->message_tls13, body13);
  // ecdsa with SHA-384, rsa_pkcs1_sha512; the self-signed root is no client's concern.
  EXPECT_EQ(codes(*loaded), (std::vector<int>{0x0503, 0x0601}));
}

TEST(CertificateLoader, KnowsTheSchemesOfOtherIssuers) {
  const Pair rsa = issue(rsa_key(), {.common_name = "rsa"});
  const Pair ed = issue(key_of_type("ED25519"), {.common_name = "ed"});
  const Pair p256 = issue(p256_key(), {.common_name = "p256"});
  const auto scheme = [](Recipe recipe) {
    recipe.dns = {"a.example"};
    return codes(*load(issue(p256_key(), recipe).options()));
  };
  EXPECT_EQ(scheme({.issuer = &rsa, .pss = true}), std::vector<int>{0x0804});
  EXPECT_EQ(scheme({.digest = EVP_sha384(), .issuer = &rsa, .pss = true}), std::vector<int>{0x0805});
  EXPECT_EQ(scheme({.issuer = &rsa}), std::vector<int>{0x0401});
  EXPECT_EQ(scheme({.issuer = &ed}), std::vector<int>{0x0807});
  EXPECT_EQ(scheme({.issuer = &p256}), std::vector<int>{0x0403});
  EXPECT_EQ(scheme({}), std::vector<int>{});
}

TEST(CertificateLoader, RefusesWhatIsNoCertificate) {
  CertificateOptions options = issue(p256_key(), {.dns = {"a.example"}}).options();
  const std::string chain = options.chain_pem;
  options.chain_pem = "";
  EXPECT_EQ(error_of(options), "pair.pem: no certificate in it: a PEM block BEGIN CERTIFICATE is needed");
  options.chain_pem = options.key_pem;
  EXPECT_EQ(error_of(options), "pair.pem: no certificate in it: a PEM block BEGIN CERTIFICATE is needed");
  options.chain_pem = chain + "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(error_of(options).rfind("pair.pem: certificate 2 cannot be read", 0), 0u) << error_of(options);
  options.chain_pem = std::string((1 << 20) + 1, ' ');
  EXPECT_EQ(error_of(options), "pair.pem: the certificate file is longer than 1 MiB");
}

TEST(CertificateLoader, NamesCertificatesWithoutOriginByNumber) {
  EXPECT_EQ(load_certificate({}, 3).error,
            "certificate 3: no certificate in it: a PEM block BEGIN CERTIFICATE is needed");
}

TEST(CertificateLoader, RefusesKeysItCannotRead) {
  const Pair pair = issue(p256_key(), {.dns = {"a.example"}});
  CertificateOptions options = pair.options();
  options.key_pem = "";
  EXPECT_EQ(error_of(options), "pair.pem: no private key was given");
  options.key_pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_EQ(error_of(options).rfind("pair.pem: the private key cannot be read", 0), 0u) << error_of(options);
  options.key_pem = options.chain_pem;
  EXPECT_EQ(error_of(options).rfind("pair.pem: the private key cannot be read", 0), 0u) << error_of(options);
  options.key_pem = pair.encrypted_key_pem();
  EXPECT_EQ(error_of(options), "pair.pem: the private key is encrypted: decrypt it first (openssl pkey)");
  options.key_pem = std::string((1 << 20) + 1, ' ');
  EXPECT_EQ(error_of(options), "pair.pem: the private key file is longer than 1 MiB");
}

TEST(CertificateLoader, RefusesKeysOfOtherCertificates) {
  const Pair pair = issue(p256_key(), {.dns = {"a.example"}});
  const Pair other = issue(p256_key(), {.common_name = "other"});
  CertificateOptions options = pair.options();
  options.key_pem = other.key_pem();
  EXPECT_EQ(error_of(options), "pair.pem: the private key does not belong to the certificate");
  options.chain_pem += other.chain_pem();
  EXPECT_EQ(error_of(options), "pair.pem: the private key belongs to certificate 2 of the chain: put that one first");
  options.key_pem = issue(rsa_key(), {}).key_pem();
  EXPECT_EQ(error_of(options), "pair.pem: the private key does not belong to the certificate");
}

TEST(CertificateLoader, RefusesOtherKeyTypes) {
  const auto error = [](KeyHandle key) { return error_of(issue(std::move(key), {.dns = {"a.example"}}).options()); };
  EXPECT_EQ(error(ec_key("P-384")), "pair.pem: the key is on the curve secp384r1: ECDSA keys must be on P-256");
  EXPECT_EQ(error(key_of_type("ED25519")),
            "pair.pem: keys of type ED25519 are not supported: ECDSA on P-256 and RSA are");
  EXPECT_EQ(error(rsa_key(1024)), "pair.pem: the RSA key has 1024 bits: from 2048 to 4096 are supported");
  EXPECT_EQ(error(rsa_key(2040)), "pair.pem: the RSA key has 2040 bits: from 2048 to 4096 are supported");
}

TEST(CertificateLoader, RefusesRsaKeysThatAreTooLongOrHollow) {
  const Pair issuer = issue(p256_key(), {.common_name = "issuer"});
  const auto error = [&](int bits) {
    return error_of(issue(hollow_rsa_key(bits), {.dns = {"a.example"}, .issuer = &issuer}).options());
  };
  EXPECT_EQ(error(4104), "pair.pem: the RSA key has 4104 bits: from 2048 to 4096 are supported");
  EXPECT_EQ(error(2048), "pair.pem: the private key makes wrong signatures: its parts do not belong together");
}

TEST(CertificateLoader, TakesNamesFromWhereTheyAre) {
  const auto names = [](const Recipe& recipe, std::vector<std::string> given = {}) {
    CertificateOptions options = issue(p256_key(), recipe).options();
    options.names = std::move(given);
    return load(options)->names;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(names({.common_name = "CN.example"}), List{"cn.example"});
  EXPECT_EQ(names({.common_name = "An Organisation"}), List{});  // free text is no host name
  EXPECT_EQ(names({.dns = {"*.a.example"}, .common_name = "cn.example"}), List{"*.a.example"});
  // subjectAltName is there, so the common name does not count (RFC 6125 6.4.4).
  EXPECT_EQ(names({.address = "127.0.0.1", .common_name = "cn.example"}), List{});
  EXPECT_EQ(names({.dns = {"a.example"}}, {"Given.example"}), List{"given.example"});
}

TEST(CertificateLoader, RefusesNamesNobodyCanAskFor) {
  const Pair pair = issue(p256_key(), {.dns = {"a.example"}});
  const auto error = [&](const std::string& name) {
    CertificateOptions options = pair.options();
    options.names = {name};
    return error_of(options);
  };
  const std::string wildcard = "a wildcard must be the whole first label, as in *.example.com";
  EXPECT_EQ(error("w*.example"), "pair.pem: the host name \"w*.example\" cannot be served: " + wildcard);
  EXPECT_EQ(error("*"), "pair.pem: the host name \"*\" cannot be served: " + wildcard);
  EXPECT_EQ(error("a.*.example"), "pair.pem: the host name \"a.*.example\" cannot be served: " + wildcard);
  EXPECT_EQ(error("*.*.example"), "pair.pem: the host name \"*.*.example\" cannot be served: " + wildcard);
  EXPECT_EQ(error(""), "pair.pem: the host name \"\" cannot be served: it is empty");
  EXPECT_EQ(error("a..b"), "pair.pem: the host name \"a..b\" cannot be served: a label between its dots is empty");
  EXPECT_EQ(error("a."), "pair.pem: the host name \"a.\" cannot be served: a label between its dots is empty");
  EXPECT_EQ(error("*."), "pair.pem: the host name \"*.\" cannot be served: a label between its dots is empty");
  EXPECT_EQ(
      error("a b\n"),
      "pair.pem: the host name \"a b?\" cannot be served: only letters, digits, '-' and '_' may stand in a label");
  EXPECT_NE(error(std::string(64, 'a')).find("longer than 63 characters"), std::string::npos);
  EXPECT_EQ(error(std::string(63, 'a')), "");
  std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + ".";
  longest += std::string(61, 'd');
  EXPECT_EQ(error(longest), "");
  EXPECT_NE(error(longest + "d").find("longer than 253 characters"), std::string::npos);
  // The same rules hold for the certificate's own names; a zero byte in one is an old trick.
  const Pair trick = issue(p256_key(), {.dns = {std::string("a.example\0.evil", 15)}});
  EXPECT_EQ(error_of(trick.options()),
            "pair.pem: the host name \"a.example?.evil\" cannot be served: only letters, digits, '-' and '_' may stand "
            "in a label");
}

TEST(CertificateLoader, RefusesChainsThatFillAFlight) {
  CertificateOptions options = issue(p256_key(), {.dns = {"a.example"}}).options();
  const std::string one = options.chain_pem;
  while (options.chain_pem.size() < 120000) options.chain_pem += one;
  EXPECT_EQ(error_of(options), "pair.pem: the certificate chain is longer than 64 KiB");
}

}  // namespace
}  // namespace breakwater::test
