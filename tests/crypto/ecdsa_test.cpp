// ECDSA signing: RFC 6979's vectors, libcrypto as the verifier, the nonce source, and strict DER.
#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <optional>

#include "core/crypto/ecdsa_sign.h"
#include "core/crypto/hmac_sha256.h"
#include "core/crypto/p256.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/rfc6979.h"
#include "tests/crypto/support.h"
#include "tests/crypto/wycheproof.h"

namespace breakwater::test {
namespace {

const ReferenceP256& reference() { return reference_p256(); }

using Signature = std::array<std::uint8_t, 64>;

Bytes32 sha256(std::span<const std::uint8_t> data) {
  Bytes32 digest;
  SHA256(data.data(), data.size(), digest.data());
  return digest;
}

Bytes32 sha256(std::string_view text) {
  return sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Signature sign(const Bytes32& scalar, const Bytes32& digest, ConstBytes hedge) {
  Signature signature{};
  EXPECT_TRUE(crypto::kP256.sign(signature.data(), scalar.data(), digest.data(), hedge));
  return signature;
}

Bytes to_der(const Signature& signature) {
  std::array<std::uint8_t, crypto::kMaxEcdsaDerSize> der;
  der.fill(0xcc);
  const std::size_t size = crypto::ecdsa_signature_to_der(der.data(), signature.data());
  EXPECT_LE(size, der.size());
  return Bytes(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size));
}

const Bytes32 kRfcScalar = bytes32("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");

TEST(EcdsaTest, Rfc6979SectionA25) {
  EXPECT_EQ(to_hex(sign(kRfcScalar, sha256("sample"), {})),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(to_hex(sign(kRfcScalar, sha256("test"), {})),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

// HMAC_DRBG as RFC 6979 3.2 and 3.6 word it, on libcrypto's one-shot HMAC.
class ReferenceNonces {
 public:
  ReferenceNonces(const Bytes32& scalar, const Bytes32& digest, std::span<const std::uint8_t> hedge) {
    Bignum reduced = bignum(digest);
    BN_nnmod(reduced.get(), reduced.get(), reference().n(), reference().context());
    Bytes seed(scalar.begin(), scalar.end());
    const Bytes32 h1 = to_bytes32(reduced.get());
    seed.insert(seed.end(), h1.begin(), h1.end());
    seed.insert(seed.end(), hedge.begin(), hedge.end());
    update(0x00, seed);
    update(0x01, seed);
  }

  Bytes32 next() {
    if (!first_) update(0x00, {});
    first_ = false;
    v_ = hmac(Bytes(v_.begin(), v_.end()));
    return v_;
  }

 private:
  void update(std::uint8_t separator, const Bytes& data) {
    Bytes message(v_.begin(), v_.end());
    message.push_back(separator);
    message.insert(message.end(), data.begin(), data.end());
    k_ = hmac(message);
    v_ = hmac(Bytes(v_.begin(), v_.end()));
  }

  Bytes32 hmac(const Bytes& message) const {
    Bytes32 mac;
    unsigned size = 32;
    EXPECT_NE(HMAC(EVP_sha256(), k_.data(), 32, message.data(), message.size(), mac.data(), &size), nullptr);
    return mac;
  }

  static constexpr Bytes32 filled(std::uint8_t byte) {
    Bytes32 bytes{};
    bytes.fill(byte);
    return bytes;
  }

  Bytes32 k_ = filled(0), v_ = filled(1);
  bool first_ = true;
};

TEST(Rfc6979Test, CandidatesFollowTheRfc) {
  Random random;
  for (int i = 0; i < rounds(200); ++i) {
    const Bytes32 scalar = random.scalar(), hedge = random.bytes();
    Bytes32 digest = random.scalar();
    if (i % 4 == 0) digest.fill(0xff);  // above n: bits2octets reduces it
    const std::span<const std::uint8_t> used(hedge.data(), random.word() % 33);
    crypto::Rfc6979 nonces(scalar.data(), digest.data(), used);
    ReferenceNonces expected(scalar, digest, used);
    for (int j = 0; j < 4; ++j) {
      crypto::Limbs candidate{};
      nonces.next(candidate);
      ASSERT_EQ(to_hex(to_bytes32(bignum(candidate).get())), to_hex(expected.next())) << i << " " << j;
    }
  }
}

TEST(HmacSha256Test, AgreesWithLibcrypto) {
  Random random;
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes32 key = random.bytes();
    Bytes data(size);
    for (auto& byte : data) byte = static_cast<std::uint8_t>(random.word());
    Bytes32 expected, actual;
    unsigned mac_size = 32;
    ASSERT_NE(HMAC(EVP_sha256(), key.data(), 32, data.data(), size, expected.data(), &mac_size), nullptr);
    crypto::HmacSha256 hmac{crypto::HmacSha256Key(key.data())};
    const std::size_t split = size / 3;
    hmac.update({data.data(), split});
    hmac.update({data.data() + split, size - split});
    hmac.final(actual.data());
    ASSERT_EQ(actual, expected) << size;
  }
}

TEST(EcdsaTest, HedgeChangesTheNonce) {
  Random random;
  const Bytes32 digest = sha256("sample"), one = random.bytes(), other = random.bytes();
  const Signature plain = sign(kRfcScalar, digest, {});
  EXPECT_NE(sign(kRfcScalar, digest, one), plain);
  EXPECT_NE(sign(kRfcScalar, digest, one), sign(kRfcScalar, digest, other));
  EXPECT_EQ(sign(kRfcScalar, digest, one), sign(kRfcScalar, digest, one));
}

TEST(EcdsaTest, LibcryptoVerifiesEdgeKeysAndDigests) {
  Random random;
  for (const auto& scalar : edge_values(reference().n())) {
    const Bignum number = bignum(scalar);
    Signature signature;
    signature.fill(0xcc);
    const Bytes32 digest = random.bytes();
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), reference().n()) >= 0) {
      ASSERT_FALSE(crypto::kP256.sign(signature.data(), scalar.data(), digest.data(), {})) << to_hex(scalar);
      ASSERT_EQ(signature, Signature{});
      continue;
    }
    const Bytes key = reference().multiply_generator(number.get());
    ASSERT_TRUE(reference().verify(key, digest, to_der(sign(scalar, digest, {})))) << to_hex(scalar);
  }
  const Bytes key = reference().multiply_generator(bignum(kRfcScalar).get());
  for (const auto& digest : edge_values(reference().n())) {
    const Bytes der = to_der(sign(kRfcScalar, digest, random.bytes()));
    ASSERT_TRUE(reference().verify(key, digest, der)) << to_hex(digest);
    Bytes32 other = digest;
    other[5] ^= 1;
    ASSERT_FALSE(reference().verify(key, other, der)) << to_hex(digest);
  }
}

TEST(EcdsaTest, LibcryptoVerifiesRandom) {
  Random random;
  for (int i = 0; i < long_rounds(16'000); ++i) {
    const Bytes32 scalar = random.scalar(), digest = random.scalar(), hedge = random.bytes();
    if (!crypto::p256_scalar_is_valid(scalar.data())) continue;
    Point65 key;
    ASSERT_TRUE(crypto::p256_public_key(key.data(), scalar.data()));
    ASSERT_TRUE(reference().verify(key, digest, to_der(sign(scalar, digest, hedge)))) << to_hex(scalar);
  }
}

// Hands out a list of nonces, then the last one for ever.
struct ListedNonces {
  std::vector<crypto::Limbs> list;
  std::size_t used = 0;

  void next(crypto::Limbs& candidate) { candidate = list[std::min(used++, list.size() - 1)]; }
};

TEST(EcdsaTest, RejectsNoncesOutOfRange) {
  const crypto::Limbs n = to_limbs(reference().n());
  crypto::Limbs above = n;
  above[0] += 1;
  const crypto::Limbs ones{~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}};
  // The nonce of RFC 6979 A.2.5, SHA-256, "sample".
  const crypto::Limbs good =
      to_limbs(bignum_hex("a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60").get());
  ListedNonces nonces{{{}, n, above, ones, good}};
  const Bytes32 digest = sha256("sample");
  const crypto::Limbs scalar = crypto::limbs_from_bytes(kRfcScalar.data());
  Signature signature{};
  ASSERT_TRUE(crypto::ecdsa_sign(signature.data(), scalar, crypto::limbs_from_bytes(digest.data()), nonces));
  EXPECT_EQ(nonces.used, 5U);
  EXPECT_EQ(signature, sign(kRfcScalar, digest, {}));

  ListedNonces never{{n}};
  EXPECT_FALSE(crypto::ecdsa_sign(signature.data(), scalar, crypto::limbs_from_bytes(digest.data()), never));
  EXPECT_EQ(never.used, static_cast<std::size_t>(crypto::kMaxNonces));
  EXPECT_EQ(signature, Signature{});
}

TEST(EcdsaTest, RejectsZeroS) {
  // The digest e = -r d makes s = (e + r d) / k zero for the nonce k that yields r.
  const Bytes32 k = bytes32("a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60");
  const Bytes point = reference().multiply_generator(bignum(k).get());
  const Bignum r = bignum(std::span(point).subspan(1, 32)), d = bignum(kRfcScalar);
  Bignum e(BN_new());
  BN_mod_mul(e.get(), r.get(), d.get(), reference().n(), reference().context());
  BN_sub(e.get(), reference().n(), e.get());
  ListedNonces nonces{{to_limbs(bignum(k).get()), {5, 0, 0, 0}}};
  Signature signature{};
  ASSERT_TRUE(
      crypto::ecdsa_sign(signature.data(), crypto::limbs_from_bytes(kRfcScalar.data()), to_limbs(e.get()), nonces));
  EXPECT_EQ(nonces.used, 2U);
  const Bytes key = reference().multiply_generator(d.get());
  EXPECT_TRUE(reference().verify(key, to_bytes32(e.get()), to_der(signature)));
}

// A strict reader of the one encoding X.690 10.1 allows; nothing for anything else.
std::optional<Signature> parse_der(const Bytes& der) {
  Signature signature{};
  if (der.size() < 8 || der[0] != 0x30 || der[1] != der.size() - 2) return std::nullopt;
  std::size_t at = 2;
  for (std::size_t part = 0; part < 2; ++part) {
    if (at + 2 > der.size() || der[at] != 0x02) return std::nullopt;
    const std::size_t size = der[at + 1];
    at += 2;
    if (size == 0 || size > 33 || at + size > der.size() || (der[at] & 0x80) != 0) return std::nullopt;
    if (size > 1 && der[at] == 0 && (der[at + 1] & 0x80) == 0) return std::nullopt;
    const std::size_t skip = der[at] == 0 && size > 1 ? 1 : 0;
    if (size - skip > 32) return std::nullopt;
    std::copy_n(der.begin() + static_cast<std::ptrdiff_t>(at + skip), size - skip,
                signature.begin() + static_cast<std::ptrdiff_t>(32 * (part + 1) - (size - skip)));
    at += size;
  }
  if (at != der.size()) return std::nullopt;
  return signature;
}

TEST(EcdsaDerTest, Shapes) {
  Signature signature{};
  signature[31] = 1;
  signature[63] = 0x80;
  EXPECT_EQ(to_hex(to_der(signature)), "300702010102020080");
  signature.fill(0xff);
  EXPECT_EQ(to_hex(to_der(signature)).substr(0, 10), "3046022100");
  EXPECT_EQ(to_der(signature).size(), 72U);
  signature.fill(0x7f);
  EXPECT_EQ(to_der(signature).size(), 70U);
  signature.fill(0);
  EXPECT_EQ(to_hex(to_der(signature)), "3006020100020100");
}

TEST(EcdsaDerTest, StrictRoundTrip) {
  Random random;
  for (int i = 0; i < rounds(5'000); ++i) {
    const Bytes32 r = random.scalar(), s = random.scalar();
    Signature signature{};
    // Leading zero bytes of every count.
    const std::size_t zeros = random.word() % 32;
    std::copy(r.begin() + static_cast<std::ptrdiff_t>(zeros), r.end(),
              signature.begin() + static_cast<std::ptrdiff_t>(zeros));
    std::ranges::copy(s, signature.begin() + 32);
    const auto parsed = parse_der(to_der(signature));
    ASSERT_TRUE(parsed.has_value()) << to_hex(signature);
    ASSERT_EQ(*parsed, signature);
  }
}

TEST(EcdsaWycheproofTest, MessagesSignedAndEncodingsReproduced) {
  Random random;
  int reproduced = 0;
  const auto check = [&](const auto& group, const auto& test) {
    // Every message of the file, signed by us, verifies.
    const Bytes message = from_hex(test.at("msg").template get<std::string>());
    const Bytes32 digest = sha256(message), hedge = random.bytes();
    const Bytes ours = to_der(sign(kRfcScalar, digest, hedge));
    const Bytes our_key = reference().multiply_generator(bignum(kRfcScalar).get());
    EXPECT_TRUE(reference().verify(our_key, digest, ours));

    // Our encoder writes the encoding of every valid signature, and never that of one refused for its encoding.
    const Bytes theirs = from_hex(test.at("sig").template get<std::string>());
    const Bytes key = from_hex(group.at("publicKey").at("uncompressed").template get<std::string>());
    const auto parsed = parse_der(theirs);
    if (test.at("result") == "valid") {
      ASSERT_TRUE(parsed.has_value());
      EXPECT_EQ(to_hex(to_der(*parsed)), to_hex(theirs));
      EXPECT_TRUE(reference().verify(key, digest, theirs));
      ++reproduced;
    } else if (parsed.has_value()) {
      EXPECT_FALSE(reference().verify(key, digest, to_der(*parsed)));
    }
  };
  BREAKWATER_FOR_EACH_WYCHEPROOF("ecdsa_secp256r1_sha256_test.json", check);
  EXPECT_GT(reproduced, 150);
}

}  // namespace
}  // namespace breakwater::test
