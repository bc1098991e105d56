#include "tests/crypto/rsa_support.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace breakwater::test {

namespace {

void require(bool condition) {
  if (condition) return;
  std::fprintf(stderr, "libcrypto call failed\n");
  std::abort();
}

Bignum number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return Bignum(number);
}

Bytes bytes_of(const BIGNUM* number) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

std::string pem_of(const EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  require(bio != nullptr && PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

void fill_from(void* context, MutableBytes out) noexcept {
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(static_cast<Random*>(context)->word());
}

}  // namespace

RsaNumbers::RsaNumbers(const EVP_PKEY* key)
    : n(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_N).get())),
      e(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_E).get())),
      p(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR1).get())),
      q(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR2).get())),
      dp(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_EXPONENT1).get())),
      dq(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_EXPONENT2).get())),
      qinv(bytes_of(number_of(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1).get())) {}

RsaNumbers::RsaNumbers(const BIGNUM* first, const BIGNUM* second, unsigned long exponent)
    : p(bytes_of(first)), q(bytes_of(second)) {
  const std::unique_ptr<BN_CTX, Free> context(BN_CTX_new());
  const Bignum number(BN_new()), order(BN_new()), public_exponent(BN_new());
  require(BN_mul(number.get(), first, second, context.get()) == 1);
  n = bytes_of(number.get());
  require(BN_set_word(public_exponent.get(), exponent) == 1);
  e = bytes_of(public_exponent.get());
  const auto inverse_exponent = [&](const BIGNUM* prime) {
    require(BN_sub(order.get(), prime, BN_value_one()) == 1);
    require(BN_mod_inverse(number.get(), public_exponent.get(), order.get(), context.get()) != nullptr);
    return bytes_of(number.get());
  };
  dp = inverse_exponent(first);
  dq = inverse_exponent(second);
  require(BN_mod_inverse(number.get(), second, first, context.get()) != nullptr);
  qinv = bytes_of(number.get());
}

RsaTestKey::RsaTestKey(KeyHandle key)
    : reference(std::move(key)), pem(pem_of(reference.get())), n_(number_of(reference.get(), OSSL_PKEY_PARAM_RSA_N)) {
  const RsaNumbers numbers(reference.get());
  const crypto::RsaKeyError error = ours.load(numbers.view());
  EXPECT_EQ(error, crypto::RsaKeyError::None) << crypto::rsa_key_error_text(error) << '\n' << pem;
}

Bytes RsaTestKey::power(const Bytes& message) const {
  Bytes result(size());
  std::size_t length = result.size();
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(reference.get(), nullptr);
  require(context != nullptr && EVP_PKEY_sign_init(context) == 1 &&
          EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
          EVP_PKEY_sign(context, result.data(), &length, message.data(), message.size()) == 1 && length == size());
  EVP_PKEY_CTX_free(context);
  return result;
}

Bytes RsaTestKey::message(Random& random) const {
  Bytes message(size());
  for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random.word());
  if (BN_cmp(bignum(message).get(), n()) >= 0) message[0] &= 0x7f;
  return message;
}

KeyHandle make_rsa_key(unsigned bits, unsigned long e) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  const Bignum exponent(BN_new());
  EVP_PKEY* key = nullptr;
  require(context != nullptr && BN_set_word(exponent.get(), e) == 1 && EVP_PKEY_keygen_init(context) == 1 &&
          EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(bits)) == 1 &&
          EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent.get()) == 1 && EVP_PKEY_generate(context, &key) == 1);
  EVP_PKEY_CTX_free(context);
  return KeyHandle(key);
}

const RsaTestKey& rsa_test_key(std::size_t index) {
  static const std::array<RsaTestKey, 3> keys{RsaTestKey(make_rsa_key(2048, 65537)),
                                              RsaTestKey(make_rsa_key(3072, 65537)),
                                              RsaTestKey(make_rsa_key(4096, 65537))};
  return keys[index];
}

Entropy entropy(Random& random) { return {fill_from, &random}; }

void RsaLayer::sign(std::span<crypto::RsaSignRequest> requests, const Entropy& random) const {
  static crypto::RsaScratch scratch;
  if (lanes != nullptr) return lanes->sign(requests, random, scratch);
  for (crypto::RsaSignRequest& request : requests) single->sign(request, random, scratch);
}

std::vector<RsaLayer> rsa_layers() {
  return {
    {"portable", &crypto::kRsaPortable, nullptr, false, [](const crypto::CpuFeatures&) { return true; }},
        {"emulated", nullptr, &crypto::emulated::kRsaLanes, true, [](const crypto::CpuFeatures&) { return true; }},
        {"schoolbook_emulated",
         nullptr,
         &crypto::emulated::kRsaLanesSchoolbook,
         true,
         [](const crypto::CpuFeatures&) { return true; },
         1},
#if defined(__x86_64__)
        {"adx", &crypto::adx::kRsa, nullptr, false, [](const crypto::CpuFeatures& cpu) { return cpu.adx; }},
        {"ifma", nullptr, &crypto::ifma::kRsaLanes, false, [](const crypto::CpuFeatures& cpu) { return cpu.ifma; }},
        {"schoolbook_ifma",
         nullptr,
         &crypto::ifma::kRsaLanesSchoolbook,
         false,
         [](const crypto::CpuFeatures& cpu) { return cpu.ifma; },
         1},
#endif
  };
}

void RsaRequests::add(const RsaTestKey& key, const Bytes& message, crypto::RsaBlinding& blinding) {
  messages_[count_] = message;
  signatures_[count_].assign(key.size(), 0xaa);
  requests_[count_] = {.signature = signatures_[count_].data(),
                       .key = &key.ours,
                       .message = messages_[count_].data(),
                       .blinding = &blinding};
  ++count_;
}

void RsaRequests::sign(const RsaLayer& layer, Random& random) {
  layer.sign(std::span(requests_).first(count_), entropy(random));
}

}  // namespace breakwater::test
