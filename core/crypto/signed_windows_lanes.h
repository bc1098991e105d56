// The signed digits of signed_windows.h for a scalar in each lane. Constant time.
#pragma once

#include <cstddef>

#include "core/crypto/lane_integers.h"
#include "core/crypto/signed_windows.h"

namespace breakwater::crypto {

template <class L>
struct SignedDigitLanes {
  L magnitude;  // 0 .. 16
  typename L::Mask negative;

  // Of the magnitude in a table that begins with 1; 15 for zero.
  L index() const noexcept { return magnitude - L::broadcast(1); }
  typename L::Mask has_magnitude(Limb value) const noexcept { return equal(magnitude, L::broadcast(value)); }
};

template <class L>
class SignedWindowsLanes {
 public:
  explicit SignedWindowsLanes(const LaneIntegers<L>& scalars) noexcept : scalars_(scalars) {}

  // As SignedWindows::at().
  SignedDigitLanes<L> at(std::size_t index) const noexcept {
    const L window = bits_from(static_cast<unsigned>(index) * kWindowBits);
    const auto negative = equal(window & L::broadcast(32), L::broadcast(32));
    const L twice = select(negative, L::broadcast(63) - window, window);
    return {twice.template shift_right<1>() + (twice & L::broadcast(1)), negative};
  }

 private:
  // Six bits, from bit position - 1 of the scalars up; bits outside them are zero. position is public.
  L bits_from(unsigned position) const noexcept {
    const L mask = L::broadcast(63);
    if (position == 0) return scalars_.value[0].template shift_left<1>() & mask;
    const unsigned low = position - 1;
    const unsigned word = low / 64;
    const unsigned shift = low % 64;
    const L bits = scalars_.value[word].shift_right(shift);
    if (shift <= 58 || word == 3) return bits & mask;
    return (bits | scalars_.value[word + 1].shift_left(64 - shift)) & mask;
  }

  Secret<LaneIntegers<L>> scalars_;
};

}  // namespace breakwater::crypto
