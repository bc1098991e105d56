// X25519's scalars, in the form of x25519_words.h. Constant time.
#pragma once

#include <cstddef>

#include "core/crypto/x25519_words.h"

namespace breakwater::crypto {

// RFC 7748 5: a multiple of 8, bit 254 set, bit 255 clear.
template <class Word>
[[gnu::always_inline]] inline void clamp_scalar(Words<Word>& scalar) noexcept {
  scalar[0] = scalar[0] & word_of<Word>(~Limb{7});
  scalar[3] = (scalar[3] & word_of<Word>(~Limb{0} >> 1)) | word_of<Word>(Limb{1} << 62);
}

// Where a scalar's bits change: what the ladder asks for.
template <class Word>
class BitChanges {
 public:
  // Bit 255 of the scalar is clear.
  [[gnu::always_inline]] explicit BitChanges(const Words<Word>& scalar) noexcept {
    const Words<Word> above = shift_right<1>(scalar);
    for (std::size_t i = 0; i < 4; ++i) changes_.value[i] = scalar[i] ^ above[i];
  }

  // Whether this bit, below 255, differs from the next higher one.
  [[gnu::always_inline]] auto at(unsigned bit) const noexcept { return has_bit(changes_.value[bit / 64], bit % 64); }

 private:
  Secret<Words<Word>> changes_;
};

// A scalar as 64 signed digits of four bits (Booth): scalar = sum of digit_i * 16^i, -8 <= digit_i <= 8. Of a scalar
// below 2^255 none is left over at the top.
inline constexpr unsigned kDigitBits = 4;
inline constexpr std::size_t kDigitCount = 64;
inline constexpr std::size_t kDigitMost = 8;

template <class Word>
struct CombDigit {
  Word magnitude;  // 0 .. 8
  decltype(has_bit(Word{}, 0U)) negative;

  [[gnu::always_inline]] auto has_magnitude(Limb value) const noexcept { return has_value(magnitude, value); }
};

// The even digits or the odd ones, one after the other from the lowest: 32 of them.
// A digit is read from bits 4i + 3 .. 4i - 1: the four of its own and the top one below, which says that the digit
// below was taken negative and borrowed 1 from here. A set bit 4i + 3 makes this one negative.
template <class Word>
class CombDigits {
 public:
  [[gnu::always_inline]] static CombDigits even(const Words<Word>& scalar) noexcept {
    const Words<Word> below = {shift_left<1>(scalar[0]), shift_left<1>(scalar[1]) | shift_right<63>(scalar[0]),
                               shift_left<1>(scalar[2]) | shift_right<63>(scalar[1]),
                               shift_left<1>(scalar[3]) | shift_right<63>(scalar[2])};
    return CombDigits(below);
  }
  [[gnu::always_inline]] static CombDigits odd(const Words<Word>& scalar) noexcept {
    return CombDigits(shift_right<kDigitBits - 1>(scalar));
  }

  [[gnu::always_inline]] CombDigit<Word> take() noexcept {
    const Word window = rest_.value[0] & word_of<Word>(31);
    rest_.value = shift_right<2 * kDigitBits>(rest_.value);
    const auto negative = has_bit(window, kDigitBits);
    const Word twice = select(negative, window ^ word_of<Word>(31), window);
    return {shift_right<1>(twice + word_of<Word>(1)), negative};
  }

 private:
  [[gnu::always_inline]] explicit CombDigits(const Words<Word>& rest) noexcept : rest_(rest) {}

  Secret<Words<Word>> rest_;
};

}  // namespace breakwater::crypto
