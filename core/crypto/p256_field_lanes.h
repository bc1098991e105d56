// The field of P-256 in eight lanes: five limbs of 52 bits, Montgomery form with R = 2^260. Lanes is the lane layer.
//
// Four types, so that carries are propagated, and products reduced, only where the next product needs it:
//   P256FieldLanes        an element: limbs below 2^52, value below 2^257 + 2^231
//   P256ProductLanes      a product before its carries: limbs below 2^57, value below 2^256 + 2^255
//   P256FieldLanes::Open  a product before its reduction, or the sum of two
//   P256SumLanes          the sum of at most 30 elements and products, added or subtracted: signed limbs
// A product becomes an element by carrying, a sum by folding its top back and carrying.
#pragma once

#include <array>
#include <cstddef>

#include "core/crypto/lane_integers.h"
#include "core/crypto/p256_curve.h"
#include "core/crypto/p256_field_portable.h"

namespace breakwater::crypto {

namespace p256_lanes {

// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 in limbs of 52 bits: 2^52 - 1, 2^44 - 1, 0, 2^36, 2^48 - 2^16.
inline constexpr Limb kTopLimb = (Limb{1} << 48) - (Limb{1} << 16);
inline constexpr Limbs52 kPrime = limbs52(P256PrimeModulus::kModulus);
static_assert(kPrime == Limbs52{(Limb{1} << 52) - 1, (Limb{1} << 44) - 1, 0, Limb{1} << 36, kTopLimb});

// value 2^260 mod p, of any value below 2^256.
constexpr Limbs montgomery(const Limbs& value) noexcept {
  auto element = P256FieldPortable::from_integer(value);  // times 2^256
  for (int i = 0; i < 4; ++i) element = element + element;
  return element.montgomery();
}

constexpr Limbs52 twice_prime() noexcept {
  Limbs52 twice = kPrime;
  Limb carry = 0;
  for (Limb& limb : twice) {
    const Limb sum = 2 * limb + carry;
    carry = sum >> 52;
    limb = sum & ((Limb{1} << 52) - 1);
  }
  return twice;
}

// 9 2^256 p in limbs of 52 bits. 2^256 is bit 48 of limb 4.
constexpr std::array<Limb, 10> bias() noexcept {
  constexpr Limb kMask = (Limb{1} << 52) - 1;
  std::array<Limb, 10> limbs{};
  for (std::size_t i = 0; i < 5; ++i) {
    limbs[i + 4] += 9 * ((kPrime[i] << 48) & kMask);
    limbs[i + 5] += 9 * (kPrime[i] >> 4);
  }
  for (std::size_t i = 0; i < 9; ++i) {
    limbs[i + 1] += limbs[i] >> 52;
    limbs[i] &= kMask;
  }
  return limbs;
}

}  // namespace p256_lanes

template <class Field>
struct P256ProductLanes {
  std::array<typename Field::LaneType, 5> limbs;
};

template <class Field>
struct P256SumLanes {
  P256SumLanes() noexcept = default;  // zero
  // Products and elements are sums as they are. NOLINTNEXTLINE(google-explicit-constructor)
  P256SumLanes(const P256ProductLanes<Field>& product) noexcept : limbs(product.limbs) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  P256SumLanes(const Field& element) noexcept : limbs(element.limbs()) {}

  auto is_zero() const noexcept { return Field(*this).is_zero(); }

  std::array<typename Field::LaneType, 5> limbs;
};

template <class L>
class P256FieldLanes {
 public:
  using LaneType = L;
  using Mask = typename L::Mask;
  using Product = P256ProductLanes<P256FieldLanes>;
  using Sum = P256SumLanes<P256FieldLanes>;

  P256FieldLanes() noexcept = default;  // zero

  static P256FieldLanes zero() noexcept { return {}; }
  static P256FieldLanes one() noexcept { return broadcast(kOne); }
  static P256FieldLanes curve_b() noexcept { return broadcast(kCurveB); }

  // Any integers below 2^256.
  static P256FieldLanes from_integers(const LaneIntegers<L>& integers) noexcept {
    return P256FieldLanes(to_limbs52(integers)) * broadcast(kRadixSquared);
  }
  static P256FieldLanes from_integer(const Limbs& integer) noexcept {
    return from_integers(LaneIntegers<L>::broadcast(integer));
  }

  // Below p: the product with one is (value + m p) / 2^260 < 1 + p for some m < 2^260, so at most p.
  LaneIntegers<L> to_integers() const noexcept {
    P256FieldLanes plain_one;
    plain_one.limbs_[0] = L::broadcast(1);
    const P256FieldLanes reduced = *this * plain_one;
    return LaneIntegers<L>::from_limbs52(select(reduced.equals(kPrime), zero(), reduced).limbs_);
  }

