// Loading RSA keys: good ones, and each reason to refuse one.
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <set>
#include <string>

#include "tests/crypto/rsa_support.h"

namespace breakwater::test {
namespace {

using crypto::RsaKeyError;
using crypto::RsaPrivateKey;

class RsaPrivateKeyTest : public testing::Test {
 protected:
  RsaPrivateKeyTest() : numbers_(rsa_test_key(0).reference.get()) {}

  RsaKeyError load(const RsaNumbers& numbers) {
    key_ = rsa_test_key(0).ours;  // what was there goes
    const RsaKeyError error = key_.load(numbers.view());
    EXPECT_EQ(key_.is_loaded(), error == RsaKeyError::None);
    if (error != RsaKeyError::None) {
      const std::span bytes(reinterpret_cast<const std::uint8_t*>(&key_), sizeof key_);
      EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), static_cast<std::ptrdiff_t>(sizeof key_)) << "not wiped";
    }
    return error;
  }

  static Bytes plus(const Bytes& number, const BIGNUM* addend) {
    const Bignum sum = bignum(number);
    BN_add(sum.get(), sum.get(), addend);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(sum.get())));
    BN_bn2bin(sum.get(), bytes.data());
    return bytes;
  }

  RsaNumbers numbers_;
  RsaPrivateKey key_;
};

TEST_F(RsaPrivateKeyTest, EachSizeIsLoaded) {
  for (std::size_t i = 0; i < 3; ++i) {
    const RsaPrivateKey& key = rsa_test_key(i).ours;
    EXPECT_TRUE(key.is_loaded());
    EXPECT_EQ(key.bits(), 2048 + 1024 * i);
    EXPECT_EQ(key.size(), 256 + 128 * i);
    EXPECT_EQ(key.parts().public_exponent, 65537U);
  }
}

TEST_F(RsaPrivateKeyTest, LeadingZerosAreAllowed) {
  for (Bytes* number :
       {&numbers_.n, &numbers_.e, &numbers_.p, &numbers_.q, &numbers_.dp, &numbers_.dq, &numbers_.qinv}) {
    number->insert(number->begin(), 3, 0);
  }
  EXPECT_EQ(load(numbers_), RsaKeyError::None);
}

TEST_F(RsaPrivateKeyTest, EitherPrimeMayBeTheGreater) {
  const Bignum p = bignum(numbers_.p), q = bignum(numbers_.q);
  EXPECT_EQ(load(RsaNumbers(p.get(), q.get(), 65537)), RsaKeyError::None);
  EXPECT_EQ(load(RsaNumbers(q.get(), p.get(), 65537)), RsaKeyError::None);
}

TEST_F(RsaPrivateKeyTest, OtherSizesAreRefused) {
  for (const unsigned bits : {1024U, 2040U, 2056U, 2560U}) {
    SCOPED_TRACE(bits);
    EXPECT_EQ(load(RsaNumbers(make_rsa_key(bits, 65537).get())), RsaKeyError::Size);
  }
  numbers_.n.clear();
  EXPECT_EQ(load(numbers_), RsaKeyError::Size);
  numbers_.n.assign(1024, 0xff);
  EXPECT_EQ(load(numbers_), RsaKeyError::Size);
}

TEST_F(RsaPrivateKeyTest, EvenModulus) {
  numbers_.n.back() ^= 1;
  EXPECT_EQ(load(numbers_), RsaKeyError::EvenModulus);
}

TEST_F(RsaPrivateKeyTest, PublicExponent) {
  numbers_.e = {1, 0, 2};
  EXPECT_EQ(load(numbers_), RsaKeyError::EvenExponent);
  numbers_.e = {1};
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentTooSmall);
  numbers_.e = {2};
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentTooSmall);
  numbers_.e = {};
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentTooSmall);
  numbers_.e = {1, 0, 0, 0, 1};
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentTooLarge);
  numbers_.e = {1, 0, 3};  // not this key's
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentP);
}

