// The field of Curve25519, p = 2^255 - 19, in eight lanes: five limbs of 51 bits with slack, for multiply-adds of
// 52-bit factors (Lanes is that of lanes_ifma.h or lanes_emulated.h). Constant time.
//
// An element's limbs are below 2^51 + 2^15, so they fit a factor. A product is left as the sums of its columns, modulo
// p but with carries open: below kMostColumn < 2^61. The carries are done once for a sum or difference of products,
// which makes an element.
//
// A product is 50 multiply-adds, a square 30, and the carries one. On the way to an element there are about as many
// shifts, ands and additions besides. A step of the ladder has 392 multiply-adds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/modular_inverse.h"
#include "core/crypto/x25519_words.h"

namespace breakwater::crypto {

template <class Lanes>
class X25519FieldLanes {
 public:
  using Word = Lanes;
  using Mask = typename Lanes::Mask;
  [[gnu::visibility("hidden")]] static constexpr Limbs kModulus = kX25519Modulus;

  class Product;

  X25519FieldLanes() noexcept = default;  // zero
  static X25519FieldLanes zero() noexcept { return {}; }
  static X25519FieldLanes one() noexcept {
    X25519FieldLanes element;
    element.limbs_[0] = Lanes::broadcast(1);
    return element;
  }

  // Carries the columns once; the carry out of the top comes round times 19.
  [[gnu::always_inline]] inline explicit X25519FieldLanes(const Product& product) noexcept
      : X25519FieldLanes(carry(product.columns_)) {}

  // Below 2^255. Values from p on are taken as they are.
  static X25519FieldLanes from_integer(const Words<Lanes>& w) noexcept {
    const Lanes mask = limb_mask();
    return X25519FieldLanes(Limbs51{
        w[0] & mask, (w[0].template shift_right<51>() | w[1].template shift_left<13>()) & mask,
        (w[1].template shift_right<38>() | w[2].template shift_left<26>()) & mask,
        (w[2].template shift_right<25>() | w[3].template shift_left<39>()) & mask, w[3].template shift_right<12>()});
  }

  // The one representative below p: the value is below 2^255 + 2^220 < 2 p.
  Words<Lanes> to_integer() const noexcept {
    // quotient = floor((value + 19) / 2^255), which is 1 exactly when value >= p.
    Lanes quotient = Lanes::broadcast(19);
    for (const Lanes& limb : limbs_) quotient = (limb + quotient).template shift_right<51>();
    // value - quotient * p = value + 19 * quotient - 2^255 * quotient; the last term is the carry that drops out.
    Lanes carry = multiply_add_low(Lanes::zero(), quotient, Lanes::broadcast(19));
    Limbs51 reduced;
    for (std::size_t i = 0; i < 5; ++i) {
      const Lanes sum = limbs_[i] + carry;
      reduced[i] = sum & limb_mask();
      carry = sum.template shift_right<51>();
    }
    return {reduced[0] | reduced[1].template shift_left<51>(),
            reduced[1].template shift_right<13>() | reduced[2].template shift_left<38>(),
            reduced[2].template shift_right<26>() | reduced[3].template shift_left<25>(),
            reduced[3].template shift_right<39>() | reduced[4].template shift_left<12>()};
  }

  [[gnu::always_inline]] friend inline Product operator*(const X25519FieldLanes& left,
                                                         const X25519FieldLanes& right) noexcept {
    if constexpr (kLanesAreRegister) {
      return multiply(left.limbs_, right.limbs_);
    } else {
      return call_multiply(left.limbs_, right.limbs_);
    }
  }

  [[gnu::always_inline]] inline Product square() const noexcept {
    if constexpr (kLanesAreRegister) {
      return square(limbs_);
    } else {
      return call_square(limbs_);
    }
  }

