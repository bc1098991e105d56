// RSA signatures of each layer against libcrypto, and what must not happen: a fault that leaves as a signature, a
// request that spoils another.
#include <algorithm>
#include <cstring>

#include "tests/crypto/rsa_support.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::RsaBlinding;
using crypto::RsaPrivateKey;

Bytes zeros(std::size_t size) { return Bytes(size, 0); }

class RsaSignTest : public RsaLayerTest {
 protected:
  // One signature; empty when refused, in which case nothing of it may be left.
  Bytes sign(const RsaPrivateKey& key, const Bytes& message, RsaBlinding& blinding) {
    Bytes signature(key.size(), 0xaa);
    crypto::RsaSignRequest request{
        .signature = signature.data(), .key = &key, .message = message.data(), .blinding = &blinding};
    GetParam().sign(std::span(&request, 1), entropy(random_));
    if (request.done) return signature;
    EXPECT_EQ(signature, zeros(key.size()));
    return {};
  }

  // `count` requests of one key that share a blinding.
  void check_batch(const RsaTestKey& key, std::size_t count, RsaBlinding& blinding) {
    RsaRequests requests;
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < count; ++i) {
      messages.push_back(key.message(random_));
      requests.add(key, messages.back(), blinding);
    }
    requests.sign(GetParam(), random_);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(requests.done(i)) << i;
      ASSERT_EQ(requests.signature(i), key.power(messages[i])) << i;
    }
  }
};

TEST_P(RsaSignTest, SameAsLibcrypto) {
  for (std::size_t size = 0; size < GetParam().sizes; ++size) {
    const RsaTestKey& key = rsa_test_key(size);
    SCOPED_TRACE(key.pem);
    RsaBlinding blinding;
    for (int round = 0; round < rounds_of(200); round += kLanes) check_batch(key, kLanes, blinding);
  }
}

TEST_P(RsaSignTest, EachCount) {
  const RsaTestKey& key = rsa_test_key(0);
  SCOPED_TRACE(key.pem);
  RsaBlinding blinding;
  for (std::size_t count = 1; count <= kLanes; ++count) check_batch(key, count, blinding);
}

TEST_P(RsaSignTest, EdgeMessages) {
  for (std::size_t size = 0; size < (GetParam().is_slow ? 1 : GetParam().sizes); ++size) {
    const RsaTestKey& key = rsa_test_key(size);
    SCOPED_TRACE(key.pem);
    RsaBlinding blinding;
    Bytes message = zeros(key.size());
    EXPECT_EQ(sign(key.ours, message, blinding), message);
    message.back() = 1;
    EXPECT_EQ(sign(key.ours, message, blinding), message);
    BN_bn2binpad(key.n(), message.data(), static_cast<int>(message.size()));
    message.back() = static_cast<std::uint8_t>(message.back() - 1);  // n is odd
    EXPECT_EQ(sign(key.ours, message, blinding), message) << "n - 1 is -1, and d is odd";
    // A multiple of a prime: one of the halves is zero.
    const RsaNumbers numbers(key.reference.get());
    for (const Bytes& prime : {numbers.p, numbers.q}) {
      Bytes multiple = zeros(key.size() / 2);
      multiple.insert(multiple.end(), prime.begin(), prime.end());
      EXPECT_EQ(sign(key.ours, multiple, blinding), key.power(multiple));
    }
  }
}

TEST_P(RsaSignTest, NoMessageIsRefused) {
  const RsaTestKey& key = rsa_test_key(0);
  RsaBlinding blinding;
  Bytes message(key.size(), 0xff);
  EXPECT_TRUE(sign(key.ours, message, blinding).empty()) << "all ones";
  BN_bn2binpad(key.n(), message.data(), static_cast<int>(message.size()));
  EXPECT_TRUE(sign(key.ours, message, blinding).empty()) << "n";
  const Bignum more(BN_dup(key.n()));
  ASSERT_EQ(BN_add_word(more.get(), 1), 1);  // with a carry: one key in 128 ends with 0xff
  BN_bn2binpad(more.get(), message.data(), static_cast<int>(message.size()));
  EXPECT_TRUE(sign(key.ours, message, blinding).empty()) << "n + 1";
}

TEST_P(RsaSignTest, NoKeyIsRefused) {
  RsaBlinding blinding;
  const RsaPrivateKey none;
  EXPECT_TRUE(sign(none, zeros(512), blinding).empty());
}

TEST_P(RsaSignTest, KeysOfTwoSizes) {
  std::array<RsaBlinding, 2> blindings;
  std::array<Bytes, 2> messages;
  RsaRequests requests;
  for (std::size_t i = 0; i < 2; ++i) {
    messages[i] = rsa_test_key(i).message(random_);
    requests.add(rsa_test_key(i), messages[i], blindings[i]);
  }
  requests.sign(GetParam(), random_);
  for (std::size_t i = 0; i < 2; ++i) {
    const bool one_by_one = GetParam().lanes == nullptr;
    EXPECT_EQ(requests.done(i), one_by_one);
    EXPECT_EQ(requests.signature(i), one_by_one ? rsa_test_key(i).power(messages[i]) : zeros(rsa_test_key(i).size()));
  }
}

