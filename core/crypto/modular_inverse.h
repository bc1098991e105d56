// Division modulo an odd prime m below 2^256, constant time, by division steps (Bernstein and Yang, "Fast constant-time
// gcd computation and modular inversion", TCHES 2019): a gcd of m and the divisor that looks only at low bits, so that
// 62 steps at a time are worked out on single words and then applied to the numbers as a 2 by 2 matrix.
//
// Steps. A step takes (delta, f, g), f odd, to
//   (1 - delta, g, (g - f) / 2)               when delta > 0 and g is odd
//   (1 + delta, f, (g + f) / 2 or g / 2)      otherwise, whichever is a whole number
// Started with delta = 1/2, f = m and any g in [0, m], 590 steps reach g = 0 and f = 1 or -1 for every m below 2^256
// (Wuille's convex-hull bound for this start, for which machine-checked proofs exist). Ten rounds are 620.
//
// Numbers are five limbs of 62 bits, least significant first; the lower four are in [0, 2^62), the top one has the
// sign.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

// Modulus supplies kModulus. The class is a template so that an instruction-set unit's copy bears the unit's name.
template <class Modulus>
class ModularInverse {
 public:
  // dividend / divisor mod m, both below m; 0 for the divisor 0. The result is below m.
  static Limbs divide(const Limbs& dividend, const Limbs& divisor) noexcept {
    Secret<State> secret;
    State& state = secret.value;
    state.f = kWideModulus;
    state.g = widen(divisor);
    state.e = widen(dividend);  // d starts as 0
    // d and e follow f and g: d * divisor = f * dividend and e * divisor = g * dividend modulo m, all along.
    Limb zeta = ~Limb{0};  // -(delta + 1/2)
    for (int round = 0; round < kRounds; ++round) {
      Secret<Matrix> matrix(work_out_steps(zeta, static_cast<Limb>(state.f[0]), static_cast<Limb>(state.g[0])));
      apply_modulo(state.d, state.e, matrix.value);
      apply(state.f, state.g, matrix.value);
    }
    return normalise(state.d, state.f[4]);
  }

 private:
  using Signed = std::int64_t;
  using SignedWide = __int128;
  using Number = std::array<Signed, 5>;

  static constexpr unsigned kLimbBits = 62;
  static constexpr int kRounds = 10;
  static constexpr Limb kLimbMask = (Limb{1} << kLimbBits) - 1;

  // The steps of a round: (f, g) becomes (u f + v g, q f + r g) / 2^62. |u| + |v| <= 2^62 and |q| + |r| <= 2^62.
  struct Matrix {
    Signed u, v, q, r;
  };

  struct State {
    Number f, g, d, e;
  };

  static constexpr Number widen(const Limbs& x) noexcept {
    return {static_cast<Signed>(x[0] & kLimbMask), static_cast<Signed>((x[0] >> 62 | x[1] << 2) & kLimbMask),
            static_cast<Signed>((x[1] >> 60 | x[2] << 4) & kLimbMask),
            static_cast<Signed>((x[2] >> 58 | x[3] << 6) & kLimbMask), static_cast<Signed>(x[3] >> 56)};
  }

  static constexpr Number kWideModulus = widen(Modulus::kModulus);

  // 1 / m mod 2^62. Each of Newton's steps doubles the number of right bits; an odd m is its own inverse mod 8.
  static constexpr Limb inverse_modulus() noexcept {
    Limb inverse = Modulus::kModulus[0];
    for (int i = 0; i < 5; ++i) inverse *= 2 - Modulus::kModulus[0] * inverse;
    return inverse & kLimbMask;
  }
  static constexpr Limb kInverseModulus = inverse_modulus();

  static constexpr SignedWide wide(Signed left, Signed right) noexcept { return SignedWide{left} * right; }
  static constexpr Signed low_limb(SignedWide value) noexcept {
    return static_cast<Signed>(static_cast<Limb>(value) & kLimbMask);
  }
  static constexpr Mask sign_of(Signed value) noexcept { return mask_from_bit(static_cast<Limb>(value) >> 63); }

  // 62 steps on the lowest 62 bits of f and g, which are all that decides them. Arithmetic is modulo 2^64, two's
  // complement. Before step i the matrix is scaled by 2^i, so its entries are whole; they end within 2^62.
  static Matrix work_out_steps(Limb& zeta, Limb f, Limb g) noexcept {
    Limb u = 1, v = 0, q = 0, r = 1;
    for (unsigned i = 0; i < kLimbBits; ++i) {
      const Mask positive = mask_from_bit(zeta >> 63);  // delta > 0
      const Mask odd = mask_from_bit(g & 1);
      g += ((f ^ positive) - positive) & odd;
      q += ((u ^ positive) - positive) & odd;
      r += ((v ^ positive) - positive) & odd;
      const Mask swapped = positive & odd;
      zeta = (zeta ^ swapped) - 1;
      f += g & swapped;  // g - f is in g now
      u += q & swapped;
      v += r & swapped;
      g >>= 1;
      u <<= 1;
      v <<= 1;
    }
    return {static_cast<Signed>(u), static_cast<Signed>(v), static_cast<Signed>(q), static_cast<Signed>(r)};
  }

