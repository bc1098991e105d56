// Multiples of edwards25519's base point over any field layer, constant time: signed digits, tables read by full masked
// scans, so neither branches nor addresses depend on the scalar.
#pragma once

#include <cstddef>

#include "core/crypto/edwards_comb_table.h"
#include "core/crypto/edwards_group.h"

namespace breakwater::crypto {

// digit's multiple out of the table, sign included; the neutral element for a zero digit.
template <X25519Field F>
[[gnu::always_inline]] inline EdwardsMultiple<F> look_up(const EdwardsCombTable& table,
                                                         const CombDigit<typename F::Word>& digit) noexcept {
  using Word = typename F::Word;
  using Product = typename F::Product;
  constexpr Limbs kOneHalf = kX25519OneHalf;  // its own copy: no weak symbol in a unit
  Words<Word> half_sum, half_difference, product;
  for (std::size_t i = 0; i < 4; ++i) {
    half_sum[i] = half_difference[i] = word_of<Word>(kOneHalf[i]);
    product[i] = word_of<Word>(0);
  }
  for (std::size_t j = 0; j < kDigitMost; ++j) {
    const auto wanted = digit.has_magnitude(j + 1);
    for (std::size_t i = 0; i < 4; ++i) {
      replace_if(wanted, half_sum[i], table[j].half_sum[i]);
      replace_if(wanted, half_difference[i], table[j].half_difference[i]);
      replace_if(wanted, product[i], table[j].product[i]);
    }
  }
  // -(x, y) = (-x, y)
  const F sum = F::from_integer(half_sum), difference = F::from_integer(half_difference);
  const F positive = F::from_integer(product);
  const F negative = Product(F::zero()) - Product(positive);
  return {select(digit.negative, difference, sum), select(digit.negative, sum, difference),
          select(digit.negative, negative, positive)};
}

// scalar times the base point, for any scalar below 2^255.
template <X25519Field F>
[[nodiscard]] inline EdwardsPoint<F> multiply_base_point(const EdwardsCombTables& tables,
                                                         const Words<typename F::Word>& scalar) noexcept {
  using Digits = CombDigits<typename F::Word>;
  Secret<EdwardsPoint<F>> sum;
  const auto add_digits = [&](Digits digits) noexcept {
    for (const EdwardsCombTable& table : tables) sum.value = add(sum.value, look_up<F>(table, digits.take()));
  };
  add_digits(Digits::odd(scalar));
  for (unsigned i = 0; i < kDigitBits; ++i) sum.value = twice(sum.value);
  add_digits(Digits::even(scalar));
  return sum.value;
}

}  // namespace breakwater::crypto
