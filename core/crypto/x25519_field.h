// What the formulas of X25519 ask of a layer for the field of Curve25519, p = 2^255 - 19. A layer holds one element, or
// one in each lane; its masks are of the same shape. All operations are constant time.
//
// Two types, so that a layer can leave off work: products may be kept unreduced, sums and differences are of products
// only, and what is multiplied is an element. A layer that has no use for this makes both of them one type.
//   F(product)   reduces it: needed where the product itself, and not a sum, is multiplied
//   F + F        is not offered: a sum is never summed again
#pragma once

#include <concepts>

#include "core/crypto/x25519_words.h"

namespace breakwater::crypto {

template <class F>
concept X25519Field = std::copyable<F> && std::copyable<typename F::Product> &&
    requires(const F a, const F b, const typename F::Product x, const typename F::Product y,
             const Words<typename F::Word> integer, const typename F::Mask mask) {
  { F::zero() } -> std::same_as<F>;
  { F::one() } -> std::same_as<F>;
  { F::from_integer(integer) } -> std::same_as<F>;              // below 2^255
  { a.to_integer() } -> std::same_as<Words<typename F::Word>>;  // below p, of F(product)
  { F(x) } -> std::same_as<F>;
  { typename F::Product(a) } -> std::same_as<typename F::Product>;  // of F(product), zero(), one(), from_integer()
  { x + y } -> std::same_as<F>;
  { x - y } -> std::same_as<F>;
  { a* b } -> std::same_as<typename F::Product>;
  { a.square() } -> std::same_as<typename F::Product>;
  { a.times_small(Limb{2}) } -> std::same_as<typename F::Product>;  // below 2^17
  { a.inverse() } -> std::same_as<F>;                               // 1 / a, and 0 for 0
  { select(mask, a, b) } -> std::same_as<F>;
};

template <X25519Field F>
F invert(const F& value) noexcept {
  return value.inverse();
}

}  // namespace breakwater::crypto
