// SipHash against the vectors of its authors and against libcrypto, with the rounds that we use and those of the paper.
#include "core/guard/siphash.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <memory>
#include <numeric>
#include <random>
#include <vector>

namespace breakwater::test {
namespace {

using guard::SipKey;
using Bytes = std::vector<std::uint8_t>;

std::uint64_t by_libcrypto(const Bytes& key, const Bytes& message, unsigned rounds, unsigned last_rounds) {
  struct Free {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  static const std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr));
  const std::unique_ptr<EVP_MAC_CTX, Free> context(EVP_MAC_CTX_new(mac.get()));
  std::size_t size = 8;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                               OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &rounds),
                               OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &last_rounds),
                               OSSL_PARAM_construct_end()};
  std::uint8_t out[8] = {};
  EXPECT_EQ(EVP_MAC_init(context.get(), key.data(), key.size(), params), 1);
  EXPECT_EQ(EVP_MAC_update(context.get(), message.data(), message.size()), 1);
  EXPECT_EQ(EVP_MAC_final(context.get(), out, &size, sizeof out), 1);
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | out[i];
  return value;
}

SipKey key_of(const Bytes& bytes) {
  SipKey key{};
  for (std::size_t i = 0; i < 16; ++i) key.words[i / 8] |= std::uint64_t{bytes[i]} << 8 * (i % 8);
  return key;
}

// The paper's appendix A, and the first of its authors' list.
TEST(SipHash, Vectors) {
  Bytes key(16), message(15);
  std::iota(key.begin(), key.end(), 0);
  std::iota(message.begin(), message.end(), 0);
  EXPECT_EQ((guard::siphash<2, 4>(key_of(key), message)), 0xa129ca6149be45e5U);
  EXPECT_EQ((guard::siphash<2, 4>(key_of(key), {})), 0x726fdb47dd0e0e31U);
}

TEST(SipHash, AgreesWithLibcrypto) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 70; ++size) {
    for (int i = 0; i < 20; ++i) {
      Bytes key(16), message(size);
      for (Bytes* const bytes : {&key, &message}) {
        for (std::uint8_t& byte : *bytes) byte = static_cast<std::uint8_t>(random());
      }
      EXPECT_EQ((guard::siphash<2, 4>(key_of(key), message)), by_libcrypto(key, message, 2, 4));
      EXPECT_EQ((guard::siphash<1, 3>(key_of(key), message)), by_libcrypto(key, message, 1, 3));
      if (size == 16) {
        const SipKey words = key_of(message);
        EXPECT_EQ(guard::keyed_hash(key_of(key), words.words[0], words.words[1]), by_libcrypto(key, message, 1, 3));
      }
    }
  }
}

}  // namespace
}  // namespace breakwater::test
