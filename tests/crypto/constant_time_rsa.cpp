#include "tests/crypto/constant_time_rsa.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include "core/crypto/implementation.h"
#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_private_key.h"
#include "tests/crypto/constant_time_support.h"

namespace breakwater::test::constant_time {

namespace {

using crypto::kLanes;

// Made by `openssl genrsa 2048` for this test, and used for nothing else.
constexpr std::string_view kModulus =
    "b23f457b97c421b96bf229367977d1cbc9fec380195906b6ffa33d9309759c2d0d67fc73788469438bba5c7b7854f8a07f71c10f5d975adf"
    "6504210482c6c9c6f24501686726f6ee68ee7ff8da3cfa52b274aa9e7fa285cf6d4b3781773a9a27dd4af42f27ad86056e2d0776cc5b0606"
    "fc8cc9db628f0253765c3663d86b2ceebf0a714882b39a59d4237bd7a4382c586e0b0da61c073d334b263610e8ec8095c873e585b80a4dd5"
    "853d605be46aa56387d45003b33eac809564b1315315592497fbe6b447fc6cbd3049090707d0d0a2ed8664ff197d7fafa6171b8a9a29341a"
    "a46891ea0081718d27b70d4821f22bda303b3e0f67b1fbd042e507f6432a71ff";
constexpr std::string_view kPrimeP =
    "d91153d39bf8d053beab3c6e1edb85d523298953b205d69776a1e483878be8fa908fa7700b7c3d5f4a6b3490811878e414c2e128e211a454"
    "1f5b069c4ca3b2d47c39cd943de0ac2aeca63a5102d491529acc78c1a1c924e2896b895fa09bb13926b098c36c4063e9c2f42ff89ee49b27"
    "73e6324accf84eb68938da0acd4c7957";
constexpr std::string_view kPrimeQ =
    "d2377f5da47e2cb0fcdf3afcfc937d56c218662c594a07996a8509691369a9217983489873fe2c9754cebe55c8c92f43762dd61abd7561c0"
    "14352ba70939d1ee30f867b86ffce0b08f68fe1805c971bfe331b54dfd5e69bc1e507b1937ce8566303c6371f5a1bca44d5e67b933848fdd"
    "9a7304d7b4dcf0587c71e300d0cc5b99";
constexpr std::string_view kExponentP =
    "1d1d1bd727f6494ad229f962f3b491d0b274a1bc9e05f6703e331c891fa6fe4a8d15176a09c05222f3c2493c90740dd2d98e01d10ff139cf"
    "269d78d781d7fae650fb17bda846f81091c901cd57c9d6ebf36335571331fd467d13f54ae429bdad62a910f43512b5d3e69805cf1cd0a096"
    "bc0ec5f40e65c778e812bdfbf0e92ee5";
constexpr std::string_view kExponentQ =
    "91c1bb4531a5eed4f530cf14d5086af2b9f7f2f8331cfa71ec82bc08a8562dd83109cf4f2db6023317b19615a2f7a416d19d6c83f3f3acc8"
    "62fa8efeed8db2bac627a6bb22a3232428fbb29af3803ea7bf1f1b482d32c67b924559651de5cb671470fabeec82ad6afade476b098693be"
    "22b637985d26885bc245b11142b53f99";
constexpr std::string_view kCoefficient =
    "b9649b646d6d6af4778e98155c611f8b7796d5e3d61ce662241972679c16c4b31efe2b71244b92afdf3b7561585fd7973feb4cf8ed44397e"
    "4a0cfbe988df659077a000086af57f0e0832e6703c34ed6e1bd9fb37b700120cb2e6ac3b6df6df8a306385a99068fe80eb6e3c9b940b3f41"
    "371166ed60147eb5076f96d94cd1c9c7";

template <std::size_t kSize>
std::array<std::uint8_t, kSize> from_hex(std::string_view hex) {
  std::array<std::uint8_t, kSize> bytes{};
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  const std::size_t first = kSize - hex.size() / 2;
  for (std::size_t i = first; i < kSize; ++i) {
    const std::size_t at = 2 * (i - first);
    bytes[i] = static_cast<std::uint8_t>(digit(hex[at]) << 4 | digit(hex[at + 1]));
  }
  return bytes;
}

// Every byte is as secret as the key: it blinds it.
void fill(void* counter, MutableBytes out) noexcept {
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(*static_cast<std::uint32_t*>(counter) += 2654435761U);
  static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(out.data(), out.size()));
}

void expect_of(const char* layer, bool condition, const char* what) {
  if (!condition) std::fprintf(stderr, "RSA, %s:\n", layer);
  expect(condition, what);
}

crypto::RsaKeyError load(crypto::RsaPrivateKey& key) {
  const auto n = from_hex<256>(kModulus);
  auto p = from_hex<128>(kPrimeP), q = from_hex<128>(kPrimeQ);
  auto dp = from_hex<128>(kExponentP), dq = from_hex<128>(kExponentQ), qinv = from_hex<128>(kCoefficient);
  for (auto* const secret : {&p, &q, &dp, &dq, &qinv}) poison(*secret);
  const std::array<std::uint8_t, 3> e{1, 0, 1};
  return key.load({n, e, p, q, dp, dq, qinv});
}

// Signs `count` messages twice: the blinding is made, then squared.
template <class Sign>
void check(const char* layer, const crypto::RsaPrivateKey& key, std::size_t count, Sign&& sign) {
  static crypto::RsaScratch scratch;
  crypto::RsaBlinding blinding;
  std::uint32_t counter = 0;
  const Entropy random{fill, &counter};
  std::array<std::array<std::uint8_t, 256>, kLanes> messages{}, signatures;
  std::array<crypto::RsaSignRequest, kLanes> requests;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < count; ++i) {
      messages[i].fill(static_cast<std::uint8_t>(0x11 * (i + 1)));
      requests[i] = {
          .signature = signatures[i].data(), .key = &key, .message = messages[i].data(), .blinding = &blinding};
    }
    messages[count - 1].fill(0xff);  // not below the modulus: refused, which may be known
    sign(std::span(requests).first(count), random, scratch);
    for (std::size_t i = 0; i < count; ++i) {
      expect_of(layer, requests[i].done == (i != count - 1), "which message is refused");
      expect_of(layer, is_poisoned(signatures[i]) == (i != count - 1), "a signature depends on the key");
    }
  }
  expect_of(layer, is_poisoned(blinding.slots[0].p.forward), "the blinding is random");
}

}  // namespace

void check_rsa() {
  static crypto::RsaPrivateKey key;
  const crypto::RsaKeyError error = load(key);
  expect_of("key", error == crypto::RsaKeyError::None, crypto::rsa_key_error_text(error));
  if (error != crypto::RsaKeyError::None) return;
  const auto one_by_one = [](const crypto::RsaFunctions& rsa) {
    return [&rsa](std::span<crypto::RsaSignRequest> requests, const Entropy& random, crypto::RsaScratch& scratch) {
      for (crypto::RsaSignRequest& request : requests) rsa.sign(request, random, scratch);
    };
  };
  check("portable", key, 2, one_by_one(crypto::kRsaPortable));
#if defined(__x86_64__)
  check("adx", key, 2, one_by_one(crypto::adx::kRsa));
#endif
  check("emulated lanes", key, 2, crypto::emulated::kRsaLanes.sign);
  check("emulated lanes, full", key, kLanes, crypto::emulated::kRsaLanes.sign);
  check("emulated lanes, schoolbook", key, 2, crypto::emulated::kRsaLanesSchoolbook.sign);
}

}  // namespace breakwater::test::constant_time
