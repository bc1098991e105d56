// The 256-bit integers of X25519 as four 64-bit words, least significant first: scalars, elements on their way in and
// out, entries of the comb tables. A word is a Limb, one number, or a Lanes (lanes_ifma.h, lanes_emulated.h), eight of
// them at once. The operations that X25519 needs on both, by one name. Constant time.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

template <class Word>
using Words = std::array<Word, 4>;

inline constexpr Limbs kX25519Modulus{0xffffffffffffffed, ~Limb{0}, ~Limb{0}, ~Limb{0} >> 1};  // 2^255 - 19
inline constexpr Limbs kX25519OneHalf{0xfffffffffffffff7, ~Limb{0}, ~Limb{0}, ~Limb{0} >> 2};  // (p + 1) / 2

// The same value in every lane.
template <class Word>
[[gnu::always_inline]] inline Word word_of(Limb value) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    return value;
  } else {
    return Word::broadcast(value);
  }
}

template <unsigned kCount, class Word>
[[gnu::always_inline]] constexpr Word shift_left(const Word& word) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    return word << kCount;
  } else {
    return word.template shift_left<kCount>();
  }
}

template <unsigned kCount, class Word>
[[gnu::always_inline]] constexpr Word shift_right(const Word& word) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    return word >> kCount;
  } else {
    return word.template shift_right<kCount>();
  }
}

// All 256 bits, downwards.
template <unsigned kCount, class Word>
[[gnu::always_inline]] constexpr Words<Word> shift_right(const Words<Word>& words) noexcept {
  return {shift_right<kCount>(words[0]) | shift_left<64 - kCount>(words[1]),
          shift_right<kCount>(words[1]) | shift_left<64 - kCount>(words[2]),
          shift_right<kCount>(words[2]) | shift_left<64 - kCount>(words[3]), shift_right<kCount>(words[3])};
}

// A mask for each number: Mask, or Lanes::Mask.
template <class Word>
[[gnu::always_inline]] inline auto has_value(const Word& word, Limb value) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    return mask_equal(word, value);
  } else {
    return equal(word, Word::broadcast(value));
  }
}

// bit < 64, public.
template <class Word>
[[gnu::always_inline]] inline auto has_bit(const Word& word, unsigned bit) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    return mask_from_bit((word >> bit) & 1);
  } else {
    return ~equal(word & Word::broadcast(Limb{1} << bit), Word::zero());
  }
}

// Takes the value where the mask is set.
template <class Word, class WordMask>
[[gnu::always_inline]] inline void replace_if(const WordMask& mask, Word& word, Limb value) noexcept {
  if constexpr (std::same_as<Word, Limb>) {
    word = select(mask, value, word);
  } else {
    word = select_broadcast(mask, value, word);
  }
}

// 32 bytes, little endian.
[[gnu::always_inline]] constexpr Limbs limbs_from_little_endian(const std::uint8_t* bytes) noexcept {
  Limbs limbs{};
  for (std::size_t i = 32; i-- > 0;) limbs[i / 8] = (limbs[i / 8] << 8) | bytes[i];
  return limbs;
}

[[gnu::always_inline]] constexpr void limbs_to_little_endian(std::uint8_t* bytes, const Limbs& limbs) noexcept {
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
}

}  // namespace breakwater::crypto