  // factor < 2^17: what comes round, 38 times the high half of a 69-bit product, is below 2^23.
  [[gnu::always_inline]] inline Product times_small(Limb factor) const noexcept {
    const Lanes factors = Lanes::broadcast(factor);
    Columns high;
    for (std::size_t i = 0; i < 5; ++i) high[i] = multiply_add_high(Lanes::zero(), limbs_[i], factors);
    Columns columns{multiply_add_low(Lanes::zero(), high[4], Lanes::broadcast(38)), high[0] + high[0],
                    high[1] + high[1], high[2] + high[2], high[3] + high[3]};
    for (std::size_t i = 0; i < 5; ++i) columns[i] = multiply_add_low(columns[i], limbs_[i], factors);
    return Product(columns);
  }

  // 1 / value, and 0 for 0: one inversion for all lanes. Three times each lane is multiplied with the one that is 4, 2
  // and 1 further, which gives all lanes the product of all; what they were multiplied with is, together, the product
  // of the others. A zero stands aside as a one, so that it spoils no other lane.
  X25519FieldLanes inverse() const noexcept {
    const Words<Lanes> integer = to_integer();
    const Mask is_zero = equal(integer[0] | integer[1] | integer[2] | integer[3], Lanes::zero());
    Secret<X25519FieldLanes> product(select(is_zero, one(), *this));
    Secret<X25519FieldLanes> others(one());
    for (std::size_t distance = kLanes / 2; distance > 0; distance /= 2) {
      const Secret<X25519FieldLanes> rotated(product.value.rotate(distance));
      others.value = X25519FieldLanes(others.value * rotated.value);
      product.value = X25519FieldLanes(product.value * rotated.value);
    }
    const X25519FieldLanes inverse = X25519FieldLanes(others.value * invert_first_lane(product.value));
    return select(is_zero, zero(), inverse);
  }

  // left where the mask is set, else right.
  [[gnu::always_inline]] friend inline X25519FieldLanes select(const Mask& mask, const X25519FieldLanes& left,
                                                               const X25519FieldLanes& right) noexcept {
    X25519FieldLanes result;
    for (std::size_t i = 0; i < 5; ++i) result.limbs_[i] = select(mask, left.limbs_[i], right.limbs_[i]);
    return result;
  }

 private:
  using Limbs51 = std::array<Lanes, 5>;
  using Columns = std::array<Lanes, 5>;

  static constexpr unsigned kLimbBits = 51;
  // Times 2^52. The lowest column of a product has one low half, and 19 times what column 5 has: four low halves and,
  // twice, five high halves. The others have less.
  static constexpr Limb kMostColumn = (Limb{1 + 19 * (4 + 2 * 5)} << 52);
  static_assert(kMostColumn < Limb{1} << 61);
  // Sums and differences have columns up to here, so no carry out of one exceeds 1074: 19 times that is below 2^15.
  static constexpr Limb kMostSum = Limb{537} << 52;
  static_assert(kMostSum >= 2 * kMostColumn && 19 * (kMostSum >> 51) < Limb{1} << 15);

  [[gnu::always_inline]] inline explicit X25519FieldLanes(const Limbs51& limbs) noexcept : limbs_(limbs) {}

  [[gnu::always_inline]] static inline Lanes limb_mask() noexcept {
    return Lanes::broadcast((Limb{1} << kLimbBits) - 1);
  }

  // columns <= kMostSum
  [[gnu::always_inline]] static inline Limbs51 carry(const Columns& columns) noexcept {
    const Lanes mask = limb_mask();
    const Lanes round = columns[4].template shift_right<kLimbBits>();
    Limbs51 limbs;
    limbs[0] = multiply_add_low(columns[0] & mask, round, Lanes::broadcast(19));
    for (std::size_t i = 1; i < 5; ++i) {
      limbs[i] = (columns[i] & mask) + columns[i - 1].template shift_right<kLimbBits>();
    }
    return limbs;
  }

