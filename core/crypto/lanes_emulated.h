// Eight 64-bit lanes in plain C++, with the interface of lanes_ifma.h: so the algorithm that runs on AVX-512 runs on
// any CPU, and under valgrind, which knows no AVX-512. A loop over eight lanes takes the place of an instruction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/crypto/lane_count.h"

namespace breakwater::crypto::emulated {

// A truth value in each lane.
class LaneMask {
 public:
  LaneMask() noexcept = default;

  friend LaneMask operator&(const LaneMask& left, const LaneMask& right) noexcept {
    return make([&](std::size_t i) { return left.masks_[i] & right.masks_[i]; });
  }
  friend LaneMask operator|(const LaneMask& left, const LaneMask& right) noexcept {
    return make([&](std::size_t i) { return left.masks_[i] | right.masks_[i]; });
  }
  LaneMask operator~() const noexcept {
    return make([&](std::size_t i) { return ~masks_[i]; });
  }

  // Bit i is lane i's. As secret as the mask: see declassify().
  std::uint8_t bits() const noexcept {
    Limb bits = 0;
    for (std::size_t i = 0; i < kLanes; ++i) bits |= (masks_[i] & 1) << i;
    return static_cast<std::uint8_t>(bits);
  }
  static LaneMask from_bits(std::uint8_t bits) noexcept {
    return make([&](std::size_t i) { return mask_from_bit((Limb{bits} >> i) & 1); });
  }

  // For Lanes: the mask of one lane.
  Mask operator[](std::size_t lane) const noexcept { return masks_[lane]; }
  template <class Function>
  static LaneMask make(Function&& mask_of) noexcept {
    LaneMask result;
    for (std::size_t i = 0; i < kLanes; ++i) result.masks_[i] = mask_of(i);
    return result;
  }

 private:
  std::array<Mask, kLanes> masks_{};
};

class Lanes {
 public:
  using Mask = LaneMask;

  Lanes() noexcept = default;  // zeros
  static Lanes zero() noexcept { return {}; }
  static Lanes broadcast(Limb value) noexcept {
    return make([&](std::size_t) { return value; });
  }

  static Lanes load(const std::array<Limb, kLanes>& words) noexcept {
    return make([&](std::size_t i) { return words[i]; });
  }
  void store(std::array<Limb, kLanes>& words) const noexcept { words = words_; }

  // Eight words as they lie in memory.
  static Lanes load_bytes(const std::uint8_t bytes[64]) noexcept {
    Lanes result;
    memcpy(result.words_.data(), bytes, sizeof result.words_);
    return result;
  }
  void store_bytes(std::uint8_t bytes[64]) const noexcept { memcpy(bytes, words_.data(), sizeof words_); }
  Lanes reverse_bytes() const noexcept {
    return make([&](std::size_t i) { return __builtin_bswap64(words_[i]); });
  }
  // Lane j of rows[i] changes places with lane i of rows[j].
  friend void transpose(std::array<Lanes, kLanes>& rows) noexcept {
    for (std::size_t i = 0; i < kLanes; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Limb word = rows[i].words_[j];
        rows[i].words_[j] = rows[j].words_[i];
        rows[j].words_[i] = word;
      }
    }
  }

