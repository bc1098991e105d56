// What the P-256 group formulas ask of a field layer. A layer may hold one element or one element per lane; its masks
// are then per lane too. All operations are constant time and closed: whatever form a layer keeps its elements in,
// every result may be given to every operation. Products and sums may be of types of their own that go into all of
// them and turn into an element where one is asked for, so that a layer can put carries off.
#pragma once

#include <concepts>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

template <class F>
concept P256Field = std::copyable<F> && requires(const F a, const F b, const Limbs integer) {
  { F::zero() } -> std::same_as<F>;
  { F::one() } -> std::same_as<F>;
  { F::from_integer(integer) } -> std::same_as<F>;  // in every lane
  { a + b } -> std::convertible_to<F>;
  { a - b } -> std::convertible_to<F>;
  { (a + b) - (a - b) } -> std::convertible_to<F>;
  { a* b } -> std::convertible_to<F>;
  { a.square() } -> std::convertible_to<F>;
  { a.square_times(2U) } -> std::same_as<F>;
  { a.negate() } -> std::same_as<F>;
  { select(a.is_zero(), a, b) } -> std::same_as<F>;  // a where the mask is set
};

// 1 / value, and 0 for 0, for layers without a division of their own (Residue has one): value^(p - 2) (Fermat),
// p - 2 = 2^256 - 2^224 + 2^192 + 2^96 - 3.
// x_n below is value^(2^n - 1), a run of n one bits. The exponent is public and fixed, so the chain is constant time.
template <P256Field F>
constexpr F invert(const F& value) noexcept {
  const F x2 = value.square() * value;
  const F x3 = x2.square() * value;
  const F x6 = x3.square_times(3) * x3;
  const F x12 = x6.square_times(6) * x6;
  const F x15 = x12.square_times(3) * x3;
  const F x30 = x15.square_times(15) * x15;
  const F x32 = x30.square_times(2) * x2;
  // From the top: 32 ones, 31 zeros and a one, 96 zeros, 94 ones, a zero, a one.
  F result = x32.square_times(32) * value;
  result = result.square_times(128) * x32;
  result = result.square_times(32) * x32;
  result = result.square_times(30) * x30;
  return result.square_times(2) * value;
}

}  // namespace breakwater::crypto
