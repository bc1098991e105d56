// HMAC-SHA256 (RFC 2104) over the host's running SHA-256. Wipes everything that depends on the key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/port/bytes.h"
#include "core/port/hash.h"

namespace breakwater::crypto {

class HmacSha256 {
 public:
  static constexpr std::size_t kSize = 32;

  // key: 32 bytes, less than a block, so it is padded and never hashed.
  explicit HmacSha256(const std::uint8_t key[kSize]) noexcept {
    start(inner_.value, key, 0x36);
    start(outer_.value, key, 0x5c);
  }

  void update(ConstBytes data) noexcept { port::sha256_update(inner_.value, data); }

  // Once; out may be the key or part of the data.
  void final(std::uint8_t out[kSize]) noexcept {
    Secret<std::array<std::uint8_t, kSize>> digest;
    port::sha256_final(inner_.value, digest.value.data());
    port::sha256_update(outer_.value, digest.value);
    port::sha256_final(outer_.value, out);
  }

 private:
  static constexpr std::size_t kBlockSize = 64;

  static void start(port::Sha256State& state, const std::uint8_t key[kSize], std::uint8_t pad) noexcept {
    Secret<std::array<std::uint8_t, kBlockSize>> block;
    for (std::size_t i = 0; i < kBlockSize; ++i) {
      block.value[i] = i < kSize ? static_cast<std::uint8_t>(key[i] ^ pad) : pad;
    }
    port::sha256_init(state);
    port::sha256_update(state, block.value);
  }

  Secret<port::Sha256State> inner_;
  Secret<port::Sha256State> outer_;
};

}  // namespace breakwater::crypto
