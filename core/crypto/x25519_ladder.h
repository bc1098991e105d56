// The Montgomery ladder of X25519 (RFC 7748 5) over any field layer. Constant time.
#pragma once

#include "core/crypto/x25519_field.h"
#include "core/crypto/x25519_scalar.h"

namespace breakwater::crypto {

// The u-coordinate of scalar * u, for a clamped scalar.
//
// (x2 : z2) and (x3 : z3) are k u and (k + 1) u, for the bits k of the scalar read so far, in an order that depends on
// the last bit. The next bit says which of them is doubled; their sum is the other one of the next pair. RFC 7748 swaps
// the pair before each step. Here only what is doubled is chosen: exchanging the points exchanges da and cb, and then
// their sum and the square of their difference stay as they are.
template <X25519Field F>
[[nodiscard]] inline F x25519_ladder(const Words<typename F::Word>& scalar, const F& u) noexcept {
  using Product = typename F::Product;
  struct State {
    Product x2{F::one()}, z2{F::zero()}, x3{F::zero()}, z3{F::one()};
  };
  Secret<State> state;
  auto& [x2, z2, x3, z3] = state.value;
  x3 = Product(u);
  const BitChanges<typename F::Word> changes(scalar);
  // In this order because what depends on each other comes late: a processor finds work in between (6 % in lanes).
  for (unsigned bit = 255; bit-- > 0;) {
    const auto other = changes.at(bit);
    const F sum2 = x2 + z2;
    const F difference2 = x2 - z2;
    const F sum3 = x3 + z3;
    const F difference3 = x3 - z3;
    const Product da = difference3 * sum2;
    const Product cb = sum3 * difference2;
    const Product square_sum = select(other, sum3, sum2).square();
    const Product square_difference = select(other, difference3, difference2).square();
    const Product square_da_cb = (da - cb).square();
    const F e = square_sum - square_difference;
    x3 = (da + cb).square();
    z3 = u * F(square_da_cb);
    z2 = e * (square_sum + e.times_small(121665));  // (486662 - 2) / 4
    x2 = F(square_sum) * F(square_difference);
  }
  // k u is the first of the pair: a clamped scalar ends in zero.
  const Secret<F> inverse_z(F(z2).inverse());
  return F(F(x2) * inverse_z.value);
}

}  // namespace breakwater::crypto