  // The fold. Let h be the top limb's part from bit 48 on, which stands for h 2^256, and q = h - 1. q p is subtracted
  // as q 2^256 - q (2^224 - 2^192 - 2^96 + 1), which leaves 2^256 + (what is below bit 256) + q 2^224 (1 - ...).
  // The lower limbs are below 30 2^57 each, |q| < 2^6: the result is positive and below 2^257 + 2^231.
  // NOLINTNEXTLINE(google-explicit-constructor)
  [[gnu::always_inline]] P256FieldLanes(const Sum& sum) noexcept {
    const auto& s = sum.limbs;
    const L one = L::broadcast(1);
    const L high = s[4].template shift_right_signed<48>();
    const L q = high - one;
    (high + L::broadcast(64)).check_below(7);
    std::array<L, 5> t;
    t[0] = s[0] + q;
    t[1] = s[1] - q.template shift_left<44>();
    t[2] = s[2];
    t[3] = s[3] - q.template shift_left<36>();
    t[4] = (s[4] & L::broadcast(kTopMask)) + (L::broadcast(Limb{1} << 48) + q.template shift_left<16>());
    const L mask = L::broadcast(kLimbMask);
    for (std::size_t i = 0; i < 4; ++i) {
      limbs_[i] = t[i] & mask;
      t[i + 1] = t[i + 1] + t[i].template shift_right_signed<52>();
    }
    limbs_[4] = t[4];
    limbs_[4].check_below(50);
  }

  // The carries. NOLINTNEXTLINE(google-explicit-constructor)
  [[gnu::always_inline]] P256FieldLanes(const Product& product) noexcept : limbs_(carry<false>(product.limbs).limbs_) {}

  const std::array<L, 5>& limbs() const noexcept { return limbs_; }

  friend Sum operator+(const Sum& left, const Sum& right) noexcept {
    Sum sum;
    for (std::size_t i = 0; i < 5; ++i) sum.limbs[i] = left.limbs[i] + right.limbs[i];
    return sum;
  }
  friend Sum operator-(const Sum& left, const Sum& right) noexcept {
    Sum difference;
    for (std::size_t i = 0; i < 5; ++i) difference.limbs[i] = left.limbs[i] - right.limbs[i];
    return difference;
  }

  [[gnu::always_inline]] friend Product operator*(const P256FieldLanes& left, const P256FieldLanes& right) noexcept {
    Open open = open_product(left, right);
    return checked(reduce<false>(open.columns));
  }

  [[gnu::always_inline]] Product square() const noexcept {
    Open open = open_square();
    return checked(reduce<false>(open.columns));
  }

  // A product before its reduction, or the sum of two. Columns below 20 2^52, value below 2^515 + 2^490.
  struct Open {
    std::array<L, 10> columns;

    friend Open operator+(const Open& left, const Open& right) noexcept {
      Open sum;
      for (std::size_t i = 0; i < 10; ++i) sum.columns[i] = left.columns[i] + right.columns[i];
      return sum;
    }
  };

