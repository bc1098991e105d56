// PRF, HKDF, HMAC and hashes of the load generator's client against published vectors and against libcrypto.
#include <gtest/gtest.h>

#include "flood/tls/hash.h"
#include "flood/tls/hkdf.h"
#include "flood/tls/key_exchange.h"
#include "flood/tls/prf.h"
#include "tests/client/bytes.h"
#include "tests/client/primitives.h"
#include "tests/engine/rfc8448_vectors.h"

namespace breakwater::flood::protocol {
namespace {

namespace bt = breakwater::test;
namespace rfc = breakwater::test::rfc8448;
using bt::Bytes;
using bt::from_hex;
using bt::to_hex;

constexpr std::pair<HashKind, bt::Hash> kHashes[] = {{HashKind::Sha256, bt::Hash::Sha256},
                                                     {HashKind::Sha384, bt::Hash::Sha384}};

Hmac key_of(HashKind kind, const Bytes& key) {
  Hmac hmac;
  hmac.set_key(kind, key);
  return hmac;
}
Hmac key_of(const char* hex) { return key_of(HashKind::Sha256, from_hex(hex)); }
std::string hex(const Secret& secret) { return to_hex(secret.view(HashKind::Sha256)); }

// The vectors that go round with the PRFs of RFC 5246.
TEST(TlsPrf, Sha256Vector) {
  Bytes out(100);
  prf(key_of("9bbe436ba940f017b17652849a71db35"), "test label", from_hex("a0ba9f936cda311827a6f796ffd5198c"), {}, out);
  EXPECT_EQ(to_hex(out),
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
            "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
            "87347b66");
}

TEST(TlsPrf, Sha384Vector) {
  Bytes out(148);
  prf(key_of(HashKind::Sha384, from_hex("b80b733d6ceefcdc71566ea48e5567df")), "test label",
      from_hex("cd665cf6a8447dd6ff8b27555edb7465"), {}, out);
  EXPECT_EQ(to_hex(out),
            "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
            "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
            "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e099070"
            "3d73e56f");
}

TEST(TlsPrf, AgainstLibcrypto) {
  bt::Random random(1);
  for (const auto& [kind, hash] : kHashes) {
    for (std::size_t size = 1; size < 150; ++size) {
      const Bytes secret = random.bytes(1 + random.below(48));
      const Bytes seed = random.bytes(random.below(100));
      const std::size_t cut = random.below(seed.size() + 1);
      Bytes out(size);
      prf(key_of(kind, secret), "some label", ConstBytes(seed).first(cut), ConstBytes(seed).subspan(cut), out);
      EXPECT_EQ(out, bt::prf(hash, secret, "some label", seed, size)) << size;
    }
  }
}

TEST(TlsHmac, AgainstLibcrypto) {
  bt::Random random(2);
  for (const auto& [kind, hash] : kHashes) {
    for (std::size_t size = 0; size <= 64; ++size) {
      const Bytes key = random.bytes(size);
      const Bytes data = random.bytes(random.below(300));
      Bytes out(hash_size(kind));
      key_of(kind, key).mac(data, out.data());
      EXPECT_EQ(out, bt::hmac(hash, key, data)) << size;
    }
  }
}

TEST(TlsHkdf, AgainstLibcrypto) {
  bt::Random random(3);
  for (const auto& [kind, hash] : kHashes) {
    for (std::size_t size = 1; size <= hash_size(kind); ++size) {
      const Bytes secret = random.bytes(hash_size(kind));
      const Bytes context = random.bytes(random.below(2) * hash_size(kind));
      Bytes out(size);
      expand_label(key_of(kind, secret), "s ap traffic", context, out);
      EXPECT_EQ(out, bt::expand_label(hash, secret, "s ap traffic", context, size)) << size;
    }
  }
}

// RFC 8448 section 3, step by step.
TEST(TlsKeySchedule, Rfc8448FullHandshake) {
  const Bytes zeros(32);
  const Bytes nothing = bt::digest(bt::Hash::Sha256, {});
  Secret early;
  extract(key_of(HashKind::Sha256, {}), zeros, early);
  EXPECT_EQ(hex(early), rfc::kEarlySecret);
  Secret derived;
  derive_secret(key_of(rfc::kEarlySecret), "derived", nothing, derived);
  EXPECT_EQ(hex(derived), rfc::kDerivedFromEarly);
  Secret handshake;
  extract(key_of(rfc::kDerivedFromEarly), from_hex(rfc::kSharedSecret), handshake);
  EXPECT_EQ(hex(handshake), rfc::kHandshakeSecret);
  Secret traffic;
  derive_secret(key_of(rfc::kHandshakeSecret), "c hs traffic", from_hex(rfc::kHelloHash), traffic);
  EXPECT_EQ(hex(traffic), rfc::kClientHandshakeTraffic);
  derive_secret(key_of(rfc::kHandshakeSecret), "s hs traffic", from_hex(rfc::kHelloHash), traffic);
  EXPECT_EQ(hex(traffic), rfc::kServerHandshakeTraffic);
  Bytes key(16);
  Bytes iv(12);
  expand_label(key_of(rfc::kServerHandshakeTraffic), "key", {}, key);
  expand_label(key_of(rfc::kServerHandshakeTraffic), "iv", {}, iv);
  EXPECT_EQ(to_hex(key), rfc::kServerHandshakeKey);
  EXPECT_EQ(to_hex(iv), rfc::kServerHandshakeIv);
  Secret salt;
  derive_secret(key_of(rfc::kHandshakeSecret), "derived", nothing, salt);
  Secret master;
  extract(key_of(HashKind::Sha256, bt::to_bytes(salt.view(HashKind::Sha256))), zeros, master);
  EXPECT_EQ(hex(master), rfc::kMasterSecret);
}

// RFC 8448 sections 3 and 4: the ticket's PSK, and the binder made with it.
TEST(TlsKeySchedule, Rfc8448Resumption) {
  Secret psk;
  derive_secret(key_of(rfc::kResumptionMaster), "resumption", from_hex("0000"), psk);
  EXPECT_EQ(hex(psk), rfc::kResumptionPsk);
  Secret early;
  extract(key_of(HashKind::Sha256, {}), from_hex(rfc::kResumptionPsk), early);
  EXPECT_EQ(hex(early), rfc::kResumedEarlySecret);
  Secret binder_key;
  derive_secret(key_of(rfc::kResumedEarlySecret), "res binder", bt::digest(bt::Hash::Sha256, {}), binder_key);
  EXPECT_EQ(hex(binder_key), rfc::kBinderKey);
  Secret finished;
  derive_secret(key_of(rfc::kBinderKey), "finished", {}, finished);
  Secret binder;
  key_of(HashKind::Sha256, bt::to_bytes(finished.view(HashKind::Sha256))).mac(from_hex(rfc::kBinderHash), binder.bytes);
  EXPECT_EQ(hex(binder), rfc::kBinder);
}

// The scalar 1: libcrypto computes the same public key and the same shared secrets.
TEST(TlsKeyExchange, ScalarOneOnP256) {
  Bytes one(32);
  one[31] = 1;
  const bt::KeyPair own = bt::make_key_pair(bt::Group::Secp256r1, one);
  EXPECT_EQ(to_hex(own.public_key), to_hex(kGenerator));
  bt::Random random(4);
  for (int i = 0; i < 20; ++i) {
    const bt::KeyPair peer = bt::make_key_pair(bt::Group::Secp256r1, random.bytes(32));
    Bytes shared(32);
    ASSERT_TRUE(agree(0x0017, nullptr, peer.public_key, shared.data()));
    EXPECT_EQ(shared, bt::agree(own, peer.public_key));
  }
  Bytes shared(32);
  const Bytes point = own.public_key;
  EXPECT_FALSE(agree(0x0017, nullptr, ConstBytes(point).first(64), shared.data()));
  EXPECT_FALSE(agree(0x0018, nullptr, point, shared.data()));
  Bytes compressed = point;
  compressed[0] = 2;
  EXPECT_FALSE(agree(0x0017, nullptr, compressed, shared.data()));
}

}  // namespace
}  // namespace breakwater::flood::protocol