  // Modulo 2^64.
  friend Lanes operator+(const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] + right.words_[i]; });
  }
  friend Lanes operator-(const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] - right.words_[i]; });
  }
  friend Lanes operator&(const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] & right.words_[i]; });
  }
  friend Lanes operator|(const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] | right.words_[i]; });
  }
  friend Lanes operator^(const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return left.words_[i] ^ right.words_[i]; });
  }

  template <unsigned kCount>
  Lanes shift_left() const noexcept {
    static_assert(kCount < 64);
    return make([&](std::size_t i) { return words_[i] << kCount; });
  }
  template <unsigned kCount>
  Lanes shift_right() const noexcept {
    static_assert(kCount < 64);
    return make([&](std::size_t i) { return words_[i] >> kCount; });
  }
  // The same with a count that is known at run time only, and public; count < 64.
  Lanes shift_left(unsigned count) const noexcept {
    return make([&](std::size_t i) { return words_[i] << count; });
  }
  Lanes shift_right(unsigned count) const noexcept {
    return make([&](std::size_t i) { return words_[i] >> count; });
  }
  // Of signed words: towards minus infinity.
  template <unsigned kCount>
  Lanes shift_right_signed() const noexcept {
    static_assert(kCount < 64);
    return make([&](std::size_t i) { return static_cast<Limb>(static_cast<std::int64_t>(words_[i]) >> kCount); });
  }

  template <unsigned kCount>
  Lanes rotate_right() const noexcept {
    static_assert(0 < kCount && kCount < 64);
    return make([&](std::size_t i) { return words_[i] >> kCount | words_[i] << (64 - kCount); });
  }

  // Bit by bit: left where the bit of `chooser` is set, else right; what most of the three are; whether an odd number
  // of the three is set.
  friend Lanes choose(const Lanes& chooser, const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return crypto::select(chooser.words_[i], left.words_[i], right.words_[i]); });
  }
  friend Lanes majority(const Lanes& a, const Lanes& b, const Lanes& c) noexcept {
    return make([&](std::size_t i) { return crypto::select(a.words_[i] ^ b.words_[i], c.words_[i], a.words_[i]); });
  }
  friend Lanes exclusive_or(const Lanes& a, const Lanes& b, const Lanes& c) noexcept { return a ^ b ^ c; }

  // addend + the low or high 52 bits of the 104-bit product of the factors' low 52 bits.
  friend Lanes multiply_add_low(const Lanes& addend, const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return addend.words_[i] + low52(product(left, right, i)); });
  }
  friend Lanes multiply_add_high(const Lanes& addend, const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return addend.words_[i] + static_cast<Limb>(product(left, right, i) >> 52); });
  }

  friend LaneMask equal(const Lanes& left, const Lanes& right) noexcept {
    return LaneMask::make([&](std::size_t i) { return mask_equal(left.words_[i], right.words_[i]); });
  }
  // Of unsigned words.
  friend LaneMask less(const Lanes& left, const Lanes& right) noexcept {
    return LaneMask::make([&](std::size_t i) {
      const WideLimb difference = WideLimb{left.words_[i]} - right.words_[i];
      return mask_from_bit(static_cast<Limb>(difference >> 64) & 1);
    });
  }

  // left where the mask is set, else right.
  friend Lanes select(const LaneMask& mask, const Lanes& left, const Lanes& right) noexcept {
    return make([&](std::size_t i) { return crypto::select(mask[i], left.words_[i], right.words_[i]); });
  }
  // select(mask, broadcast(value), other)
  friend Lanes select_broadcast(const LaneMask& mask, Limb value, const Lanes& other) noexcept {
    return make([&](std::size_t i) { return crypto::select(mask[i], value, other.words_[i]); });
  }

  // In each lane the word of the table that the low four bits of its index say.
  friend Lanes look_up(const std::array<Limb, 16>& table, const Lanes& index) noexcept {
    return make([&](std::size_t i) {
      Limb found = 0;
      for (Limb j = 0; j < 16; ++j) found |= mask_equal(index.words_[i] & 15, j) & table[j];
      return found;
    });
  }

  // Stops a debug build when a word is not below 2^bits: the bounds that functions state.
  void check_below([[maybe_unused]] unsigned bits) const noexcept {
#if defined(BREAKWATER_DEBUG) && !defined(BREAKWATER_CONSTANT_TIME_CHECK)
    for (const Limb word : words_) {
      if (word >> bits != 0) __builtin_trap();
    }
#endif
  }

 private:
  template <class Function>
  static Lanes make(Function&& word_of) noexcept {
    Lanes result;
    for (std::size_t i = 0; i < kLanes; ++i) result.words_[i] = word_of(i);
    return result;
  }

  static constexpr Limb low52(WideLimb value) noexcept { return static_cast<Limb>(value) & ((Limb{1} << 52) - 1); }
  static WideLimb product(const Lanes& left, const Lanes& right, std::size_t i) noexcept {
    return WideLimb{low52(left.words_[i])} * low52(right.words_[i]);
  }

  std::array<Limb, kLanes> words_{};
};

}  // namespace breakwater::crypto::emulated
