#include "library/port/initialise.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "core/port/aead.h"
#include "core/port/hash.h"
#include "library/port/aead_manager.h"

namespace breakwater::port {
namespace {

// The text of every known answer: the bytes 0, 1, 2, ... Keys and nonces are prefixes of it too.
constexpr auto kText = [] {
  std::array<std::uint8_t, 40> text{};
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::uint8_t>(i);
  return text;
}();
constexpr std::array<std::uint8_t, 10> kAssociatedData{'b', 'r', 'e', 'a', 'k', 'w', 'a', 't', 'e', 'r'};

[[noreturn]] void give_up(const char* what) noexcept {
  std::fprintf(stderr, "breakwater: cannot start: %s\n", what);
  std::abort();
}

// The tag covers the ciphertext, so the right tag means the right ciphertext; opening in two pieces afterwards
// exercises the scatter-gather calls against the one-shot ones.
bool aead_is_right(Aead aead, const std::array<std::uint8_t, kAeadTagSize>& expected_tag) noexcept {
  AeadKey key;
  aead_expand(key, aead, kText.data());
  auto text = kText;
  std::array<std::uint8_t, kAeadTagSize> tag{};
  const std::array whole{MutableBytes(text)};
  const std::array split{MutableBytes(text).first(17), MutableBytes(text).subspan(17)};
  aead_seal(key, aead, kText.data(), kAssociatedData, whole, tag.data());
  if (tag != expected_tag || text == kText) return false;
  if (!aead_open(key, aead, kText.data(), kAssociatedData, split, tag.data()) || text != kText) return false;
  aead_seal(key, aead, kText.data(), kAssociatedData, split, tag.data());
  if (tag != expected_tag) return false;
  tag[15] ^= 1;
  return !aead_open(key, aead, kText.data(), kAssociatedData, whole, tag.data());
}

// SHA-2 diffuses every input bit into every output byte: eight of them are answer enough.
using DigestHead = std::array<std::uint8_t, 8>;

bool starts_with(ConstBytes digest, const DigestHead& head) noexcept {
  return equal_constant_time(digest.first(head.size()), head);
}

bool sha256_is_right(const DigestHead& expected) noexcept {
  Sha256State state;
  std::array<std::uint8_t, 32> digest{};
  sha256_init(state);
  sha256_update(state, kText);
  sha256_final(state, digest.data());
  return starts_with(digest, expected);
}

bool sha384_is_right(const DigestHead& expected) noexcept {
  Sha512State state;
  std::array<std::uint8_t, 48> digest{};
  sha384_init(state);
  sha512_update(state, kText);
  sha384_final(state, digest.data());
  return starts_with(digest, expected);
}

bool sha512_is_right(const DigestHead& expected) noexcept {
  Sha512State state;
  std::array<std::uint8_t, 64> digest{};
  sha512_init(state);
  sha512_update(state, kText);
  sha512_final(state, digest.data());
  return starts_with(digest, expected);
}

void set_up() noexcept {
  if (!make_aead_manager()) give_up("libipsec-mb has no code for this CPU, or there is no memory");
  if (!aead_is_right(Aead::Aes128Gcm, {0xd8, 0x37, 0x1b, 0xc9, 0x47, 0x7f, 0x88, 0x75,  //
                                       0x25, 0x89, 0xd9, 0xb8, 0x29, 0x45, 0x8c, 0xe2})) {
    give_up("libipsec-mb computes AES-128-GCM wrongly");
  }
  if (!aead_is_right(Aead::Aes256Gcm, {0x00, 0x95, 0x9e, 0x3f, 0xe9, 0xc5, 0x2e, 0x3e,  //
                                       0x77, 0x1c, 0xd4, 0x94, 0x09, 0x8b, 0x64, 0xa5})) {
    give_up("libipsec-mb computes AES-256-GCM wrongly");
  }
  if (!aead_is_right(Aead::ChaCha20Poly1305, {0xd3, 0x99, 0x87, 0xc8, 0x56, 0xdb, 0x99, 0x2d,  //
                                              0x3b, 0x14, 0xc5, 0x0c, 0x70, 0xf7, 0x72, 0x39})) {
    give_up("libipsec-mb computes ChaCha20-Poly1305 wrongly");
  }
  if (!sha256_is_right({0x5f, 0xaa, 0x4e, 0xec, 0x36, 0x11, 0x55, 0x68})) give_up("libcrypto computes SHA-256 wrongly");
  if (!sha384_is_right({0x09, 0x5f, 0xdd, 0x13, 0x02, 0x78, 0xb3, 0xc8})) give_up("libcrypto computes SHA-384 wrongly");
  if (!sha512_is_right({0x69, 0x2f, 0x36, 0xeb, 0x11, 0x40, 0x60, 0xfd})) give_up("libcrypto computes SHA-512 wrongly");
}

}  // namespace

void initialise() noexcept {
  static std::once_flag once;
  std::call_once(once, set_up);
}

}  // namespace breakwater::port
