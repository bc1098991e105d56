// X25519, every implementation of it: RFC 7748's vectors, Wycheproof's, and libcrypto's answers.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/implementation.h"
#include "tests/crypto/implementations.h"
#include "tests/crypto/support.h"
#include "tests/crypto/wycheproof.h"
#include "tests/crypto/x25519_reference.h"

namespace breakwater::test {
namespace {

class X25519Test : public ImplementationTest {
 protected:
  const crypto::X25519Functions& x25519() const { return *GetParam()->x25519; }

  Bytes32 shared_secret(const Bytes32& scalar, const Bytes32& peer, bool accepted = true) const {
    Bytes32 shared;
    EXPECT_EQ(x25519().shared_secret(shared.data(), scalar.data(), peer.data()), accepted);
    return shared;
  }

  Bytes32 public_key(const Bytes32& scalar) const {
    Bytes32 key;
    x25519().public_key(key.data(), scalar.data());
    return key;
  }

  void expect_agreement(const Bytes32& scalar, const Bytes32& peer) const;
};
BREAKWATER_FOR_EACH_IMPLEMENTATION(X25519Test);

TEST_P(X25519Test, Rfc7748Section5) {
  EXPECT_EQ(shared_secret(bytes32("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                          bytes32("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            bytes32("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  EXPECT_EQ(shared_secret(bytes32("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                          bytes32("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            bytes32("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
}

TEST_P(X25519Test, Rfc7748Iterated) {
  Bytes32 k{9}, u{9};
  for (int i = 1; i <= 1000; ++i) {
    const Bytes32 next = shared_secret(k, u);
    u = k;
    k = next;
    if (i == 1) {
      EXPECT_EQ(k, bytes32("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
    }
  }
  EXPECT_EQ(k, bytes32("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
}

// RFC 7748 6.1
TEST_P(X25519Test, DiffieHellman) {
  const Bytes32 alice = bytes32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Bytes32 bob = bytes32("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  EXPECT_EQ(public_key(alice), bytes32("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
  EXPECT_EQ(public_key(bob), bytes32("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  const Bytes32 shared = bytes32("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  EXPECT_EQ(shared_secret(alice, public_key(bob)), shared);
  EXPECT_EQ(shared_secret(bob, public_key(alice)), shared);
}

TEST_P(X25519Test, Wycheproof) {
  const auto check = [this](const auto&, const auto& test) {
    const Bytes32 expected = bytes32(test.at("shared").template get<std::string>());
    // A zero result, of points of small order, must be refused; the rest of "acceptable" is plain X25519.
    EXPECT_EQ(shared_secret(bytes32(test.at("private").template get<std::string>()),
                            bytes32(test.at("public").template get<std::string>()), expected != Bytes32{}),
              expected);
  };
  BREAKWATER_FOR_EACH_WYCHEPROOF("x25519_test.json", check);
}

TEST_P(X25519Test, RefusesSmallOrder) {
  const Bytes32 scalar = bytes32("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  for (const char* peer : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0100000000000000000000000000000000000000000000000000000000000000",
                           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    EXPECT_EQ(shared_secret(scalar, bytes32(peer), false), Bytes32{}) << peer;
  }
}

void X25519Test::expect_agreement(const Bytes32& scalar, const Bytes32& peer) const {
  const Bytes expected = ReferenceX25519(scalar).shared_secret(peer);
  Bytes32 shared;
  const bool accepted = x25519().shared_secret(shared.data(), scalar.data(), peer.data());
  ASSERT_EQ(accepted, !expected.empty());
  if (accepted) {
    ASSERT_EQ(Bytes(shared.begin(), shared.end()), expected);
  }
}

TEST_P(X25519Test, AgreesWithLibcryptoOnEdges) {
  const Bignum p = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  auto edges = edge_values(p.get());
  for (auto& edge : edges) std::ranges::reverse(edge);
  Random random;
  for (const auto& scalar : edges) {
    ASSERT_EQ(public_key(scalar), ReferenceX25519(scalar).public_key()) << to_hex(scalar);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(scalar, random.bytes())) << to_hex(scalar);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(random.bytes(), scalar)) << to_hex(scalar);
  }
}

TEST_P(X25519Test, AgreesWithLibcryptoOnRandom) {
  Random random;
  for (int i = 0; i < long_rounds(50'000); ++i) {
    const Bytes32 scalar = random.scalar(), peer = random.scalar();
    ASSERT_EQ(public_key(scalar), ReferenceX25519(scalar).public_key()) << to_hex(scalar);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(scalar, peer)) << to_hex(scalar) << " " << to_hex(peer);
  }
}

TEST_P(X25519Test, OutputMayBeInput) {
  Random random;
  Bytes32 bytes = random.bytes();
  const Bytes32 scalar = random.bytes(), expected = shared_secret(scalar, bytes);
  ASSERT_TRUE(x25519().shared_secret(bytes.data(), scalar.data(), bytes.data()));
  EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace breakwater::test