TEST_P(RsaSignTest, SignatureInPlaceOfTheMessage) {
  const RsaTestKey& key = rsa_test_key(0);
  RsaBlinding blinding;
  const Bytes message = key.message(random_);
  Bytes both = message;
  crypto::RsaSignRequest request{
      .signature = both.data(), .key = &key.ours, .message = both.data(), .blinding = &blinding};
  GetParam().sign(std::span(&request, 1), entropy(random_));
  EXPECT_TRUE(request.done);
  EXPECT_EQ(both, key.power(message));
}

// Keys with other exponents beside each other, a greater q, blindings of their own.
TEST_P(RsaSignTest, KeysMayDiffer) {
  const RsaTestKey& first = rsa_test_key(0);
  const RsaTestKey third(make_rsa_key(2048, 3)), fourth(make_rsa_key(2048, 0xffff'ffff)), fifth(make_rsa_key(2048, 17));
  const std::array<const RsaTestKey*, 4> keys{&first, &third, &fourth, &fifth};
  std::array<RsaBlinding, 4> blindings;
  for (int round = 0; round < (GetParam().is_slow ? 1 : 4); ++round) {
    RsaRequests requests;
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::size_t k = (i + static_cast<std::size_t>(round)) % 4;
      messages.push_back(keys[k]->message(random_));
      requests.add(*keys[k], messages.back(), blindings[k]);
    }
    requests.sign(GetParam(), random_);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const RsaTestKey& key = *keys[(i + static_cast<std::size_t>(round)) % 4];
      SCOPED_TRACE(key.pem);
      ASSERT_TRUE(requests.done(i));
      ASSERT_EQ(requests.signature(i), key.power(messages[i]));
    }
  }
}

TEST_P(RsaSignTest, EitherPrimeMayBeTheGreater) {
  const RsaTestKey& key = rsa_test_key(0);
  const RsaNumbers numbers(key.reference.get());
  const Bignum p = bignum(numbers.p), q = bignum(numbers.q);
  for (const RsaNumbers& order : {RsaNumbers(p.get(), q.get(), 65537), RsaNumbers(q.get(), p.get(), 65537)}) {
    RsaPrivateKey ours;
    ASSERT_EQ(ours.load(order.view()), crypto::RsaKeyError::None);
    RsaBlinding blinding;
    for (int round = 0; round < 4; ++round) {
      const Bytes message = key.message(random_);
      EXPECT_EQ(sign(ours, message, blinding), key.power(message));
    }
  }
}

TEST_P(RsaSignTest, ABadRequestChangesNothingForTheOthers) {
  const RsaTestKey& key = rsa_test_key(0);
  RsaPrivateKey spoilt = key.ours;
  const_cast<RsaPrivateKey::Parts&>(spoilt.parts()).q.exponent[3] ^= 0x100;
  for (std::size_t bad = 0; bad < kLanes; bad += 3) {
    for (const bool fault : {false, true}) {
      std::array<RsaBlinding, kLanes> blindings;
      std::array<Bytes, kLanes> messages, signatures;
      std::array<crypto::RsaSignRequest, kLanes> requests;
      for (std::size_t i = 0; i < kLanes; ++i) {
        messages[i] = i == bad && !fault ? Bytes(key.size(), 0xff) : key.message(random_);
        signatures[i] = Bytes(key.size(), 0xaa);
        requests[i] = {.signature = signatures[i].data(),
                       .key = i == bad && fault ? &spoilt : &key.ours,
                       .message = messages[i].data(),
                       .blinding = &blindings[i]};
      }
      GetParam().sign(requests, entropy(random_));
      for (std::size_t i = 0; i < kLanes; ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(requests[i].done, i != bad);
        EXPECT_EQ(signatures[i], i == bad ? zeros(key.size()) : key.power(messages[i]));
      }
      if (GetParam().is_slow) return;
    }
  }
}

