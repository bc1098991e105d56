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
  { a.negate() } -> std::same_as<F>;
  { select(a.is_zero(), a, b) } -> std::same_as<F>;  // a where the mask is set
};

}  // namespace breakwater::crypto
