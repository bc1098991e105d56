// Eight 64-bit lanes in an AVX-512 register, with the 52-bit multiply-add of IFMA. Only for units compiled for it
// (*_ifma.cpp). The same interface in plain C++: lanes_emulated.h, where each function says what it does.
#pragma once

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/crypto/lane_count.h"

namespace breakwater::crypto::ifma {

class LaneMask {
 public:
  LaneMask() noexcept = default;

  friend LaneMask operator&(LaneMask left, LaneMask right) noexcept { return LaneMask(left.mask_ & right.mask_); }
  friend LaneMask operator|(LaneMask left, LaneMask right) noexcept { return LaneMask(left.mask_ | right.mask_); }
  LaneMask operator~() const noexcept { return LaneMask(static_cast<__mmask8>(~mask_)); }

  std::uint8_t bits() const noexcept { return mask_; }
  static LaneMask from_bits(std::uint8_t bits) noexcept { return LaneMask(bits); }

  // For Lanes: the register.
  explicit LaneMask(int mask) noexcept : mask_(static_cast<__mmask8>(mask)) {}
  __mmask8 native() const noexcept { return mask_; }

 private:
  __mmask8 mask_ = 0;
};

class Lanes {
 public:
  using Mask = LaneMask;

  Lanes() noexcept : words_(_mm512_setzero_si512()) {}
  static Lanes zero() noexcept { return {}; }
  static Lanes broadcast(Limb value) noexcept { return Lanes(_mm512_set1_epi64(static_cast<long long>(value))); }

  static Lanes load(const std::array<Limb, kLanes>& words) noexcept { return Lanes(_mm512_loadu_si512(words.data())); }
  void store(std::array<Limb, kLanes>& words) const noexcept { _mm512_storeu_si512(words.data(), words_); }

  static Lanes load_bytes(const std::uint8_t bytes[64]) noexcept { return Lanes(_mm512_loadu_si512(bytes)); }
  void store_bytes(std::uint8_t bytes[64]) const noexcept { _mm512_storeu_si512(bytes, words_); }
  Lanes reverse_bytes() const noexcept {
    const long long low = 0x0001020304050607, high = 0x08090a0b0c0d0e0f;
    return Lanes(_mm512_shuffle_epi8(words_, _mm512_set_epi64(high, low, high, low, high, low, high, low)));
  }
  // Words, then pairs, then fours of them change places.
  friend void transpose(std::array<Lanes, kLanes>& rows) noexcept {
    std::array<Words, kLanes> pairs, fours;
    for (std::size_t i = 0; i < kLanes; i += 2) {
      const Words even = rows[i].words(), odd = rows[i + 1].words();
      pairs[i] = __builtin_shufflevector(even, odd, 0, 8, 2, 10, 4, 12, 6, 14);
      pairs[i + 1] = __builtin_shufflevector(even, odd, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t row = i / 2 * 4 + i % 2;  // 0, 1, 4, 5
      fours[row] = __builtin_shufflevector(pairs[row], pairs[row + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[row + 2] = __builtin_shufflevector(pairs[row], pairs[row + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      rows[i] = native(__builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
      rows[i + 4] = native(__builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
    }
  }

  friend Lanes operator+(Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_add_epi64(left.words_, right.words_));
  }
  friend Lanes operator-(Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_sub_epi64(left.words_, right.words_));
  }
  friend Lanes operator&(Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_and_si512(left.words_, right.words_));
  }
  friend Lanes operator|(Lanes left, Lanes right) noexcept { return Lanes(_mm512_or_si512(left.words_, right.words_)); }
  friend Lanes operator^(Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_xor_si512(left.words_, right.words_));
  }

  template <unsigned kCount>
  Lanes shift_left() const noexcept {
    static_assert(kCount < 64);
    return native(words() << kCount);
  }
  template <unsigned kCount>
  Lanes shift_right() const noexcept {
    static_assert(kCount < 64);
    return native(words() >> kCount);
  }
  Lanes shift_left(unsigned count) const noexcept { return native(words() << count); }
  Lanes shift_right(unsigned count) const noexcept { return native(words() >> count); }
  template <unsigned kCount>
  Lanes shift_right_signed() const noexcept {
    static_assert(kCount < 64);
    return native(reinterpret_cast<Words>(reinterpret_cast<SignedWords>(words_) >> kCount));
  }

  template <unsigned kCount>
  Lanes rotate_right() const noexcept {
    static_assert(0 < kCount && kCount < 64);
    return native(words() >> kCount | words() << (64 - kCount));
  }

  // One instruction, told by its truth table which function it is.
  friend Lanes choose(Lanes chooser, Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_ternarylogic_epi64(chooser.words_, left.words_, right.words_, 0xca));
  }
  friend Lanes majority(Lanes a, Lanes b, Lanes c) noexcept {
    return Lanes(_mm512_ternarylogic_epi64(a.words_, b.words_, c.words_, 0xe8));
  }
  friend Lanes exclusive_or(Lanes a, Lanes b, Lanes c) noexcept {
    return Lanes(_mm512_ternarylogic_epi64(a.words_, b.words_, c.words_, 0x96));
  }

  friend Lanes multiply_add_low(Lanes addend, Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_madd52lo_epu64(addend.words_, left.words_, right.words_));
  }
  friend Lanes multiply_add_high(Lanes addend, Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_madd52hi_epu64(addend.words_, left.words_, right.words_));
  }

  friend LaneMask equal(Lanes left, Lanes right) noexcept {
    return LaneMask(_mm512_cmpeq_epi64_mask(left.words_, right.words_));
  }
  friend LaneMask less(Lanes left, Lanes right) noexcept {
    return LaneMask(_mm512_cmplt_epu64_mask(left.words_, right.words_));
  }

  friend Lanes select(LaneMask mask, Lanes left, Lanes right) noexcept {
    return Lanes(_mm512_mask_blend_epi64(mask.native(), right.words_, left.words_));
  }
  friend Lanes select_broadcast(LaneMask mask, Limb value, Lanes other) noexcept {
    return Lanes(_mm512_mask_set1_epi64(other.words_, mask.native(), static_cast<long long>(value)));
  }

  // Both halves of the table are read whole; the permutation stays in registers and takes the same time for every
  // index.
  friend Lanes look_up(const std::array<Limb, 16>& table, Lanes index) noexcept {
    return Lanes(_mm512_permutex2var_epi64(_mm512_loadu_si512(table.data()), index.words_,
                                           _mm512_loadu_si512(table.data() + 8)));
  }

  // Bounds are checked where the same code runs on emulated lanes.
  void check_below(unsigned) const noexcept {}

 private:
  // The compilers' own vectors: GCC 12 takes the intrinsics of shifts for uses of uninitialised values.
  using Words = Limb __attribute__((vector_size(64)));
  using SignedWords = std::int64_t __attribute__((vector_size(64)));

  Words words() const noexcept { return reinterpret_cast<Words>(words_); }
  static Lanes native(Words words) noexcept { return Lanes(reinterpret_cast<__m512i>(words)); }

  explicit Lanes(__m512i words) noexcept : words_(words) {}

  __m512i words_;
};

}  // namespace breakwater::crypto::ifma