  // sum + the low or high halves of left[i] * right[kColumn - i], kFrom <= i < kTo.
  template <std::size_t kColumn, std::size_t kFrom = 0, std::size_t kTo = 5>
  [[gnu::always_inline]] static inline Lanes add_low(Lanes sum, const Limbs51& left, const Limbs51& right) noexcept {
    if constexpr (kFrom < kTo) {
      if constexpr (kFrom <= kColumn && kColumn - kFrom < 5) {
        sum = multiply_add_low(sum, left[kFrom], right[kColumn - kFrom]);
      }
      return add_low<kColumn, kFrom + 1, kTo>(sum, left, right);
    } else {
      return sum;
    }
  }
  template <std::size_t kColumn, std::size_t kFrom = 0, std::size_t kTo = 5>
  [[gnu::always_inline]] static inline Lanes add_high(Lanes sum, const Limbs51& left, const Limbs51& right) noexcept {
    if constexpr (kFrom < kTo) {
      if constexpr (kFrom <= kColumn && kColumn - kFrom < 5) {
        sum = multiply_add_high(sum, left[kFrom], right[kColumn - kFrom]);
      }
      return add_high<kColumn, kFrom + 1, kTo>(sum, left, right);
    } else {
      return sum;
    }
  }

  // 2 * (sum + 9 * high) + high = 2 * sum + 19 * high: column high has 2^255 times the weight of sum.
  [[gnu::always_inline]] static inline Lanes twice_and_fold(const Lanes& sum, const Lanes& high) noexcept {
    const Lanes nine = (sum + high) + high.template shift_left<3>();
    return (nine + nine) + high;
  }

  // A high half has the weight 2^52, twice that of the next limb: high halves are summed first, then doubled.
  template <std::size_t kColumn>
  [[gnu::always_inline]] static inline Lanes high_column(const Limbs51& left, const Limbs51& right) noexcept {
    const Lanes high = add_high<kColumn - 1>(Lanes::zero(), left, right);
    return add_low<kColumn>(high + high, left, right);
  }
  template <std::size_t kColumn>
  [[gnu::always_inline]] static inline Lanes column(const Limbs51& left, const Limbs51& right) noexcept {
    const Lanes above = high_column<kColumn + 5>(left, right);
    Lanes high = Lanes::zero();
    if constexpr (kColumn > 0) high = add_high<kColumn - 1>(high, left, right);
    return add_low<kColumn>(twice_and_fold(high, above), left, right);
  }
  [[gnu::always_inline]] static inline Product multiply(const Limbs51& a, const Limbs51& b) noexcept {
    return Product({column<0>(a, b), column<1>(a, b), column<2>(a, b), column<3>(a, b), column<4>(a, b)});
  }

  // Lanes that are a vector register have its alignment. The others are calls: a product is thousands of instructions.
  static constexpr bool kLanesAreRegister = alignof(Lanes) > alignof(Limb);
  [[gnu::noinline]] static Product call_multiply(const Limbs51& a, const Limbs51& b) noexcept { return multiply(a, b); }
  [[gnu::noinline]] static Product call_square(const Limbs51& a) noexcept { return square(a); }

