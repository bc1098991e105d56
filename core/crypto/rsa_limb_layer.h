// The layer under rsa_sign.h for one operation at a time: numbers of 64-bit limbs, Montgomery arithmetic modulo m with
// R = 2^(64 kCount), where m has exactly 64 kCount bits. Constant time.
//
// Loose numbers are below R, and so below 2 m; tight ones below m. The work is done in blocks of eight limbs, by
//   Kernel::multiply_block(t, carry, a, b)        t + carry + a b: the low half to t, the high half to carry
//   Kernel::unlike_products(t, a)                 t = the sum of a[i] a[j] 2^(64 (i + j)) for i < j, sixteen limbs
//   Kernel::double_add_squares(t, a, count)       t = 2 t + the sum of a[i]^2 2^(128 i), 2 count limbs
//   Kernel::reduce_block(t, q, carry, m, inverse) q = -t / m modulo 2^512; carry = (t + q m) / 2^512
// where what has no size of its own has eight limbs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/rsa_limbs.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::crypto {

template <class Kernel>
class RsaLimbLayer {
 public:
  static constexpr std::size_t kWidth = 1;  // operations at once
  static constexpr std::size_t kBlock = 8;

  // Limbs of a modulus of so many bits.
  static constexpr std::size_t limbs(std::size_t bits) noexcept { return bits / 64; }

  template <std::size_t kCount>
  using Number = std::array<Limb, kCount>;

  template <std::size_t kCount>
  struct Modulus {
    Number<kCount> value;
    Number<kCount> square;  // R^2 modulo m
    Limb negative_inverse;
    Number<2 * kCount> columns;  // scratch of the functions below
    Number<kCount> accumulator;  // for the factor that most products have
  };

  template <std::size_t kCount, std::size_t kKeyCount>
  static void load(Modulus<kCount>& modulus, const std::array<const RsaModulus<kKeyCount>*, kWidth>& from) noexcept {
    for (std::size_t i = 0; i < kCount; ++i) {
      modulus.value[i] = from[0]->value[i];
      modulus.square[i] = from[0]->square64[i];
    }
    modulus.negative_inverse = from[0]->negative_inverse;
  }

  // Takes or gives kCount limbs. Null: takes zero, gives nothing.
  template <std::size_t kCount>
  [[gnu::noinline]] static void set(Number<kCount>& number, const std::array<const Limb*, kWidth>& limbs) noexcept {
    for (std::size_t i = 0; i < kCount; ++i) number[i] = limbs[0] != nullptr ? limbs[0][i] : 0;
  }
  template <std::size_t kCount>
  [[gnu::noinline]] static void get(const Number<kCount>& number, const std::array<Limb*, kWidth>& limbs) noexcept {
    if (limbs[0] == nullptr) return;
    for (std::size_t i = 0; i < kCount; ++i) limbs[0][i] = number[i];
  }

  template <std::size_t kCount>
  static void set_one(Number<kCount>& number) noexcept {
    for (Limb& limb : number) limb = 0;
    number[0] = 1;
  }

  // out = a b / R modulo m, loose as a and b are; below 2 m when one of them is tight. All may be the same.
  template <std::size_t kCount>
  [[gnu::noinline]] static void multiply(Number<kCount>& out, const Number<kCount>& a, const Number<kCount>& b,
                                         Modulus<kCount>& modulus) noexcept {
    multiply_columns<kCount>(modulus.columns.data(), a.data(), b.data());
    reduce(out, modulus);
  }

  template <std::size_t kCount>
  [[gnu::noinline]] static void square(Number<kCount>& out, const Number<kCount>& a,
                                       Modulus<kCount>& modulus) noexcept {
    square_columns<kCount>(modulus.columns.data(), a.data());
    reduce(out, modulus);
  }

  // Loose to tight.
  template <std::size_t kCount>
  static void tighten(Number<kCount>& value, const Modulus<kCount>& modulus) noexcept {
    subtract_once(value, 0, modulus.value);
  }

  // Tight all three.
  template <std::size_t kCount>
  static void add(Number<kCount>& out, const Number<kCount>& a, const Modulus<kCount>& modulus) noexcept {
    const Limb carry = add_masked(out, a, ~Mask{0});
    subtract_once(out, carry, modulus.value);
  }
  template <std::size_t kCount>
  static void subtract(Number<kCount>& out, const Number<kCount>& a, const Modulus<kCount>& modulus) noexcept {
    const Limb borrow = subtract_masked(out, a, ~Mask{0});
    add_masked(out, modulus.value, mask_from_bit(borrow));
  }

  // out = a b + c, integers. `half` lends its columns.
  template <std::size_t kCount>
  static void multiply_add(Number<2 * kCount>& out, const Number<kCount>& a, const Number<kCount>& b,
                           const Number<kCount>& c, Modulus<kCount>& half) noexcept {
    multiply_columns<kCount>(half.columns.data(), a.data(), b.data());
    Limb carry = 0;
    for (std::size_t i = 0; i < 2 * kCount; ++i) out[i] = add_carry(half.columns[i], i < kCount ? c[i] : 0, carry);
  }

