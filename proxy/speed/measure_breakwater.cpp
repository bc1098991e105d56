#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/crypto/p256.h"
#include "core/crypto/x25519.h"
#include "core/port/aead.h"
#include "library/port/initialise.h"
#include "proxy/speed/speed.h"
#include "proxy/speed/stopwatch.h"

namespace breakwater::proxy {
namespace {

constexpr const char* kPortable = "portable";

void must(bool done) {
  if (done) return;
  std::fputs("breakwater: a primitive refused valid input; please report this\n", stderr);
  std::abort();
}

}  // namespace

std::vector<Measurement> measure_breakwater() {
  port::initialise();
  std::vector<Measurement> list;
  std::array<std::uint8_t, 32> scalar;
  scalar.fill(0x5a);
  std::array<std::uint8_t, 32> digest;
  digest.fill(0xc3);
  std::array<std::uint8_t, 65> point{};
  std::array<std::uint8_t, 64> signature{};
  std::array<std::uint8_t, 32> shared{};

  list.push_back({"P-256 sign", kPortable, nanoseconds_per_call([&] {
                    must(crypto::p256_sign(signature.data(), scalar.data(), digest.data(), digest));
                  })});
  list.push_back({"P-256 key pair", kPortable,
                  nanoseconds_per_call([&] { must(crypto::p256_public_key(point.data(), scalar.data())); })});
  list.push_back({"P-256 ECDH", kPortable, nanoseconds_per_call([&] {
                    must(crypto::p256_shared_secret(shared.data(), scalar.data(), point.data()));
                  })});
  std::array<std::uint8_t, 32> u{};
  list.push_back({"X25519 key pair", kPortable,
                  nanoseconds_per_call([&] { crypto::x25519_public_key(u.data(), scalar.data()); })});
  list.push_back({"X25519 ECDH", kPortable, nanoseconds_per_call([&] {
                    must(crypto::x25519_shared_secret(shared.data(), scalar.data(), u.data()));
                  })});

  static std::array<std::uint8_t, 16384> text;
  static port::AeadKey key;
  constexpr std::pair<port::Aead, const char*> kAeads[] = {{port::Aead::Aes128Gcm, "AES-128-GCM seal"},
                                                           {port::Aead::Aes256Gcm, "AES-256-GCM seal"},
                                                           {port::Aead::ChaCha20Poly1305, "ChaCha20-Poly1305 seal"}};
  for (const auto& [aead, name] : kAeads) {
    port::aead_expand(key, aead, scalar.data());
    for (const std::size_t size : kSealSizes) {
      const std::array<MutableBytes, 1> pieces{MutableBytes(text).first(size)};
      std::array<std::uint8_t, port::kAeadTagSize> tag{};
      const double time = nanoseconds_per_call([&, aead = aead] {
        port::aead_seal(key, aead, digest.data(), ConstBytes(digest).first(13), pieces, tag.data());
      });
      list.push_back({std::string(name) + ", " + std::to_string(size) + " B", "libipsec-mb", time, size});
    }
  }
  return list;
}

}  // namespace breakwater::proxy
