// SipHash (Aumasson and Bernstein, 2012): a keyed hash for tables whose keys an attacker chooses. Who does not know the
// key cannot aim at a place of the table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::guard {

// Random, and made anew with each table.
struct SipKey {
  std::uint64_t words[2];
};

// kRounds for each word of the message, kLastRounds at its end: 1 and 3 for tables, 2 and 4 as in the paper.
template <unsigned kRounds, unsigned kLastRounds>
class SipHash {
 public:
  explicit constexpr SipHash(const SipKey& key) noexcept
      : v0_(key.words[0] ^ 0x736f6d6570736575),
        v1_(key.words[1] ^ 0x646f72616e646f6d),
        v2_(key.words[0] ^ 0x6c7967656e657261),
        v3_(key.words[1] ^ 0x7465646279746573) {}

  // Eight bytes of the message, the first one lowest.
  constexpr void put(std::uint64_t word) noexcept {
    v3_ ^= word;
    for (unsigned i = 0; i < kRounds; ++i) round();
    v0_ ^= word;
  }

  // last: up to seven bytes that are left, the first one lowest; size: of the whole message, in bytes.
  constexpr std::uint64_t finish(std::uint64_t last, std::size_t size) noexcept {
    put(last | std::uint64_t{size} << 56);
    v2_ ^= 0xff;
    for (unsigned i = 0; i < kLastRounds; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  static constexpr std::uint64_t rotated(std::uint64_t value, unsigned count) noexcept {
    return value << count | value >> (64 - count);
  }
  constexpr void round() noexcept {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = rotated(v1_, 13) ^ v0_;
    v3_ = rotated(v3_, 16) ^ v2_;
    v0_ = rotated(v0_, 32) + v3_;
    v2_ += v1_;
    v3_ = rotated(v3_, 21) ^ v0_;
    v1_ = rotated(v1_, 17) ^ v2_;
    v2_ = rotated(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

// Of any message.
template <unsigned kRounds, unsigned kLastRounds>
constexpr std::uint64_t siphash(const SipKey& key, ConstBytes message) noexcept {
  const auto word = [&](std::size_t begin, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{message[begin + i]} << 8 * i;
    return value;
  };
  SipHash<kRounds, kLastRounds> hash(key);
  std::size_t done = 0;
  for (; message.size() - done >= 8; done += 8) hash.put(word(done, 8));
  return hash.finish(word(done, message.size() - done), message.size());
}

// For tables: of two words.
constexpr std::uint64_t keyed_hash(const SipKey& key, std::uint64_t first, std::uint64_t second) noexcept {
  SipHash<1, 3> hash(key);
  hash.put(first);
  hash.put(second);
  return hash.finish(0, 16);
}

}  // namespace breakwater::guard
