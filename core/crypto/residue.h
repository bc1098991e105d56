// Integers modulo a 256-bit prime m in Montgomery form: the element a is kept as a * 2^256 mod m, always below m.
// Constant time. The modulus supplies
//   kModulus                      with 2^256 - 2^224 < m < 2^256 - 2^193 (both P-256 moduli), odd
//   reduction_step(accumulator)   one limb of Montgomery reduction: (accumulator + q m) / 2^64 for the q < 2^64 that
//                                 makes the division exact
// Every function takes and returns values below m unless it says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

template <class Modulus>
class Residue {
 public:
  constexpr Residue() noexcept = default;

  static constexpr Residue zero() noexcept { return Residue(); }
  static constexpr Residue one() noexcept { return Residue(kOne); }

  // limbs are the Montgomery form itself, below m: for tables.
  static constexpr Residue from_montgomery(const Limbs& limbs) noexcept { return Residue(limbs); }
  constexpr const Limbs& montgomery() const noexcept { return limbs_; }

  // Any integer below 2^256: value * R2 < 2^256 m, which is what reduce() asks for, so the result is reduced.
  static constexpr Residue from_integer(const Limbs& value) noexcept { return reduce(multiply_limbs(value, kR2)); }
  constexpr Limbs to_integer() const noexcept {
    return reduce({limbs_[0], limbs_[1], limbs_[2], limbs_[3], 0, 0, 0, 0}).limbs_;
  }

  friend constexpr Residue operator+(const Residue& left, const Residue& right) noexcept {
    Limbs sum{};
    const Limb carry = add_limbs(sum, left.limbs_, right.limbs_);
    return Residue(subtract_once(sum, carry));  // sum < 2 m
  }

  friend constexpr Residue operator-(const Residue& left, const Residue& right) noexcept {
    Limbs difference{};
    const Mask borrowed = mask_from_bit(subtract_limbs(difference, left.limbs_, right.limbs_));
    Limbs correction{};
    for (std::size_t i = 0; i < 4; ++i) correction[i] = borrowed & Modulus::kModulus[i];
    add_limbs(difference, difference, correction);  // -m < difference < m; the carry cancels the borrow
    return Residue(difference);
  }

  friend constexpr Residue operator*(const Residue& left, const Residue& right) noexcept {
    return reduce(multiply_limbs(left.limbs_, right.limbs_));
  }

  constexpr Residue square() const noexcept { return reduce(square_limbs(limbs_)); }
  constexpr Residue negate() const noexcept { return zero() - *this; }

  constexpr Residue square_times(unsigned count) const noexcept {
    Residue result = *this;
    for (unsigned i = 0; i < count; ++i) result = result.square();
    return result;
  }

  constexpr Mask is_zero() const noexcept { return mask_is_zero(limbs_); }

  friend constexpr Mask equal(const Residue& left, const Residue& right) noexcept { return (left - right).is_zero(); }

  friend constexpr Residue select(Mask mask, const Residue& left, const Residue& right) noexcept {
    return Residue(crypto::select(mask, left.limbs_, right.limbs_));
  }

 private:
  explicit constexpr Residue(const Limbs& limbs) noexcept : limbs_(limbs) {}

  // carry * 2^256 + value < 2 m; returns it modulo m.
  static constexpr Limbs subtract_once(const Limbs& value, Limb carry) noexcept {
    Limbs reduced{};
    const Limb borrow = subtract_limbs(reduced, value, Modulus::kModulus);
    // Below m exactly when the subtraction borrows and no carry pays for it.
    const Mask below = mask_from_bit(borrow & (carry ^ 1));
    return crypto::select(below, value, reduced);
  }

  // product < 2^256 m; returns product / 2^256 mod m.
  // The low half goes through four steps. Each keeps the accumulator below m + 2^192 < 2^256: with A < 2^256 and
  // q <= 2^64 - 1, (A + q m) / 2^64 < 2^192 + m. Together with the high half the result is
  // (product + Q m) / 2^256 with Q < 2^256, so it is below 2 m.
  static constexpr Residue reduce(const ProductLimbs& product) noexcept {
    Limbs low{product[0], product[1], product[2], product[3]};
    for (std::size_t i = 0; i < 4; ++i) low = Modulus::reduction_step(low);
    const Limbs high{product[4], product[5], product[6], product[7]};
    Limbs sum{};
    const Limb carry = add_limbs(sum, low, high);
    return Residue(subtract_once(sum, carry));
  }

  // 2^256 mod m = 2^256 - m, because m > 2^255.
  static constexpr Limbs one_montgomery() noexcept {
    Limbs result{};
    subtract_limbs(result, Limbs{}, Modulus::kModulus);
    return result;
  }

  // 2^512 mod m: 2^256 mod m doubled 256 times.
  static constexpr Limbs r_squared() noexcept {
    Limbs value = one_montgomery();
    for (int i = 0; i < 256; ++i) {
      Limbs twice{};
      const Limb carry = add_limbs(twice, value, value);
      value = subtract_once(twice, carry);
    }
    return value;
  }

  static constexpr Limbs kOne = one_montgomery();
  static constexpr Limbs kR2 = r_squared();

  Limbs limbs_{};
};

}  // namespace breakwater::crypto
