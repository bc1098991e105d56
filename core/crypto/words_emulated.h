// Eight 32-bit words, one for each lane, in plain C++, with the interface of words_ifma.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/lane_count.h"

namespace breakwater::crypto::emulated {

class Words {
 public:
  Words() noexcept = default;  // zeros
  static Words broadcast(std::uint32_t value) noexcept {
    return make([&](std::size_t) { return value; });
  }

  static Words load(const std::array<std::uint32_t, kLanes>& words) noexcept {
    return make([&](std::size_t i) { return words[i]; });
  }
  void store(std::array<std::uint32_t, kLanes>& words) const noexcept { words = words_; }

  // Modulo 2^32.
  friend Words operator+(const Words& left, const Words& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] + right.words_[i]; });
  }
  friend Words operator^(const Words& left, const Words& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] ^ right.words_[i]; });
  }

  // The same: a sum whose terms the compiler is not to rearrange with those of the sum it goes into.
  const Words& in_order() const noexcept { return *this; }

  template <unsigned kCount>
  Words rotate_right() const noexcept {
    static_assert(kCount > 0 && kCount < 32);
    return make([&](std::size_t i) { return words_[i] >> kCount | words_[i] << (32 - kCount); });
  }
  template <unsigned kCount>
  Words shift_right() const noexcept {
    static_assert(kCount < 32);
    return make([&](std::size_t i) { return words_[i] >> kCount; });
  }

  // Bit by bit: a ^ b ^ c; b where a is set, else c; what at least two of them are.
  friend Words exclusive_or(const Words& a, const Words& b, const Words& c) noexcept {
    return make([&](std::size_t i) { return a.words_[i] ^ b.words_[i] ^ c.words_[i]; });
  }
  friend Words choose(const Words& a, const Words& b, const Words& c) noexcept {
    return make([&](std::size_t i) { return c.words_[i] ^ (a.words_[i] & (b.words_[i] ^ c.words_[i])); });
  }
  friend Words majority(const Words& a, const Words& b, const Words& c) noexcept {
    return make(
        [&](std::size_t i) { return (a.words_[i] & b.words_[i]) | (c.words_[i] & (a.words_[i] | b.words_[i])); });
  }

 private:
  template <class Function>
  static Words make(Function&& word_of) noexcept {
    Words result;
    for (std::size_t i = 0; i < kLanes; ++i) result.words_[i] = word_of(i);
    return result;
  }

  std::array<std::uint32_t, kLanes> words_{};
};

}  // namespace breakwater::crypto::emulated
