// HMAC-SHA256 (RFC 2104) over the host's running SHA-256. Wipes everything that depends on the key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/port/bytes.h"
#include "core/port/hash.h"

namespace breakwater::crypto {

// A key, hashed as far as it goes: two of a message's blocks that need not be hashed again for the next one.
class HmacSha256Key {
 public:
  static constexpr std::size_t kSize = 32;

  // 32 bytes, less than a block, so they are padded and never hashed.
  explicit HmacSha256Key(const std::uint8_t key[kSize]) noexcept { set(key); }
  HmacSha256Key(const HmacSha256Key& other) noexcept : inner_(other.inner_.value), outer_(other.outer_.value) {}
  HmacSha256Key& operator=(const HmacSha256Key&) = delete;

  void set(const std::uint8_t key[kSize]) noexcept {
    Secret<std::array<std::uint8_t, kBlockSize>> block;
    start(inner_.value, block.value, key, 0x36);
    start(outer_.value, block.value, key, 0x5c);
  }

 private:
  friend class HmacSha256;

  static constexpr std::size_t kBlockSize = 64;

  static void start(port::Sha256State& state, std::array<std::uint8_t, kBlockSize>& block,
                    const std::uint8_t key[kSize], std::uint8_t pad) noexcept {
    block.fill(pad);
    for (std::size_t i = 0; i < kSize; ++i) block[i] = static_cast<std::uint8_t>(key[i] ^ pad);
    port::sha256_init(state);
    port::sha256_update(state, block);
  }

  Secret<port::Sha256State> inner_;
  Secret<port::Sha256State> outer_;
};

// One message.
class HmacSha256 {
 public:
  static constexpr std::size_t kSize = 32;

  // The key is not needed any more after this.
  explicit HmacSha256(const HmacSha256Key& key) noexcept : state_(key.inner_.value), outer_(key.outer_.value) {}

  void update(ConstBytes data) noexcept { port::sha256_update(state_.value, data); }

  // Once; out may be part of the data.
  void final(std::uint8_t out[kSize]) noexcept {
    Secret<std::array<std::uint8_t, kSize>> digest;
    port::sha256_final(state_.value, digest.value.data());
    port::sha256_update(outer_.value, digest.value);
    port::sha256_final(outer_.value, out);
  }

 private:
  Secret<port::Sha256State> state_;
  Secret<port::Sha256State> outer_;
};

}  // namespace breakwater::crypto