  // Limb products are split at bit 52, so a column is at most ten halves, below 10 2^52. Low and high halves have sums
  // of their own, which need not wait for each other.
  [[gnu::always_inline]] static Open open_product(const P256FieldLanes& left, const P256FieldLanes& right) noexcept {
    Open low, high;
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 5; ++j) {
        low.columns[i + j] = multiply_add_low(low.columns[i + j], left.limbs_[i], right.limbs_[j]);
        high.columns[i + j + 1] = multiply_add_high(high.columns[i + j + 1], left.limbs_[i], right.limbs_[j]);
      }
    }
    return low + high;
  }

  // The products of unlike limbs once, doubled, plus the squares: the same columns.
  [[gnu::always_inline]] Open open_square() const noexcept {
    Open open;
    auto& columns = open.columns;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = i + 1; j < 5; ++j) {
        columns[i + j] = multiply_add_low(columns[i + j], limbs_[i], limbs_[j]);
        columns[i + j + 1] = multiply_add_high(columns[i + j + 1], limbs_[i], limbs_[j]);
      }
    }
    for (std::size_t i = 1; i < 9; ++i) columns[i] = columns[i] + columns[i];
    for (std::size_t i = 0; i < 5; ++i) {
      columns[2 * i] = multiply_add_low(columns[2 * i], limbs_[i], limbs_[i]);
      columns[2 * i + 1] = multiply_add_high(columns[2 * i + 1], limbs_[i], limbs_[i]);
    }
    return open;
  }

  // left right - other, with one reduction for both. 9 2^256 p, which is more than other, is added to keep the whole
  // positive; columns alone may be negative. The result is below (2^514.01 + 9 2^512) / 2^260 + p < 2^257.
  [[gnu::always_inline]] static P256FieldLanes product_less(const P256FieldLanes& left, const P256FieldLanes& right,
                                                            const Open& other) noexcept {
    Open open = open_product(left, right);
    for (std::size_t i = 0; i < 10; ++i) {
      open.columns[i] = open.columns[i] + (L::broadcast(kBias[i]) - other.columns[i]);
    }
    return carry<true>(reduce<true>(open.columns).limbs);
  }

  P256FieldLanes negate() const noexcept { return Sum() - *this; }

  // An element is below 3 p, and its limbs are those of its value.
  Mask is_zero() const noexcept { return equals({}) | equals(kPrime) | equals(kTwicePrime); }

  friend P256FieldLanes select(const Mask& mask, const P256FieldLanes& left, const P256FieldLanes& right) noexcept {
    P256FieldLanes result;
    for (std::size_t i = 0; i < 5; ++i) result.limbs_[i] = select(mask, left.limbs_[i], right.limbs_[i]);
    return result;
  }

  // In each lane the element that its index (0 to 15) says, of a table whose elements are in Montgomery form with
  // R = 2^256, below p: 16 times as much is below 2^260, and its limbs fold like a sum's.
  static P256FieldLanes from_columns(const std::array<std::array<Limb, 16>, 4>& columns, const L& index) noexcept {
    const std::array<L, 5> limbs = to_limbs52(LaneIntegers<L>::from_columns(columns, index));
    Sum sum;
    for (std::size_t i = 0; i < 5; ++i) sum.limbs[i] = limbs[i].template shift_left<4>();
    return sum;
  }

 private:
  // Members, and not variables of the namespace, so that each unit has its own.
  static constexpr Limbs kRadix = p256_lanes::montgomery({1, 0, 0, 0});
  static constexpr Limbs52 kOne = limbs52(kRadix);
  static constexpr Limbs52 kRadixSquared = limbs52(p256_lanes::montgomery(kRadix));
  static constexpr Limbs52 kCurveB = limbs52(p256_lanes::montgomery(kP256CurveB));
  static constexpr Limbs52 kPrime = p256_lanes::kPrime;
  static constexpr Limbs52 kTwicePrime = p256_lanes::twice_prime();
  static constexpr std::array<Limb, 10> kBias = p256_lanes::bias();
  static constexpr Limb kLimbMask = (Limb{1} << 52) - 1;
  static constexpr Limb kTopMask = (Limb{1} << 48) - 1;

  explicit P256FieldLanes(const std::array<L, 5>& limbs) noexcept : limbs_(limbs) {}

  static P256FieldLanes broadcast(const Limbs52& limbs) noexcept {
    P256FieldLanes result;
    for (std::size_t i = 0; i < 5; ++i) result.limbs_[i] = L::broadcast(limbs[i]);
    return result;
  }

  Mask equals(const Limbs52& limbs) const noexcept {
    Mask all = equal(limbs_[0], L::broadcast(limbs[0]));
    for (std::size_t i = 1; i < 5; ++i) all = all & equal(limbs_[i], L::broadcast(limbs[i]));
    return all;
  }

  // kSigned: of limbs that may be negative, though their value is not.
  template <bool kSigned>
  [[gnu::always_inline]] static L carry_of(const L& column) noexcept {
    return kSigned ? column.template shift_right_signed<52>() : column.template shift_right<52>();
  }

  template <bool kSigned>
  [[gnu::always_inline]] static P256FieldLanes carry(const std::array<L, 5>& limbs) noexcept {
    const L mask = L::broadcast(kLimbMask);
    P256FieldLanes result;
    L limb = limbs[0];
    for (std::size_t i = 0; i < 4; ++i) {
      result.limbs_[i] = limb & mask;
      limb = limbs[i + 1] + carry_of<kSigned>(limb);
    }
    result.limbs_[4] = limb;
    limb.check_below(49);
    return result;
  }

  static Product checked(const Product& product) noexcept {
    for (const L& limb : product.limbs) limb.check_below(57);
    return product;
  }

  // Montgomery reduction, a limb at a time. With c the lowest column and q its low 52 bits (p = -1 mod 2^52), q p is
  // added as q (2^256 - 2^224) + q 2^192 + q 2^96 - q: the last makes the column c - q, whose carry is c / 2^52.
  // Columns come in below 10 2^52 (of either sign, with kSigned, below 30 2^52); five steps add less than 2^52 six
  // times to each: below 2^57. Factors are below 2^257.01, so the result is below 2^514.02 / 2^260 + p < 2^256 + 2^255.
  template <bool kSigned>
  [[gnu::always_inline]] static Product reduce(std::array<L, 10>& columns) noexcept {
    const L at_96 = L::broadcast(Limb{1} << 44), at_192 = L::broadcast(Limb{1} << 36);
    const L top = L::broadcast(p256_lanes::kTopLimb);
    for (std::size_t i = 0; i < 5; ++i) {
      const L c = columns[i];
      columns[i + 1] = multiply_add_low(columns[i + 1], c, at_96) + carry_of<kSigned>(c);
      columns[i + 2] = multiply_add_high(columns[i + 2], c, at_96);
      columns[i + 3] = multiply_add_low(columns[i + 3], c, at_192);
      columns[i + 4] = multiply_add_low(multiply_add_high(columns[i + 4], c, at_192), c, top);
      columns[i + 5] = multiply_add_high(columns[i + 5], c, top);
    }
    Product product;
    for (std::size_t i = 0; i < 5; ++i) product.limbs[i] = columns[i + 5];
    return product;
  }

  std::array<L, 5> limbs_;
};

}  // namespace breakwater::crypto