  // Half a column of a square but for an even column's low half of a limb's own square: 2 * (2 * high halves of unlike
  // limbs + high half of a limb's own square + low halves of unlike limbs). Unlike limbs: i < kColumn - i.
  template <std::size_t kColumn>
  [[gnu::always_inline]] static inline Lanes half_column(const Limbs51& a) noexcept {
    Lanes sum = Lanes::zero();
    if constexpr (kColumn > 1) {
      sum = add_high<kColumn - 1, 0, kColumn / 2>(sum, a, a);
      sum = sum + sum;
    }
    if constexpr (kColumn % 2 == 1) sum = multiply_add_high(sum, a[kColumn / 2], a[kColumn / 2]);
    return add_low<kColumn, 0, (kColumn + 1) / 2>(sum, a, a);
  }
  template <std::size_t kColumn>
  [[gnu::always_inline]] static inline Lanes add_own_low(const Lanes& sum, const Limbs51& a) noexcept {
    if constexpr (kColumn % 2 == 0 && kColumn < 10) {
      return multiply_add_low(sum, a[kColumn / 2], a[kColumn / 2]);
    } else {
      return sum;
    }
  }
  template <std::size_t kColumn>
  [[gnu::always_inline]] static inline Lanes square_column(const Limbs51& a) noexcept {
    const Lanes half_above = half_column<kColumn + 5>(a);
    const Lanes above = add_own_low<kColumn + 5>(half_above + half_above, a);
    return add_own_low<kColumn>(twice_and_fold(half_column<kColumn>(a), above), a);
  }
  [[gnu::always_inline]] static inline Product square(const Limbs51& a) noexcept {
    return Product(
        {square_column<0>(a), square_column<1>(a), square_column<2>(a), square_column<3>(a), square_column<4>(a)});
  }

  // Lane i gets what lane i + distance has, modulo kLanes.
  X25519FieldLanes rotate(std::size_t distance) const noexcept {
    X25519FieldLanes result;
    for (std::size_t limb = 0; limb < 5; ++limb) {
      Secret<std::array<Limb, kLanes>> words, rotated;
      limbs_[limb].store(words.value);
      for (std::size_t i = 0; i < kLanes; ++i) rotated.value[i] = words.value[(i + distance) % kLanes];
      result.limbs_[limb] = Lanes::load(rotated.value);
    }
    return result;
  }

  // 1 / the first lane, in all lanes.
  static X25519FieldLanes invert_first_lane(const X25519FieldLanes& element) noexcept {
    Secret<Limbs> value;
    const Words<Lanes> integer = element.to_integer();
    for (std::size_t i = 0; i < 4; ++i) {
      Secret<std::array<Limb, kLanes>> words;
      integer[i].store(words.value);
      value.value[i] = words.value[0];
    }
    value.value = ModularInverse<X25519FieldLanes>::divide({1, 0, 0, 0}, value.value);
    Words<Lanes> inverse;
    for (std::size_t i = 0; i < 4; ++i) inverse[i] = Lanes::broadcast(value.value[i]);
    return from_integer(inverse);
  }

  Limbs51 limbs_{};
};

template <class Lanes>
class X25519FieldLanes<Lanes>::Product {
 public:
  [[gnu::always_inline]] inline explicit Product(const X25519FieldLanes& element) noexcept : columns_(element.limbs_) {}

  [[gnu::always_inline]] friend inline X25519FieldLanes operator+(const Product& left, const Product& right) noexcept {
    Columns sum;
    for (std::size_t i = 0; i < 5; ++i) sum[i] = left.columns_[i] + right.columns_[i];
    return X25519FieldLanes(Product(sum));
  }

  // A multiple of p keeps the columns from going negative: 540 (2^51 - 19) > kMostColumn = 267 * 2^52.
  [[gnu::always_inline]] friend inline X25519FieldLanes operator-(const Product& left, const Product& right) noexcept {
    constexpr Limb kMultiple = 540;
    constexpr Limb kLowest = kMultiple * ((Limb{1} << kLimbBits) - 19),
                   kOther = kMultiple * ((Limb{1} << kLimbBits) - 1);
    static_assert(kLowest >= kMostColumn && kOther + kMostColumn <= kMostSum);
    Columns difference;
    for (std::size_t i = 0; i < 5; ++i) {
      difference[i] = left.columns_[i] + (Lanes::broadcast(i == 0 ? kLowest : kOther) - right.columns_[i]);
    }
    return X25519FieldLanes(Product(difference));
  }

 private:
  friend class X25519FieldLanes;

  [[gnu::always_inline]] inline explicit Product(const Columns& columns) noexcept : columns_(columns) {}

  Columns columns_;
};

}  // namespace breakwater::crypto