// What a fault in one half gives away is the factors of n: gcd(s^e - m, n). So nothing wrong may come out, wherever it
// began.
TEST_P(RsaSignTest, AFaultNeverLeavesAsASignature) {
  for (std::size_t size = 0; size < (GetParam().is_slow ? 1 : GetParam().sizes); ++size) {
    const RsaTestKey& key = rsa_test_key(size);
    using Parts = RsaPrivateKey::Parts;
    const std::array<void (*)(Parts&), 10> faults{
        [](Parts& parts) { parts.p.exponent[0] ^= 2; },
        [](Parts& parts) { parts.q.exponent[7] ^= crypto::Limb{1} << 63; },
        [](Parts& parts) { parts.p.modulus.value[2] ^= 1; },
        [](Parts& parts) { parts.q.modulus.value[0] ^= 4; },
        [](Parts& parts) { parts.p.modulus.square64[1] ^= 8, parts.p.modulus.square52[1] ^= 8; },
        [](Parts& parts) { parts.q.modulus.square64[9] ^= 1, parts.q.modulus.square52[9] ^= 1; },
        [](Parts& parts) { parts.p.modulus.negative_inverse ^= 1 << 20; },
        [](Parts& parts) { parts.coefficient[5] ^= 1; },
        [](Parts& parts) { parts.n.value[4] ^= 1; },
        [](Parts& parts) { parts.public_exponent ^= 2; },
    };
    for (std::size_t i = 0; i < faults.size(); i += GetParam().is_slow ? 3 : 1) {
      SCOPED_TRACE(i);
      RsaPrivateKey spoilt = key.ours;
      RsaBlinding blinding;
      const Bytes message = key.message(random_);
      ASSERT_EQ(sign(spoilt, message, blinding), key.power(message));  // the blinding is made and right
      faults[i](const_cast<Parts&>(spoilt.parts()));
      EXPECT_TRUE(sign(spoilt, message, blinding).empty());
      EXPECT_EQ(blinding.slots[0].uses_left, 0U) << "it may be what was wrong";
      EXPECT_EQ(sign(key.ours, message, blinding), key.power(message)) << "made anew";
    }
  }
}

TEST_P(RsaSignTest, ASpoiltBlindingNeverLeavesAsASignature) {
  const RsaTestKey& key = rsa_test_key(0);
  const Bytes message = key.message(random_);
  for (const bool forward : {false, true}) {
    RsaBlinding blinding;
    ASSERT_FALSE(sign(key.ours, message, blinding).empty());
    auto& pair = blinding.slots[0].q;
    (forward ? pair.forward : pair.backward)[1] ^= 1;
    EXPECT_TRUE(sign(key.ours, message, blinding).empty());
    EXPECT_EQ(sign(key.ours, message, blinding), key.power(message));
  }
}

TEST_P(RsaSignTest, BlindingIsSquaredAndMadeAnew) {
  const RsaTestKey& key = rsa_test_key(0);
  const auto& parts = key.ours.parts();
  const std::unique_ptr<BN_CTX, Free> context(BN_CTX_new());
  const std::size_t half = key.size() / 16;
  const auto number = [half](const auto& limbs) {
    Bytes bytes(8 * half);
    for (std::size_t i = 0; i < half; ++i) crypto::store_big_endian(bytes.data() + 8 * (half - 1 - i), limbs[i]);
    return bignum(bytes);
  };
  RsaBlinding blinding;
  Bignum previous;
  for (std::uint32_t use = 0; use < 3; ++use) {
    if (use == 2) blinding.slots[0].uses_left = 0;
    const Bytes message = key.message(random_);
    ASSERT_EQ(sign(key.ours, message, blinding), key.power(message));
    EXPECT_EQ(blinding.slots[0].uses_left, RsaBlinding::kUses - (use == 1 ? 2 : 1));
    EXPECT_EQ(blinding.slots[1].uses_left, 0U) << "a single request uses the first";
    const RsaBlinding::Pair& pair = blinding.slots[0].p;
    const Bignum p = number(parts.p.modulus.value), forward = number(pair.forward), backward = number(pair.backward);
    // forward = r^e, backward = r^-1.
    const Bignum e(BN_new()), product(BN_new());
    BN_set_word(e.get(), 65537);
    BN_mod_exp(product.get(), backward.get(), e.get(), p.get(), context.get());
    BN_mod_mul(product.get(), product.get(), forward.get(), p.get(), context.get());
    EXPECT_TRUE(BN_is_one(product.get()));
    EXPECT_FALSE(BN_is_one(forward.get()));
    if (previous != nullptr) {
      BN_mod_sqr(product.get(), previous.get(), p.get(), context.get());
      EXPECT_EQ(BN_cmp(product.get(), forward.get()) == 0, use == 1);
    }
    previous = Bignum(BN_dup(forward.get()));
  }
}

TEST_P(RsaSignTest, ScratchIsWiped) {
  static crypto::RsaScratch scratch;
  const RsaTestKey& key = rsa_test_key(0);
  RsaBlinding blinding;
  const Bytes message = key.message(random_);
  for (const int before : {0, 0xff}) {
    std::memset(scratch.bytes, before, sizeof scratch.bytes);
    Bytes signature(key.size());
    crypto::RsaSignRequest request{
        .signature = signature.data(), .key = &key.ours, .message = message.data(), .blinding = &blinding};
    if (GetParam().lanes != nullptr) {
      GetParam().lanes->sign(std::span(&request, 1), entropy(random_), scratch);
    } else {
      GetParam().single->sign(request, entropy(random_), scratch);
    }
    EXPECT_EQ(signature, key.power(message)) << "what was in the scratch does not matter";
    const auto left = std::count_if(std::begin(scratch.bytes), std::end(scratch.bytes),
                                    [before](std::uint8_t byte) { return byte != 0 && byte != before; });
    EXPECT_EQ(left, 0);
  }
}

BREAKWATER_FOR_EACH_RSA_LAYER(RsaSignTest);

}  // namespace
}  // namespace breakwater::test