TEST_F(RsaPrivateKeyTest, LargestAndSmallestPublicExponent) {
  EXPECT_EQ(load(RsaNumbers(make_rsa_key(2048, 0xffff'ffff).get())), RsaKeyError::None);
  EXPECT_EQ(load(RsaNumbers(make_rsa_key(2048, 3).get())), RsaKeyError::None);
}

TEST_F(RsaPrivateKeyTest, PrimesOfUnequalSize) {
  numbers_.p.pop_back();
  EXPECT_EQ(load(numbers_), RsaKeyError::PrimeSize);
  numbers_.p.assign(129, 0xff);
  EXPECT_EQ(load(numbers_), RsaKeyError::PrimeSize);
  numbers_.p.assign(128, 0xff);
  numbers_.p[0] = 0x7f;
  EXPECT_EQ(load(numbers_), RsaKeyError::PrimeSize);
  numbers_ = RsaNumbers(rsa_test_key(0).reference.get());
  numbers_.q[0] &= 0x7f;
  EXPECT_EQ(load(numbers_), RsaKeyError::PrimeSize);
}

TEST_F(RsaPrivateKeyTest, EqualPrimes) {
  numbers_.q = numbers_.p;
  EXPECT_EQ(load(numbers_), RsaKeyError::EqualPrimes);
}

TEST_F(RsaPrivateKeyTest, ProductIsNotTheModulus) {
  numbers_.n[200] ^= 4;
  EXPECT_EQ(load(numbers_), RsaKeyError::Product);
  numbers_ = RsaNumbers(rsa_test_key(0).reference.get());
  numbers_.q.back() ^= 2;
  EXPECT_EQ(load(numbers_), RsaKeyError::Product);
}

TEST_F(RsaPrivateKeyTest, ExponentsOfThePrimes) {
  const RsaNumbers good = numbers_;
  numbers_.dp.back() ^= 1;
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentP);
  numbers_ = good;
  numbers_.dq[5] ^= 0x10;
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentQ);
  numbers_ = good;
  numbers_.dp.clear();
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentP);
  numbers_ = good;
  std::swap(numbers_.dp, numbers_.dq);
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentP);
}

TEST_F(RsaPrivateKeyTest, Coefficient) {
  const RsaNumbers good = numbers_;
  numbers_.qinv.back() ^= 1;
  EXPECT_EQ(load(numbers_), RsaKeyError::Coefficient);
  numbers_ = good;
  std::swap(numbers_.p, numbers_.q);
  std::swap(numbers_.dp, numbers_.dq);
  EXPECT_EQ(load(numbers_), RsaKeyError::Coefficient);
}

// Right modulo p - 1, q - 1 and p, but not below them: with the moduli added as often as leaves a number of n's size.
TEST_F(RsaPrivateKeyTest, NumbersThatAreNotReduced) {
  for (std::size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    const RsaNumbers good(rsa_test_key(i).reference.get());
    const auto& parts = rsa_test_key(i).ours.parts();
    Bignum p_1 = bignum(good.p), q_1 = bignum(good.q), p = bignum(good.p);
    BN_sub_word(p_1.get(), 1);
    BN_sub_word(q_1.get(), 1);
    for (const int shift : {0, 1, 64, static_cast<int>(4 * good.n.size()) - 1}) {
      SCOPED_TRACE(shift);
      RsaNumbers numbers = good;
      const auto raise = [shift](Bytes& number, const BIGNUM* modulus) {
        const Bignum multiple(BN_new());
        BN_lshift(multiple.get(), modulus, shift);
        number = plus(number, multiple.get());
      };
      raise(numbers.dp, p_1.get());
      raise(numbers.dq, q_1.get());
      raise(numbers.qinv, p.get());
      ASSERT_EQ(load(numbers), RsaKeyError::None);
      EXPECT_EQ(key_.parts().p.exponent, parts.p.exponent);
      EXPECT_EQ(key_.parts().q.exponent, parts.q.exponent);
      EXPECT_EQ(key_.parts().coefficient, parts.coefficient);
      numbers.dq.insert(numbers.dq.begin(), good.n.size(), 1);
      EXPECT_EQ(load(numbers), RsaKeyError::ExponentQ);
      numbers.dq = good.dq;
      numbers.qinv.insert(numbers.qinv.begin(), good.n.size(), 1);
      EXPECT_EQ(load(numbers), RsaKeyError::Coefficient);
    }
  }
}

// All of d, as long as n.
TEST_F(RsaPrivateKeyTest, PrivateExponentForThatOfThePrimes) {
  BIGNUM* d = nullptr;
  ASSERT_EQ(EVP_PKEY_get_bn_param(rsa_test_key(0).reference.get(), OSSL_PKEY_PARAM_RSA_D, &d), 1);
  const Bignum owner(d);
  numbers_.dp = numbers_.dq = plus({}, d);
  EXPECT_EQ(load(numbers_), RsaKeyError::None);
  EXPECT_EQ(key_.parts().p.exponent, rsa_test_key(0).ours.parts().p.exponent);
  EXPECT_EQ(key_.parts().q.exponent, rsa_test_key(0).ours.parts().q.exponent);
}

TEST_F(RsaPrivateKeyTest, EachReasonHasItsText) {
  std::set<std::string> texts;
  for (int i = 0; i <= static_cast<int>(RsaKeyError::Coefficient); ++i) {
    const std::string text = crypto::rsa_key_error_text(static_cast<RsaKeyError>(i));
    EXPECT_NE(text, "unknown error");
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
}

}  // namespace
}  // namespace breakwater::test
