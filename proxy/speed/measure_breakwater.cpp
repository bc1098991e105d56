#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "core/crypto/implementation.h"
#include "core/port/aead.h"
#include "library/port/initialise.h"
#include "proxy/speed/speed.h"
#include "proxy/speed/stopwatch.h"

namespace breakwater::proxy {
namespace {

void must(bool done) {
  if (done) return;
  std::fputs("breakwater: a primitive refused valid input; please report this\n", stderr);
  std::abort();
}

// Every operation with each implementation that this CPU can run, one after the other: what disturbs the machine for a
// while disturbs them alike.
void measure_arithmetic(std::vector<Measurement>& list) {
  const crypto::ImplementationList implementations = crypto::implementations_for(crypto::detect_cpu());
  const auto measure = [&](const char* operation, auto&& run) {
    for (const crypto::Implementation* const by : implementations) {
      list.push_back({operation, by->name, nanoseconds_per_call([&] { run(*by); })});
    }
  };
  std::array<std::uint8_t, 32> scalar;
  scalar.fill(0x5a);
  std::array<std::uint8_t, 32> digest;
  digest.fill(0xc3);
  std::array<std::uint8_t, 65> point{};
  std::array<std::uint8_t, 64> signature{};
  std::array<std::uint8_t, 32> shared{};
  std::array<std::uint8_t, 32> u{};

  measure("P-256 sign", [&](const crypto::Implementation& by) {
    must(by.p256->sign(signature.data(), scalar.data(), digest.data(), digest));
  });
  measure("P-256 key pair",
          [&](const crypto::Implementation& by) { must(by.p256->public_key(point.data(), scalar.data())); });
  measure("P-256 ECDH", [&](const crypto::Implementation& by) {
    must(by.p256->shared_secret(shared.data(), scalar.data(), point.data()));
  });
  measure("X25519 key pair", [&](const crypto::Implementation& by) { by.x25519->public_key(u.data(), scalar.data()); });
  measure("X25519 ECDH", [&](const crypto::Implementation& by) {
    must(by.x25519->shared_secret(shared.data(), scalar.data(), u.data()));
  });
}

void measure_seals(std::vector<Measurement>& list) {
  const std::array<std::uint8_t, 32> secret{1};
  const std::array<std::uint8_t, 13> header{2};
  static std::array<std::uint8_t, 16384> text;
  static port::AeadKey key;
  constexpr std::pair<port::Aead, const char*> kAeads[] = {{port::Aead::Aes128Gcm, "AES-128-GCM seal"},
                                                           {port::Aead::Aes256Gcm, "AES-256-GCM seal"},
                                                           {port::Aead::ChaCha20Poly1305, "ChaCha20-Poly1305 seal"}};
  for (const auto& [aead, name] : kAeads) {
    port::aead_expand(key, aead, secret.data());
    for (const std::size_t size : kSealSizes) {
      const std::array<MutableBytes, 1> pieces{MutableBytes(text).first(size)};
      std::array<std::uint8_t, port::kAeadTagSize> tag{};
      const double time = nanoseconds_per_call(
          [&, aead = aead] { port::aead_seal(key, aead, header.data(), header, pieces, tag.data()); });
      list.push_back({std::string(name) + ", " + std::to_string(size) + " B", "libipsec-mb", time, size});
    }
  }
}

}  // namespace

std::string arithmetic_of_auto() {
  const auto selection = crypto::best_working(crypto::implementations_for(crypto::detect_cpu()));
  return selection.chosen == nullptr ? "none" : selection.chosen->name;
}

std::vector<Measurement> measure_breakwater() {
  port::initialise();
  std::vector<Measurement> list;
  measure_arithmetic(list);
  measure_seals(list);
  return list;
}

}  // namespace breakwater::proxy
