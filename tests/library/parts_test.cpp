// Small parts: slab, queue, names, key log, self-signed certificates.
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cstring>
#include <functional>
#include <set>

#include "core/tls/config.h"
#include "library/src/certificate_loader.h"
#include "library/src/key_log.h"
#include "library/src/link_queue.h"
#include "library/src/names.h"
#include "library/src/openssl_handles.h"
#include "library/src/slab.h"

namespace breakwater::test {
namespace {

struct alignas(64) Wide {
  std::uint8_t bytes[200];
};

TEST(Slab, GivesDistinctAlignedSlots) {
  Slab<Wide> slab;
  std::set<void*> slots;
  for (int i = 0; i < 2000; ++i) {  // several blocks
    void* const slot = slab.take();
    ASSERT_NE(slot, nullptr);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(slot) % 64, 0u);
    std::memset(slot, i & 0xFF, sizeof(Wide));
    ASSERT_TRUE(slots.insert(slot).second);
  }
  std::uintptr_t previous = 0;
  for (void* const slot : slots) {
    ASSERT_GE(reinterpret_cast<std::uintptr_t>(slot) - previous, sizeof(Wide));
    previous = reinterpret_cast<std::uintptr_t>(slot);
  }
}

TEST(Slab, TakesTheLastGivenBackFirst) {
  Slab<Wide> slab;
  void* const first = slab.take();
  void* const second = slab.take();
  slab.give_back(first);
  slab.give_back(second);
  EXPECT_EQ(slab.take(), second);
  EXPECT_EQ(slab.take(), first);
}

TEST(Slab, NeedsNoNewBlockForWhatCameBack) {
  Slab<Wide> slab;
  std::set<void*> slots;
  for (int i = 0; i < 1000; ++i) slots.insert(slab.take());
  for (int round = 0; round < 3; ++round) {
    for (void* const slot : slots) slab.give_back(slot);
    std::set<void*> again;
    for (int i = 0; i < 1000; ++i) again.insert(slab.take());
    EXPECT_EQ(again, slots);
  }
}

struct Numbered : QueueLink {
  explicit Numbered(int value) : number(value) {}
  int number;
};

std::vector<int> drain(LinkQueue& queue) {
  std::vector<int> numbers;
  while (QueueLink* const link = queue.first()) {
    numbers.push_back(static_cast<Numbered*>(link)->number);
    link->unlink();
  }
  return numbers;
}

TEST(LinkQueue, KeepsOrderThroughLeavingAndJoining) {
  Numbered one(1), two(2), three(3), four(4);
  LinkQueue queue, other;
  for (Numbered* const link : {&one, &two, &three}) queue.append(*link);
  two.unlink();
  EXPECT_FALSE(two.queued());
  queue.append(two);
  other.append(four);
  queue.append_all(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(drain(queue), (std::vector<int>{1, 3, 2, 4}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.first(), nullptr);
}

TEST(LinkQueue, MovesToAndFromEmptyQueues) {
  Numbered one(1), two(2);
  LinkQueue queue, other;
  queue.append_all(other);
  EXPECT_TRUE(queue.empty());
  other.append(one);
  other.append(two);
  queue.append_all(other);
  one.unlink();
  two.unlink();
  EXPECT_TRUE(queue.empty());
  other.append(one);  // the queue that gave all away is whole
  EXPECT_EQ(drain(other), std::vector<int>{1});
}

TEST(Names, AreThoseOfTheRegistries) {
  EXPECT_EQ(suite_name(tls::CipherSuite::EcdheRsaChaCha20Poly1305Sha256),
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(suite_name(tls::CipherSuite::None), "");
  EXPECT_EQ(group_name(tls::Group::Secp256r1), "secp256r1");
  EXPECT_EQ(group_name(tls::Group::None), "");
  EXPECT_EQ(scheme_name(tls::SignatureScheme::RsaPssRsaeSha512), "rsa_pss_rsae_sha512");
  EXPECT_EQ(scheme_name(tls::SignatureScheme::EcdsaSecp256r1Sha256), "ecdsa_secp256r1_sha256");
  EXPECT_EQ(scheme_name(tls::SignatureScheme::None), "");
  EXPECT_EQ(alert_name(0), "close_notify");
  EXPECT_EQ(alert_name(40), "handshake_failure");
  EXPECT_EQ(alert_name(120), "no_application_protocol");
  EXPECT_EQ(alert_name(255), "unknown");
}

TEST(Names, AreFoundAgain) {
  for (const tls::CipherSuite suite : tls::kDefaultSuites) EXPECT_EQ(find_suite(suite_name(suite)), suite);
  for (const tls::Group group : tls::kDefaultGroups) EXPECT_EQ(find_group(group_name(group)), group);
  EXPECT_EQ(find_suite(""), std::nullopt);
  EXPECT_EQ(find_suite("tls_aes_128_gcm_sha256"), std::nullopt);
}

TEST(KeyLog, WritesNssLines) {
  std::string line;
  std::function<void(std::string_view)> sink = [&](std::string_view text) { line = text; };
  std::vector<std::uint8_t> random(32, 0xA0);
  std::vector<std::uint8_t> secret(48, 0x1F);
  random[31] = 0x0B;
  write_key_log_line(&sink, "SERVER_HANDSHAKE_TRAFFIC_SECRET", random, secret);
  std::string expected = "SERVER_HANDSHAKE_TRAFFIC_SECRET ";
  for (int i = 0; i < 31; ++i) expected += "a0";
  expected += "0b ";
  for (int i = 0; i < 48; ++i) expected += "1f";
  EXPECT_EQ(line, expected);
}

TEST(KeyLog, DropsWhatItsFunctionThrows) {
  std::function<void(std::string_view)> sink = [](std::string_view) { throw std::bad_alloc(); };
  const std::vector<std::uint8_t> bytes(32);
  write_key_log_line(&sink, "CLIENT_RANDOM", bytes, bytes);
}

class SelfSigned : public testing::TestWithParam<SelfSignedKey> {
 protected:
  static X509Handle parse(const std::string& pem) {
    const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return X509Handle(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  }
};

TEST_P(SelfSigned, IsTrustedForItsNamesByThoseWhoTrustIt) {
  const std::string names[] = {"LocalHost", "*.test.example", "127.0.0.1", "::1"};
  const auto options = make_self_signed(GetParam(), names);
  ASSERT_TRUE(options.has_value());
  const X509Handle certificate = parse(options->chain_pem);
  ASSERT_NE(certificate, nullptr);

  X509_STORE* const store = X509_STORE_new();
  X509_STORE_CTX* const context = X509_STORE_CTX_new();
  X509_STORE_add_cert(store, certificate.get());
  X509_STORE_CTX_init(context, store, certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  EXPECT_EQ(X509_verify_cert(context), 1) << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);

  EXPECT_EQ(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "a.test.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "other.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()), X509_get0_notAfter(certificate.get()));
  EXPECT_EQ(days, 90);
}

TEST_P(SelfSigned, LoadsAndServesItsDnsNames) {
  const std::string names[] = {"localhost", "127.0.0.1"};
  const auto options = make_self_signed(GetParam(), names);
  ASSERT_TRUE(options.has_value());
  const LoadResult loaded = load_certificate(*options, 1);
  ASSERT_EQ(loaded.error, "");
  EXPECT_EQ(loaded.certificate->names, std::vector<std::string>{"localhost"});
}

TEST_P(SelfSigned, HasItsOwnSerialNumberEachTime) {
  const std::string names[] = {"localhost"};
  const X509Handle one = parse(make_self_signed(GetParam(), names)->chain_pem);
  const X509Handle other = parse(make_self_signed(GetParam(), names)->chain_pem);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(other.get())), 0);
  const BignumHandle number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(one.get()), nullptr));
  EXPECT_FALSE(BN_is_negative(number.get()));
  EXPECT_EQ(BN_num_bits(number.get()), 127);
}

TEST_P(SelfSigned, NeedsUsableNames) {
  EXPECT_FALSE(make_self_signed(GetParam(), {}).has_value());
  const std::string names[] = {"localhost", "not a name"};
  EXPECT_FALSE(make_self_signed(GetParam(), names).has_value());
  const std::string long_name[] = {std::string(60, 'a') + "." + std::string(60, 'b')};  // too long for a common name
  EXPECT_TRUE(make_self_signed(GetParam(), long_name).has_value());
}

INSTANTIATE_TEST_SUITE_P(BothTypes, SelfSigned, testing::Values(SelfSignedKey::EcdsaP256, SelfSignedKey::Rsa2048),
                         [](const auto& parameter) {
                           return parameter.param == SelfSignedKey::EcdsaP256 ? "Ecdsa" : "Rsa";
                         });

}  // namespace
}  // namespace breakwater::test