  // table[digits[0]], every entry being read; all of it at the first of the parts.
  template <std::size_t kCount, std::size_t kEntries>
  [[gnu::noinline]] static void look_up(Number<kCount>& out, const std::array<Number<kCount>, kEntries>& table,
                                        const std::array<Limb, kWidth>& digits, std::size_t part) noexcept {
    if (part != 0) return;
    for (std::size_t i = 0; i < kCount; i += kBlock) {
      Limb r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, r6 = 0, r7 = 0;  // an array would stay in memory
      for (std::size_t entry = 0; entry < kEntries; ++entry) {
        const Mask mask = crypto::mask_equal(digits[0], Limb{entry});
        const Limb* const from = table[entry].data() + i;
        r0 |= from[0] & mask, r1 |= from[1] & mask, r2 |= from[2] & mask, r3 |= from[3] & mask;
        r4 |= from[4] & mask, r5 |= from[5] & mask, r6 |= from[6] & mask, r7 |= from[7] & mask;
      }
      const std::array<Limb, kBlock> chosen{r0, r1, r2, r3, r4, r5, r6, r7};
      for (std::size_t k = 0; k < kBlock; ++k) out[i + k] = chosen[k];
    }
  }

  // out = a where the bit is set, else b. The bits are public.
  template <std::size_t kCount>
  static void choose(Number<kCount>& out, std::uint8_t bits, const Number<kCount>& a,
                     const Number<kCount>& b) noexcept {
    out = (bits & 1) != 0 ? a : b;
  }

  // Bit 0: whether they are the same.
  template <std::size_t kCount>
  static std::uint8_t equal_numbers(const Number<kCount>& a, const Number<kCount>& b) noexcept {
    return static_cast<std::uint8_t>(mask_equal(ConstLimbSpan(a), ConstLimbSpan(b)) & 1);
  }

 private:
  template <std::size_t kCount>
  [[gnu::always_inline]] static void multiply_columns(Limb* columns, const Limb* a, const Limb* b) noexcept {
    for (std::size_t i = 0; i < kCount; ++i) columns[i] = 0;
    for (std::size_t i = 0; i < kCount; i += kBlock) {
      for (std::size_t k = 0; k < kBlock; ++k) columns[i + kCount + k] = 0;
      Limb* const carry = columns + i + kCount;  // is the next block up
      for (std::size_t j = 0; j < kCount; j += kBlock) Kernel::multiply_block(columns + i + j, carry, a + i, b + j);
    }
  }

  // The products of unlike limbs once, those within a block first, then doubled, plus the squares.
  template <std::size_t kCount>
  [[gnu::always_inline]] static void square_columns(Limb* columns, const Limb* a) noexcept {
    for (std::size_t i = 0; i < kCount; i += kBlock) Kernel::unlike_products(columns + 2 * i, a + i);
    for (std::size_t i = 0; i + kBlock < kCount; i += kBlock) {
      std::array<Limb, kBlock> high{};
      for (std::size_t j = i + kBlock; j < kCount; j += kBlock) {
        Kernel::multiply_block(columns + i + j, high.data(), a + i, a + j);
      }
      Limb carry = 0;
      for (std::size_t k = 0; k < kBlock; ++k) {
        columns[i + kCount + k] = add_carry(columns[i + kCount + k], high[k], carry);
      }
      for (std::size_t k = i + kCount + kBlock; k < 2 * kCount; ++k) columns[k] = add_carry(columns[k], 0, carry);
    }
    Kernel::double_add_squares(columns, a, kCount);
  }

  // out = columns / R modulo m, for columns < R^2. The sum is below (R^2 + R m) / R, so where it carries it is below
  // R + m, and taking m away leaves less than R.
  template <std::size_t kCount>
  [[gnu::always_inline]] static void reduce(Number<kCount>& out, Modulus<kCount>& modulus) noexcept {
    const Limb* const m = modulus.value.data();
    Limb* const columns = modulus.columns.data();
    Limb top = 0;
    for (std::size_t i = 0; i < kCount; i += kBlock) {
      std::array<Limb, kBlock> q, carry;
      Kernel::reduce_block(columns + i, q.data(), carry.data(), m, modulus.negative_inverse);
      for (std::size_t j = kBlock; j < kCount; j += kBlock) {
        Kernel::multiply_block(columns + i + j, carry.data(), q.data(), m + j);
      }
      for (std::size_t k = 0; k < kBlock; ++k) {
        columns[i + kCount + k] = add_carry(columns[i + kCount + k], carry[k], top);
      }
    }
    const Mask mask = mask_from_bit(top);
    Limb borrow = 0;
    for (std::size_t i = 0; i < kCount; ++i) out[i] = subtract_borrow(columns[kCount + i], m[i] & mask, borrow);
  }
};

}  // namespace breakwater::crypto
