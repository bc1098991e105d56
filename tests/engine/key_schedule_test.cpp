// The engine's key schedules against the published TLS 1.2 PRF vectors and against libcrypto.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/tls/key_schedule12.h"
#include "core/tls/key_schedule13.h"
#include "tests/client/primitives.h"

namespace breakwater::test {
namespace {

using tls::HashKind;

constexpr std::pair<HashKind, Hash> kHashes[] = {{HashKind::Sha256, Hash::Sha256}, {HashKind::Sha384, Hash::Sha384}};

TEST(Prf, Sha256Vector) {
  Bytes out(100);
  tls::prf(HashKind::Sha256, from_hex("9bbe436ba940f017b17652849a71db35"), "test label",
           from_hex("a0ba9f936cda311827a6f796ffd5198c"), {}, out);
  EXPECT_EQ(to_hex(out),
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
            "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
            "87347b66");
}

TEST(Prf, Sha384Vector) {
  Bytes out(148);
  tls::prf(HashKind::Sha384, from_hex("b80b733d6ceefcdc71566ea48e5567df"), "test label",
           from_hex("cd665cf6a8447dd6ff8b27555edb7465"), {}, out);
  EXPECT_EQ(to_hex(out),
            "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
            "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
            "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e099070"
            "3d73e56f");
}

TEST(Prf, EverySizeAndSeedSplit) {
  Random random(1);
  for (const auto& [kind, hash] : kHashes) {
    for (std::size_t size = 1; size < 200; ++size) {
      const Bytes secret = random.bytes(1 + random.below(48));
      const Bytes seed = random.bytes(random.below(65));  // two randoms are the longest
      const std::size_t cut = random.below(seed.size() + 1);
      Bytes out(size);
      tls::prf(kind, secret, "some label", View(seed).first(cut), View(seed).subspan(cut), out);
      EXPECT_EQ(out, prf(hash, secret, "some label", seed, size)) << size;
    }
  }
}

TEST(KeySchedule12, FromTheAgreementOn) {
  Random random(2);
  for (const auto& [kind, hash] : kHashes) {
    for (const port::Aead aead : {port::Aead::Aes128Gcm, port::Aead::Aes256Gcm, port::Aead::ChaCha20Poly1305}) {
      for (const bool extended : {false, true}) {
        const Bytes premaster = random.bytes(32);
        const Bytes client_random = random.bytes(32), server_random = random.bytes(32);
        const Bytes session_hash = random.bytes(hash_size(hash));
        tls::Secret master{};
        tls::TrafficKey client{}, server{};
        std::uint8_t verify_data[12];
        const tls::HandshakeKeys12 work[] = {{aead, premaster, extended, session_hash, client_random, server_random,
                                              &master, &client, &server, verify_data}};
        tls::derive_handshake_keys12(kind, {}, work);

        const Bytes randoms = Writer().raw(client_random).raw(server_random).bytes();
        const Bytes expected = extended ? prf(hash, premaster, "extended master secret", session_hash, 48)
                                        : prf(hash, premaster, "master secret", randoms, 48);
        EXPECT_EQ(to_bytes({master.bytes, 48}), expected);
        EXPECT_EQ(to_bytes(verify_data), prf(hash, expected, "client finished", session_hash, 12));
        const std::size_t key = port::aead_key_size(aead), iv = aead == port::Aead::ChaCha20Poly1305 ? 12 : 4;
        const Bytes seed = Writer().raw(server_random).raw(client_random).bytes();
        const Bytes block = prf(hash, expected, "key expansion", seed, 2 * (key + iv));
        const auto part = [&](std::size_t begin, std::size_t size) {
          return to_bytes(View(block).subspan(begin, size));
        };
        EXPECT_EQ(to_bytes({client.key, key}), part(0, key));
        EXPECT_EQ(to_bytes({server.key, key}), part(key, key));
        EXPECT_EQ(to_bytes({client.iv, iv}), part(2 * key, iv));
        EXPECT_EQ(to_bytes({server.iv, iv}), part(2 * key + iv, iv));

        tls::TrafficKey resumed_client{}, resumed_server{};
        tls::derive_traffic_keys12(kind, aead, master, client_random, server_random, resumed_client, resumed_server);
        EXPECT_EQ(to_bytes({resumed_client.key, key}), part(0, key));
        EXPECT_EQ(to_bytes({resumed_server.iv, iv}), part(2 * key + iv, iv));
        tls::finished_verify_data12(kind, master, "server finished", session_hash, verify_data);
        EXPECT_EQ(to_bytes(verify_data), prf(hash, expected, "server finished", session_hash, 12));
      }
    }
  }
}

// RFC 8446 7.1: the constant salt is Derive-Secret(HKDF-Extract(0, 0), "derived", "").
TEST(KeySchedule13, TheSaltWithoutAPsk) {
  for (const auto& [kind, hash] : kHashes) {
    const Bytes input = Random(4).bytes(32);
    const Bytes early = hkdf_extract(hash, {}, Bytes(hash_size(hash)));
    const tls::HmacKey salt = tls::salt_without_psk(kind);
    tls::Secret out{};
    tls::HmacGroup group(kind, {});
    tls::add_extraction(group, salt, input, out);
    group.run();
    EXPECT_EQ(to_bytes(out.view(kind)),
              hkdf_extract(hash, derive_secret(hash, early, "derived", digest(hash, {})), input));
  }
}

TEST(KeySchedule13, AgainstLibcrypto) {
  Random random(3);
  for (const auto& [kind, hash] : kHashes) {
    for (int i = 0; i < 50; ++i) {
      tls::Secret secret{};
      const Bytes input = random.bytes(hash_size(hash));
      std::copy(input.begin(), input.end(), secret.bytes);
      const Bytes context = random.bytes(hash_size(hash));
      tls::Secret out{};
      tls::Expander(kind, secret).derive("s ap traffic", context, out);
      EXPECT_EQ(to_bytes(out.view(kind)), derive_secret(hash, input, "s ap traffic", context));
      tls::hkdf_extract(kind, context, input, out);
      EXPECT_EQ(to_bytes(out.view(kind)), hkdf_extract(hash, context, input));
      tls::Expander(kind, secret).next_stage(context, out);
      EXPECT_EQ(to_bytes(out.view(kind)),
                hkdf_extract(hash, derive_secret(hash, input, "derived", digest(hash, {})), context));
      tls::update_traffic_secret(kind, secret);
      EXPECT_EQ(to_bytes(secret.view(kind)), expand_label(hash, input, "traffic upd", {}, hash_size(hash)));
    }
  }
}

}  // namespace
}  // namespace breakwater::test
