// What the RSA tests share: keys made by libcrypto, its answers, and our layers.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/crypto/implementation.h"
#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_padding.h"
#include "core/crypto/rsa_private_key.h"
#include "tests/crypto/support.h"

namespace breakwater::test {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;

// A key's numbers as RsaPrivateKey wants them, free to be spoilt.
struct RsaNumbers {
  Bytes n, e, p, q, dp, dq, qinv;

  explicit RsaNumbers(const EVP_PKEY* key);
  // Made from the primes; the coefficient is that of (p, q) in this order.
  RsaNumbers(const BIGNUM* p, const BIGNUM* q, unsigned long e);
  crypto::RsaKeyNumbers view() const { return {n, e, p, q, dp, dq, qinv}; }
};

// A key in libcrypto's form and in ours.
struct RsaTestKey {
  KeyHandle reference;
  crypto::RsaPrivateKey ours;
  std::string pem;  // for the trace of a failure: keys are new in every run

  explicit RsaTestKey(KeyHandle key);
  std::size_t size() const { return ours.size(); }
  const BIGNUM* n() const { return n_.get(); }
  // message^d by libcrypto; the message is as long as the modulus and below it.
  Bytes power(const Bytes& message) const;
  // Below n, by length as long as n.
  Bytes message(Random& random) const;

 private:
  Bignum n_;
};

// One of each size, made once in a run: index 0, 1, 2 for 2048, 3072, 4096 bits.
const RsaTestKey& rsa_test_key(std::size_t index);
// As EVP_RSA_gen, with another public exponent.
KeyHandle make_rsa_key(unsigned bits, unsigned long e);

// Random's bytes, as Entropy.
Entropy entropy(Random& random);

// A layer, behind the interface of the lanes: the ones without sign one request after the other.
struct RsaLayer {
  const char* name;
  const crypto::RsaFunctions* single;
  const crypto::RsaLaneFunctions* lanes;
  bool is_slow;  // its loops are shortened
  bool (*runs_on)(const crypto::CpuFeatures& cpu);
  std::size_t sizes = 3;  // of the keys of rsa_test_key(), the first so many: with the others it does what another does

  void sign(std::span<crypto::RsaSignRequest> requests, const Entropy& random) const;
};
std::vector<RsaLayer> rsa_layers();
inline void PrintTo(const RsaLayer& layer, std::ostream* out) { *out << layer.name; }

// Once for each layer; skipped where the CPU lacks the instructions.
class RsaLayerTest : public testing::TestWithParam<RsaLayer> {
 protected:
  void SetUp() override {
    if (!GetParam().runs_on(crypto::detect_cpu()))
      GTEST_SKIP() << "this CPU lacks the instructions of " << GetParam().name;
  }
  // How often a loop runs.
  int rounds_of(int count) const { return rounds(GetParam().is_slow ? (count + 24) / 25 : count); }

  Random random_;
};

#define BREAKWATER_FOR_EACH_RSA_LAYER(fixture)                                                   \
  INSTANTIATE_TEST_SUITE_P(Layers, fixture, testing::ValuesIn(::breakwater::test::rsa_layers()), \
                           [](const auto& info) { return std::string(info.param.name); })

// Up to eight requests with their messages, signatures and blindings.
class RsaRequests {
 public:
  void add(const RsaTestKey& key, const Bytes& message, crypto::RsaBlinding& blinding);
  // Signs all with the layer.
  void sign(const RsaLayer& layer, Random& random);
  std::size_t size() const { return count_; }
  bool done(std::size_t i) const { return requests_[i].done; }
  const Bytes& signature(std::size_t i) const { return signatures_[i]; }

 private:
  std::size_t count_ = 0;
  std::array<crypto::RsaSignRequest, crypto::kLanes> requests_;
  std::array<Bytes, crypto::kLanes> messages_, signatures_;
};

}  // namespace breakwater::test
