// X25519 (RFC 7748 5 and 6.1) over any field layer: clamping, the ladder, encoding. Constant time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/x25519_ladder.h"

namespace breakwater::crypto {

template <X25519Field F, class TimesU>
inline void x25519_multiply(std::uint8_t out[32], const std::uint8_t scalar[32], const F& u,
                            const TimesU& times_u) noexcept {
  Secret<std::array<std::uint8_t, 32>> clamped;
  for (std::size_t i = 0; i < 32; ++i) clamped.value[i] = scalar[i];
  clamped.value[0] &= 248;
  clamped.value[31] &= 127;
  clamped.value[31] |= 64;
  const Secret<F> result(x25519_ladder(clamped.value, u, times_u));
  result.value.to_bytes(out);
}

// out = scalar * 9 (RFC 7748 4.1).
template <X25519Field F>
inline void x25519_multiply_base(std::uint8_t out[32], const std::uint8_t scalar[32]) noexcept {
  constexpr Limb kBasePoint = 9;
  x25519_multiply(out, scalar, F::one().times_small(kBasePoint),
                  [](const F& value) noexcept { return value.times_small(kBasePoint); });
}

// out = scalar * point; false when that is zero. out may be point.
template <X25519Field F>
[[nodiscard]] inline bool x25519_multiply_point(std::uint8_t out[32], const std::uint8_t scalar[32],
                                                const std::uint8_t point[32]) noexcept {
  const F u = F::from_bytes(point);
  x25519_multiply(out, scalar, u, [&u](const F& value) noexcept { return u * value; });
  Limb any = 0;
  for (std::size_t i = 0; i < 32; ++i) any |= out[i];
  // Zero comes of a peer's point of small order, whatever the scalar (every clamped one is a multiple of 8), so this
  // tells nothing of the scalar.
  return !declassify(mask_is_zero(any));
}

}  // namespace breakwater::crypto
