// What Residue asks of its arithmetic, in plain C++. Constant time. The modulus supplies
//   kModulus                      m, bounded as residue.h says
//   reduction_step(accumulator)   one limb of Montgomery reduction: (accumulator + q m) / 2^64 for the q < 2^64 that
//                                 makes the division exact
#pragma once

#include <cstddef>

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

template <class Modulus>
class PortableArithmetic {
 public:
  static constexpr Limbs kModulus = Modulus::kModulus;

  static constexpr Limbs add(const Limbs& left, const Limbs& right) noexcept {
    Limbs sum{};
    const Limb carry = add_limbs(sum, left, right);
    return subtract_once(sum, carry);  // sum < 2 m
  }

  static constexpr Limbs subtract(const Limbs& left, const Limbs& right) noexcept {
    Limbs difference{};
    const Mask borrowed = mask_from_bit(subtract_limbs(difference, left, right));
    Limbs correction{};
    for (std::size_t i = 0; i < 4; ++i) correction[i] = borrowed & Modulus::kModulus[i];
    add_limbs(difference, difference, correction);  // -m < difference < m; the carry cancels the borrow
    return difference;
  }

  static constexpr Limbs multiply(const Limbs& left, const Limbs& right) noexcept {
    return reduce(multiply_limbs(left, right));
  }

  static constexpr Limbs square(const Limbs& value) noexcept { return reduce(square_limbs(value)); }

  // The low half goes through four steps. Each keeps the accumulator below m + 2^192 < 2^256: with A < 2^256 and
  // q <= 2^64 - 1, (A + q m) / 2^64 < 2^192 + m. Together with the high half the result is
  // (product + Q m) / 2^256 with Q < 2^256, so it is below 2 m.
  static constexpr Limbs reduce(const ProductLimbs& product) noexcept {
    Limbs low{product[0], product[1], product[2], product[3]};
    for (std::size_t i = 0; i < 4; ++i) low = Modulus::reduction_step(low);
    const Limbs high{product[4], product[5], product[6], product[7]};
    Limbs sum{};
    const Limb carry = add_limbs(sum, low, high);
    return subtract_once(sum, carry);
  }

  static constexpr void replace_if(Mask mask, Limbs& value, const Limbs& other) noexcept {
    value = select(mask, other, value);
  }

 private:
  // carry * 2^256 + value < 2 m; returns it modulo m.
  static constexpr Limbs subtract_once(const Limbs& value, Limb carry) noexcept {
    Limbs reduced{};
    const Limb borrow = subtract_limbs(reduced, value, Modulus::kModulus);
    // Below m exactly when the subtraction borrows and no carry pays for it.
    const Mask below = mask_from_bit(borrow & (carry ^ 1));
    return select(below, value, reduced);
  }
};

}  // namespace breakwater::crypto
