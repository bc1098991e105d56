// HMAC-SHA256 (RFC 2104) in lanes: a key of 32 bytes and a message in each, the messages of one length. Constant time;
// everything that depends on a key is wiped, once, at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/sha256_lanes.h"

namespace breakwater::crypto {

template <class W>
class HmacSha256Lanes {
 public:
  using Sha256 = Sha256Lanes<W>;
  using Digest = typename Sha256::State;
  using Block = typename Sha256::Block;

  static constexpr std::size_t kBlockSize = 64;

  // The key is 32 zeros at first.
  HmacSha256Lanes() noexcept {
    for (std::size_t i = 0; i < 8; ++i) {
      work_.value.inner[i] = W::broadcast(kInnerOfZeros[i]);
      work_.value.outer[i] = W::broadcast(kOuterOfZeros[i]);
    }
    work_.value.digest_block[8] = W::broadcast(0x80000000);
    work_.value.digest_block[15] = W::broadcast(8 * (kBlockSize + 32));
  }

  void set_key(const Digest& key) noexcept {
    start(work_.value.inner, key, 0x36363636);
    start(work_.value.outer, key, 0x5c5c5c5c);
  }

  // message: padded as SHA-256 wants it (FIPS 180-4 5.1.1), one block that the key makes counted in its length.
  void authenticate(Digest& mac, std::span<const Block> message) noexcept {
    mac = work_.value.inner;
    for (const Block& block : message) Sha256::compress(mac, block);
    finish(mac);
  }

  // The message is what mac holds.
  void authenticate(Digest& mac) noexcept {
    put_digest(mac);
    mac = work_.value.inner;
    Sha256::compress(mac, work_.value.digest_block);
    finish(mac);
  }

 private:
  // SHA-256's states after the blocks that a key of zeros makes: 64 bytes 0x36, and 64 bytes 0x5c.
  static constexpr std::array<std::uint32_t, 8> kInnerOfZeros{0xf454dead, 0x9725214f, 0x90daf2a0, 0xdf1228ea,
                                                              0x64e5750f, 0xa3924181, 0x824a932b, 0xf8e04e32};
  static constexpr std::array<std::uint32_t, 8> kOuterOfZeros{0xd385480f, 0x7abb6477, 0x37c9c538, 0x5dd82467,
                                                              0x8e043a72, 0x753434b0, 0xdeb82818, 0x361d45a6};

  void start(Digest& state, const Digest& key, std::uint32_t pad) noexcept {
    Block& block = work_.value.key_block;
    for (std::size_t i = 0; i < 8; ++i) block[i] = key[i] ^ W::broadcast(pad);
    for (std::size_t i = 8; i < 16; ++i) block[i] = W::broadcast(pad);
    state = Sha256::initial();
    Sha256::compress(state, block);
  }

  void put_digest(const Digest& digest) noexcept {
    for (std::size_t i = 0; i < 8; ++i) work_.value.digest_block[i] = digest[i];
  }

  // mac holds the inner hash.
  void finish(Digest& mac) noexcept {
    put_digest(mac);
    mac = work_.value.outer;
    Sha256::compress(mac, work_.value.digest_block);
  }

  struct Work {
    Digest inner;  // after the block that the key makes
    Digest outer;
    Block key_block;
    Block digest_block;  // the last block of a message of 32 bytes, or of the outer hash
  };

  Secret<Work> work_;
};

}  // namespace breakwater::crypto
