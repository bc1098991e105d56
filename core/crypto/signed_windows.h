// A 256-bit scalar as 52 signed digits of five bits (Booth): scalar = sum of digit_i * 32^i, -16 <= digit_i <= 16.
// Signed digits halve the tables: a table of 1 P .. 16 P serves both signs. Constant time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

inline constexpr unsigned kWindowBits = 5;
inline constexpr std::size_t kWindowCount = 52;  // 260 bits: the top digit's borrow is always repaid
inline constexpr std::size_t kWindowTableSize = 16;

// One digit. Lane layers have their own of the same shape, with masks per lane.
struct SignedDigit {
  Limb magnitude;  // 0 .. 16
  Mask negative;

  [[gnu::always_inline]] constexpr Mask has_magnitude(Limb value) const noexcept {
    return mask_equal(magnitude, value);
  }
};

class SignedWindows {
 public:
  [[gnu::always_inline]] explicit constexpr SignedWindows(const Limbs& scalar) noexcept : scalar_(scalar) {}
  SignedWindows(const SignedWindows&) = delete;
  SignedWindows& operator=(const SignedWindows&) = delete;
  [[gnu::always_inline]] ~SignedWindows() { wipe(&scalar_, sizeof scalar_); }

  // index < kWindowCount; least significant first.
  // The digit is read from bits 5i + 4 .. 5i - 1: the five of its window and the top one of the window below, which
  // says that the digit below was taken negative and borrowed 1 from here. A set bit 5i + 4 makes this one negative.
  [[gnu::always_inline]] constexpr SignedDigit at(std::size_t index) const noexcept {
    const Limb window = bits_from(static_cast<unsigned>(index) * kWindowBits);
    const Mask negative = mask_from_bit(window >> kWindowBits);
    const Limb twice = select(negative, 63 - window, window);
    return {(twice >> 1) + (twice & 1), negative};
  }

 private:
  // Six bits, from bit position - 1 of the scalar up; bits outside it are zero. position is public.
  [[gnu::always_inline]] constexpr Limb bits_from(unsigned position) const noexcept {
    if (position == 0) return (scalar_[0] << 1) & 63;
    const unsigned low = position - 1;
    const unsigned word = low / 64;
    const unsigned shift = low % 64;
    Limb bits = scalar_[word] >> shift;
    if (shift > 58 && word < 3) bits |= scalar_[word + 1] << (64 - shift);
    return bits & 63;
  }

  Limbs scalar_;
};

}  // namespace breakwater::crypto
