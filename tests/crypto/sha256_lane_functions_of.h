// The functions of sha256_lane_functions.h over any 32-bit words in lanes.
#pragma once

#include <cstddef>

#include "core/crypto/rfc6979_lanes.h"
#include "tests/crypto/sha256_lane_functions.h"

namespace breakwater::test {

template <class W>
class Sha256LaneFunctionsOf {
 public:
  static constexpr Sha256LaneFunctions table() {
    Sha256LaneFunctions all{};
    all.digest = [](LaneDigest& out, const LaneBlock* blocks, std::size_t count) noexcept {
      Digest state = Sha256::initial();
      for (std::size_t i = 0; i < count; ++i) Sha256::compress(state, get(blocks[i]));
      put(out, state);
    };
    all.hmac = [](LaneDigest& mac, const LaneDigest& key, const LaneBlock* blocks, std::size_t count) noexcept {
      std::array<Block, Sha256LaneFunctions::kMostBlocks> message;
      for (std::size_t i = 0; i < count; ++i) message[i] = get(blocks[i]);
      Hmac hmac;
      hmac.set_key(get(key));
      Digest result;
      hmac.authenticate(result, std::span<const Block>(message.data(), count));
      put(mac, result);
    };
    all.hmac_of_digest = [](LaneDigest& mac, const LaneDigest& key) noexcept {
      Hmac hmac;
      hmac.set_key(get(key));
      Digest value = get(mac);
      hmac.authenticate(value);
      put(mac, value);
    };
    all.hmac_of_digest_with_zeros = [](LaneDigest& mac) noexcept {
      Hmac hmac;
      Digest value = get(mac);
      hmac.authenticate(value);
      put(mac, value);
    };
    all.most_hedge = Source::kMaxHedge;
    all.takes = [](const crypto::P256SignLane* lanes, std::size_t count) noexcept {
      return Source::takes({lanes, count});
    };
    all.first_candidates = [](std::array<crypto::Limbs, crypto::kLanes>& out, const crypto::P256SignLane* lanes,
                              std::size_t count) noexcept {
      Source::first_candidates(out, {lanes, count});
    };
    return all;
  }

 private:
  using Sha256 = crypto::Sha256Lanes<W>;
  using Hmac = crypto::HmacSha256Lanes<W>;
  using Source = crypto::Rfc6979Lanes<W>;
  using Digest = typename Hmac::Digest;
  using Block = typename Hmac::Block;

  template <std::size_t kSize>
  static std::array<W, kSize> get(const std::array<std::array<std::uint32_t, crypto::kLanes>, kSize>& words) noexcept {
    std::array<W, kSize> result;
    for (std::size_t i = 0; i < kSize; ++i) result[i] = W::load(words[i]);
    return result;
  }
  static void put(LaneDigest& out, const Digest& digest) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) digest[i].store(out[i]);
  }
};

}  // namespace breakwater::test
