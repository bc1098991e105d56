// The Montgomery ladder of X25519 (RFC 7748 5) over any field layer. Constant time.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto {

// Sums and differences are of results of products only, and go into products only: a layer may leave them unreduced.
template <class F>
concept X25519Field = std::copyable<F> && requires(const F a, const F b, const Mask mask) {
  { F::zero() } -> std::same_as<F>;
  { F::one() } -> std::same_as<F>;
  { a + b } -> std::same_as<F>;
  { a - b } -> std::same_as<F>;
  { a* b } -> std::same_as<F>;
  { a.square() } -> std::same_as<F>;
  { a.square_times(2U) } -> std::same_as<F>;
  { a.times_small(Limb{2}) } -> std::same_as<F>;
  { select(mask, a, b) } -> std::same_as<F>;
};

// 1 / value, and 0 for 0: value^(p - 2), p - 2 = 2^255 - 21. x_n is value^(2^n - 1); the exponent is public.
template <X25519Field F>
constexpr F invert(const F& value) noexcept {
  const F x2 = value.square() * value;
  const F x4 = x2.square_times(2) * x2;
  const F x5 = x4.square() * value;
  const F x10 = x5.square_times(5) * x5;
  const F x20 = x10.square_times(10) * x10;
  const F x40 = x20.square_times(20) * x20;
  const F x50 = x40.square_times(10) * x10;
  const F x100 = x50.square_times(50) * x50;
  const F x200 = x100.square_times(100) * x100;
  const F x250 = x200.square_times(50) * x50;
  // The last five bits of the exponent are 01011: 11 = 8 + 3, and x2 is value^3.
  return x250.square_times(5) * (value.square_times(3) * x2);
}

// The u-coordinate of scalar * u. scalar: 32 bytes, little endian, bit 255 clear. times_u(x) is u * x, of its own
// because the base point's 9 costs less than any other element.
//
// (x2 : z2) and (x3 : z3) are k u and (k + 1) u, for the bits k of the scalar read so far, in an order that depends on
// the last bit. The next bit says which of them is doubled; their sum is the other one of the next pair. RFC 7748 swaps
// the pair before each step. Here only what is doubled is chosen: exchanging the points exchanges da and cb, and then
// their sum and the square of their difference stay as they are.
template <X25519Field F, class TimesU>
inline F x25519_ladder(const std::array<std::uint8_t, 32>& scalar, const F& u, const TimesU& times_u) noexcept {
  struct State {
    F x2 = F::one(), z2 = F::zero(), x3, z3 = F::one();
  };
  Secret<State> state;
  auto& [x2, z2, x3, z3] = state.value;
  x3 = u;
  Limb previous = 0;
  for (unsigned bit = 255; bit-- > 0;) {
    const Limb current = (scalar[bit / 8] >> (bit % 8)) & 1U;
    const Mask other = mask_from_bit(current ^ previous);
    previous = current;

    const F sum2 = x2 + z2;
    const F difference2 = x2 - z2;
    const F sum3 = x3 + z3;
    const F difference3 = x3 - z3;
    const F da = difference3 * sum2;
    const F cb = sum3 * difference2;
    const F square_sum = select(other, sum3, sum2).square();
    const F square_difference = select(other, difference3, difference2).square();
    const F e = square_sum - square_difference;
    x3 = (da + cb).square();
    z3 = times_u((da - cb).square());
    x2 = square_sum * square_difference;
    z2 = e * (square_sum + e.times_small(121665));  // (486662 - 2) / 4
  }
  // k u is the second of the pair after a bit of one (a clamped scalar ends in zero).
  const Mask last = mask_from_bit(previous);
  return select(last, x3, x2) * invert(select(last, z3, z2));
}

}  // namespace breakwater::crypto
