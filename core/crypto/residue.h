// Integers modulo a 256-bit prime m in Montgomery form: the element a is kept as a * 2^256 mod m, always below m.
// Constant time. Arithmetic is the layer that works on the limbs: PortableArithmetic (residue_portable.h) or that of an
// instruction-set unit. It supplies
//   kModulus              m, with 2^256 - 2^224 < m < 2^256 - 2^193 (both P-256 moduli), odd
//   add(a, b), subtract(a, b)      modulo m, of a, b < m
//   multiply(a, b), square(a)      a b / 2^256 and a^2 / 2^256 mod m, where a b < 2^256 m
//   reduce(product)                product / 2^256 mod m, of product < 2^256 m
//   replace_if(mask, a, b)         a = b where the mask is set
// all with results below m.
// Every function of Residue takes and returns values below m unless it says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/limbs.h"
#include "core/crypto/modular_inverse.h"

namespace breakwater::crypto {

template <class Arithmetic>
class Residue {
 public:
  constexpr Residue() noexcept = default;

  static constexpr const Limbs& modulus() noexcept { return Arithmetic::kModulus; }

  static constexpr Residue zero() noexcept { return Residue(); }
  static constexpr Residue one() noexcept { return Residue(kOne); }

  // limbs are the Montgomery form itself, below m: for tables.
  static constexpr Residue from_montgomery(const Limbs& limbs) noexcept { return Residue(limbs); }
  constexpr const Limbs& montgomery() const noexcept { return limbs_; }

  // Any integer below 2^256: value * R2 < 2^256 m.
  static constexpr Residue from_integer(const Limbs& value) noexcept {
    return Residue(Arithmetic::multiply(value, kR2));
  }
  constexpr Limbs to_integer() const noexcept {
    return Arithmetic::reduce({limbs_[0], limbs_[1], limbs_[2], limbs_[3], 0, 0, 0, 0});
  }

  // The integer value * integer mod m, for any integer below 2^256: a 2^256 times b / 2^256 is a b.
  constexpr Limbs times_integer(const Limbs& integer) const noexcept { return Arithmetic::multiply(limbs_, integer); }
  // The sum of two integers below m, modulo m.
  static constexpr Limbs add_integers(const Limbs& left, const Limbs& right) noexcept {
    return Arithmetic::add(left, right);
  }
  // value mod m, of any value below 2^256: that is below 2 m.
  static constexpr Limbs reduce_once(const Limbs& value) noexcept {
    Limbs reduced{};
    const Limb borrow = subtract_limbs(reduced, value, Arithmetic::kModulus);
    return crypto::select(mask_from_bit(borrow), value, reduced);
  }

  friend constexpr Residue operator+(const Residue& left, const Residue& right) noexcept {
    return Residue(Arithmetic::add(left.limbs_, right.limbs_));
  }

  friend constexpr Residue operator-(const Residue& left, const Residue& right) noexcept {
    return Residue(Arithmetic::subtract(left.limbs_, right.limbs_));
  }

  friend constexpr Residue operator*(const Residue& left, const Residue& right) noexcept {
    return Residue(Arithmetic::multiply(left.limbs_, right.limbs_));
  }

  constexpr Residue square() const noexcept { return Residue(Arithmetic::square(limbs_)); }
  constexpr Residue negate() const noexcept { return zero() - *this; }

  constexpr Mask is_zero() const noexcept { return mask_is_zero(limbs_); }

  friend constexpr Residue select(Mask mask, const Residue& left, const Residue& right) noexcept {
    Residue result = right;
    result.replace_if(mask, left.limbs_);
    return result;
  }

  // Takes the Montgomery form where the mask is set.
  constexpr void replace_if(Mask mask, const Limbs& limbs) noexcept { Arithmetic::replace_if(mask, limbs_, limbs); }

  // 1 / value, and 0 for 0. The form of a is A = a R, so that of 1 / a is R / a = R^2 / A.
  Residue inverse() const noexcept { return Residue(ModularInverse<Arithmetic>::divide(kR2, limbs_)); }

 private:
  explicit constexpr Residue(const Limbs& limbs) noexcept : limbs_(limbs) {}

  // 2^256 mod m = 2^256 - m, because m > 2^255.
  static constexpr Limbs one_montgomery() noexcept {
    Limbs result{};
    subtract_limbs(result, Limbs{}, Arithmetic::kModulus);
    return result;
  }

  // 2^512 mod m: 2^256 mod m doubled 256 times.
  static constexpr Limbs r_squared() noexcept {
    Limbs value = one_montgomery();
    for (int i = 0; i < 256; ++i) value = Arithmetic::add(value, value);
    return value;
  }

  static constexpr Limbs kOne = one_montgomery();
  static constexpr Limbs kR2 = r_squared();

  Limbs limbs_{};
};

template <class Arithmetic>
Residue<Arithmetic> invert(const Residue<Arithmetic>& value) noexcept {
  return value.inverse();
}

}  // namespace breakwater::crypto