  // |f|, |g| <= m stays so. A sum is below 2^62 * 2^62 plus a carry below 2^63.
  static void apply(Number& f, Number& g, const Matrix& matrix) noexcept {
    const auto [u, v, q, r] = matrix;
    SignedWide next_f = (wide(u, f[0]) + wide(v, g[0])) >> kLimbBits;  // exact
    SignedWide next_g = (wide(q, f[0]) + wide(r, g[0])) >> kLimbBits;
    for (std::size_t i = 1; i < 5; ++i) {
      next_f += wide(u, f[i]) + wide(v, g[i]);
      next_g += wide(q, f[i]) + wide(r, g[i]);
      f[i - 1] = low_limb(next_f);
      g[i - 1] = low_limb(next_g);
      next_f >>= kLimbBits;
      next_g >>= kLimbBits;
    }
    f[4] = static_cast<Signed>(next_f);
    g[4] = static_cast<Signed>(next_g);
  }

  // The same for d and e, modulo m: multiples of m make the sums divisible by 2^62.
  // d and e are in (-2 m, m) and stay there: with m added to a negative one both are in (-m, m), so the sum is in
  // (-2^62 m, 2^62 m); less a multiple of m below 2^62 it is in (-2^63 m, 2^62 m), and divided by 2^62 in (-2 m, m).
  // The multiples are above -2^63 and at most 2^62, so no sum exceeds 2^62 * 2^62 + 2^63 * 2^62 < 2^126 and a carry.
  static void apply_modulo(Number& d, Number& e, const Matrix& matrix) noexcept {
    const auto [u, v, q, r] = matrix;
    const auto d_sign = static_cast<Signed>(sign_of(d[4]));
    const auto e_sign = static_cast<Signed>(sign_of(e[4]));
    Signed d_multiple = (u & d_sign) + (v & e_sign);
    Signed e_multiple = (q & d_sign) + (r & e_sign);
    SignedWide next_d = wide(u, d[0]) + wide(v, e[0]);
    SignedWide next_e = wide(q, d[0]) + wide(r, e[0]);
    d_multiple -= clearing_multiple(next_d, d_multiple);
    e_multiple -= clearing_multiple(next_e, e_multiple);
    next_d = (next_d + wide(kWideModulus[0], d_multiple)) >> kLimbBits;  // exact
    next_e = (next_e + wide(kWideModulus[0], e_multiple)) >> kLimbBits;
    for (std::size_t i = 1; i < 5; ++i) {
      next_d += wide(u, d[i]) + wide(v, e[i]) + wide(kWideModulus[i], d_multiple);
      next_e += wide(q, d[i]) + wide(r, e[i]) + wide(kWideModulus[i], e_multiple);
      d[i - 1] = low_limb(next_d);
      e[i - 1] = low_limb(next_e);
      next_d >>= kLimbBits;
      next_e >>= kLimbBits;
    }
    d[4] = static_cast<Signed>(next_d);
    e[4] = static_cast<Signed>(next_e);
  }

  // What multiple has too much, so that sum + m multiple becomes divisible by 2^62.
  static Signed clearing_multiple(SignedWide sum, Signed multiple) noexcept {
    const Limb excess = kInverseModulus * static_cast<Limb>(sum) + static_cast<Limb>(multiple);
    return static_cast<Signed>(excess & kLimbMask);
  }

  // d in (-2 m, m), negated where f ends as -1, in [0, m).
  static Limbs normalise(const Number& d, Signed f_top) noexcept {
    Secret<Number> result(d);
    add_modulus_if(result.value, sign_of(d[4]));  // (-m, m)
    const auto negative = static_cast<Signed>(sign_of(f_top));
    for (Signed& limb : result.value) limb = (limb ^ negative) - negative;
    carry(result.value);
    add_modulus_if(result.value, sign_of(result.value[4]));  // [0, m)
    const auto limb = [&](std::size_t i) noexcept { return static_cast<Limb>(result.value[i]); };
    return {limb(0) | limb(1) << 62, limb(1) >> 2 | limb(2) << 60, limb(2) >> 4 | limb(3) << 58,
            limb(3) >> 6 | limb(4) << 56};
  }

  static void add_modulus_if(Number& value, Mask mask) noexcept {
    for (std::size_t i = 0; i < 5; ++i) value[i] += kWideModulus[i] & static_cast<Signed>(mask);
    carry(value);
  }

  // Limbs of any sign below 2^63 to the usual form.
  static void carry(Number& value) noexcept {
    for (std::size_t i = 0; i < 4; ++i) {
      value[i + 1] += value[i] >> kLimbBits;
      value[i] = static_cast<Signed>(static_cast<Limb>(value[i]) & kLimbMask);
    }
  }
};

}  // namespace breakwater::crypto
