// X25519 (RFC 7748 5 and 6.1) over any field layer: from the words of scalars and coordinates to those of the result.
// Constant time.
#pragma once

#include <cstdint>

#include "core/crypto/edwards_multiply.h"
#include "core/crypto/x25519_ladder.h"

namespace breakwater::crypto {

// scalar * 9, clamped here; the result is below p. Computed on the Edwards curve, where u = (1 + y) / (1 - y) = (Z + Y)
// / (Z - Y) (RFC 7748 4.1). Z - Y is never zero: the base point's order is a prime above 2^252, so the least multiple
// of 8 that takes it to the neutral element exceeds every clamped scalar.
template <X25519Field F>
[[nodiscard]] inline Words<typename F::Word> x25519_multiply_base(const Words<typename F::Word>& scalar) noexcept {
  Secret<Words<typename F::Word>> clamped(scalar);
  clamp_scalar(clamped.value);
  const Secret<EdwardsPoint<F>> point(multiply_base_point<F>(kEdwardsCombTables, clamped.value));
  const Secret<F> inverse((point.value.z - point.value.y).inverse());
  return F((point.value.z + point.value.y) * inverse.value).to_integer();
}

// scalar * u, clamped here; u is any integer below 2^256, whose top bit is ignored. The result is below p.
template <X25519Field F>
[[nodiscard]] inline Words<typename F::Word> x25519_multiply_point(const Words<typename F::Word>& scalar,
                                                                   const Words<typename F::Word>& u) noexcept {
  Secret<Words<typename F::Word>> clamped(scalar);
  clamp_scalar(clamped.value);
  Words<typename F::Word> below = u;
  below[3] = below[3] & word_of<typename F::Word>(~Limb{0} >> 1);
  const Secret<F> result(x25519_ladder(clamped.value, F::from_integer(below)));
  return result.value.to_integer();
}

}  // namespace breakwater::crypto
