// The first nonce candidates of RFC 6979 (rfc6979.h) for up to eight signatures at once. Constant time; hedge sizes are
// public.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/hmac_sha256_lanes.h"
#include "core/crypto/lane_count.h"
#include "core/crypto/limbs.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_scalar.h"

namespace breakwater::crypto {

template <class W>
class Rfc6979Lanes {
 public:
  // All hedges must be of one size, and at most this: lanes have one number of blocks, of which there is room for
  // three.
  static constexpr std::size_t kMaxHedge = 86;

  static bool takes(std::span<const P256SignLane> lanes) noexcept {
    const std::size_t size = lanes[0].hedge.size();
    bool same = size <= kMaxHedge;
    for (const P256SignLane& lane : lanes) same &= lane.hedge.size() == size;
    return same;
  }

  // What Rfc6979(scalar, digest, hedge).next() gives, for each of lanes that takes() agrees to. The candidates of other
  // lanes stay as they are.
  static void first_candidates(std::array<Limbs, kLanes>& candidates, std::span<const P256SignLane> lanes) noexcept {
    Secret<Digest> value, mac;  // V, and K when it is made
    value.value.fill(W::broadcast(0x01010101));
    Hmac hmac;
    Secret<Seed> secret_seed;
    const std::span<Block> seed = seed_blocks(secret_seed.value, lanes);
    for (const std::uint32_t separator : std::array<std::uint32_t, 2>{0, 1}) {
      for (std::size_t i = 0; i < 8; ++i) seed[0][i] = value.value[i];
      seed[0][8] = seed[0][8] ^ W::broadcast(separator << 24);
      hmac.authenticate(mac.value, seed);
      hmac.set_key(mac.value);
      hmac.authenticate(value.value);
    }
    hmac.authenticate(value.value);
    store(std::span(candidates).first(lanes.size()), value.value);
  }

 private:
  using Hmac = HmacSha256Lanes<W>;
  using Digest = typename Hmac::Digest;
  using Block = typename Hmac::Block;
  using Seed = std::array<Block, 3>;

  static constexpr std::size_t kLongBlock = Hmac::kBlockSize / 8;  // a block, in words of 64 bits
  static constexpr std::size_t kHedgeLongs = (kMaxHedge + 2) / 8;  // with the byte that begins the padding
  static_assert(kLongBlock * 3 == 4 + 8 + kHedgeLongs + 1);        // V, scalar and digest, hedge, length

  // V || 0 || scalar || digest || hedge, padded, with V left out: d of 3.2 and 3.6. Returns the blocks that it takes.
  static std::span<Block> seed_blocks(Seed& seed, std::span<const P256SignLane> lanes) noexcept {
    const std::size_t size = 32 + 1 + 64 + lanes[0].hedge.size();
    const std::size_t longs = (size + 1 + 8 + Hmac::kBlockSize - 1) / Hmac::kBlockSize * kLongBlock;
    Secret<std::array<std::array<std::uint32_t, kLanes>, kLongBlock * 6>> columns;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const auto put = [&](std::size_t at, Limb value) noexcept {
        columns.value[2 * at][i] = static_cast<std::uint32_t>(value >> 32);
        columns.value[2 * at + 1][i] = static_cast<std::uint32_t>(value);
      };
      Secret<std::array<Limb, 8 + kHedgeLongs>> input;
      set_input(input.value, lanes[i]);
      put(4, input.value[0] >> 8);  // all of it comes one byte later than in the input: the separator is a byte
      for (std::size_t j = 5; j < longs - 1; ++j) put(j, input.value[j - 5] << 56 | input.value[j - 4] >> 8);
      put(longs - 1, 8 * (Hmac::kBlockSize + size));
    }
    for (std::size_t i = 8; i < 2 * longs; ++i) seed[i / 16][i % 16] = W::load(columns.value[i]);
    return std::span(seed).first(longs / kLongBlock);
  }

  // scalar || digest || hedge || 0x80, big endian.
  static void set_input(std::array<Limb, 8 + kHedgeLongs>& input, const P256SignLane& lane) noexcept {
    const Limbs digest = reduced(limbs_from_bytes(lane.digest));
    for (std::size_t i = 0; i < 4; ++i) {
      input[i] = load_big_endian(lane.scalar + 8 * i);
      input[4 + i] = digest[3 - i];
    }
    Secret<std::array<std::uint8_t, 8 * kHedgeLongs>> hedge;
    copy_bytes(hedge.value.data(), lane.hedge);
    hedge.value[lane.hedge.size()] = 0x80;
    for (std::size_t i = 0; i < kHedgeLongs; ++i) input[8 + i] = load_big_endian(hedge.value.data() + 8 * i);
  }

  // A digest modulo n: it is below 2 n.
  [[gnu::always_inline]] static Limbs reduced(const Limbs& digest) noexcept {
    constexpr Limbs kOrder = P256OrderModulus::kModulus;
    Limbs difference{};
    const Limb borrow = subtract_limbs(difference, digest, kOrder);
    return select(mask_from_bit(borrow), digest, difference);
  }

  static void store(std::span<Limbs> integers, const Digest& value) noexcept {
    Secret<std::array<std::array<std::uint32_t, kLanes>, 8>> words;
    for (std::size_t i = 0; i < 8; ++i) value[i].store(words.value[i]);
    for (std::size_t lane = 0; lane < integers.size(); ++lane) {
      for (std::size_t i = 0; i < 4; ++i) {
        integers[lane][3 - i] = Limb{words.value[2 * i][lane]} << 32 | words.value[2 * i + 1][lane];
      }
    }
  }
};

}  // namespace breakwater::crypto
