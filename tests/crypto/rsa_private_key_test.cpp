// Loading RSA keys: good ones, and each reason to refuse one.
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

  // An exponent is right modulo prime - 1 only.
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
  // Right modulo p - 1, but not below it; the sum has a bit more than p, or as many.
  numbers_ = good;
  const Bignum order = bignum(good.p);
  BN_sub_word(order.get(), 1);
  numbers_.dp = plus(good.dp, order.get());
  EXPECT_EQ(load(numbers_), RsaKeyError::ExponentP);
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
  numbers_.qinv = plus(good.qinv, bignum(good.p).get());
  EXPECT_EQ(load(numbers_), RsaKeyError::Coefficient);
  numbers_ = good;
  std::swap(numbers_.p, numbers_.q);
  std::swap(numbers_.dp, numbers_.dq);
  EXPECT_EQ(load(numbers_), RsaKeyError::Coefficient);
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
