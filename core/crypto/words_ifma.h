// Eight 32-bit words, one for each lane, in half an AVX-512 register. Only for units compiled for it (*_ifma.cpp). The
// same interface in plain C++: words_emulated.h, where each function says what it does.
#pragma once

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/lane_count.h"

namespace breakwater::crypto::ifma {

class Words {
 public:
  Words() noexcept : words_(_mm256_setzero_si256()) {}
  static Words broadcast(std::uint32_t value) noexcept { return Words(_mm256_set1_epi32(static_cast<int>(value))); }

  static Words load(const std::array<std::uint32_t, kLanes>& words) noexcept {
    return Words(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words.data())));
  }
  void store(std::array<std::uint32_t, kLanes>& words) const noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words.data()), words_);
  }

  friend Words operator+(Words left, Words right) noexcept {
    return Words(_mm256_add_epi32(left.words_, right.words_));
  }
  friend Words operator^(Words left, Words right) noexcept {
    return Words(_mm256_xor_si256(left.words_, right.words_));
  }

  Words in_order() const noexcept {
    Words same = *this;
    __asm__("" : "+v"(same.words_));
    return same;
  }

  template <unsigned kCount>
  Words rotate_right() const noexcept {
    static_assert(kCount > 0 && kCount < 32);
    return Words(_mm256_ror_epi32(words_, kCount));
  }
  template <unsigned kCount>
  Words shift_right() const noexcept {
    static_assert(kCount < 32);
    return Words(_mm256_srli_epi32(words_, kCount));
  }

  // The last operand is the truth table: bit 4 a + 2 b + c is the result for bits a, b and c.
  friend Words exclusive_or(Words a, Words b, Words c) noexcept {
    return Words(_mm256_ternarylogic_epi32(a.words_, b.words_, c.words_, 0x96));
  }
  friend Words choose(Words a, Words b, Words c) noexcept {
    return Words(_mm256_ternarylogic_epi32(a.words_, b.words_, c.words_, 0xca));
  }
  friend Words majority(Words a, Words b, Words c) noexcept {
    return Words(_mm256_ternarylogic_epi32(a.words_, b.words_, c.words_, 0xe8));
  }

 private:
  explicit Words(__m256i words) noexcept : words_(words) {}

  __m256i words_;
};

}  // namespace breakwater::crypto::ifma
