// The layer under rsa_sign.h for eight operations at a time: numbers of 52-bit limbs, one lane for each operation, and
// Montgomery arithmetic modulo m with R = 2^(52 kCount). Constant time.
//
// R is at least 2^16 m (rsa_limbs52). Loose numbers are below 3 m, tight ones below m: for a, b < 6 m, as sums may be,
// (a b + q m) / R < m + 36 m^2 / R < 2 m, so products are loose without a subtraction; numbers of 20 limbs are reduced
// otherwise, and come out below 3 m (rsa_lane_karatsuba.h, rsa_lane_schoolbook.h). Limbs are below 2^52 wherever a
// number is stored; columns are not (rsa_lane_blocks.h): each of the 4 kCount halves of products that a column sums is
// below 2^52, so with 80 limbs it stays below 321 2^52 < 2^61.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/crypto/lane_count.h"
#include "core/crypto/rsa_lane_blocks.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::crypto {

// Twenty: how numbers of twenty limbs are multiplied, rsa_lane_karatsuba.h or rsa_lane_schoolbook.h.
template <class Unit, template <class> class Twenty>
class RsaLaneLayer {
 public:
  using Lanes = typename Unit::Lanes;
  static constexpr std::size_t kWidth = kLanes;  // operations at once

  // Limbs of a modulus of so many bits.
  static constexpr std::size_t limbs(std::size_t bits) noexcept { return rsa_limbs52(bits); }

  template <std::size_t kCount>
  using Number = std::array<Lanes, kCount>;

  template <std::size_t kCount>
  static constexpr bool kTwenty = kCount == 20;
  using OfTwenty = Twenty<Unit>;
  struct Nothing {};

  static constexpr std::size_t kPage = 4096 / sizeof(Limb) / kWidth;  // in limbs of all lanes

  // A load waits for an earlier store whose address has the same lowest twelve bits, so columns, which are stored while
  // the modulus and a factor are loaded, keep away from both in these bits: value[0] at 0, columns[0] at 24 limbs, 64
  // bytes each. (Numbers of 40 limbs took half as long again where they met.)
  template <std::size_t kCount>
  struct Modulus {
    Number<kCount> value;
    Number<kCount> square;  // R^2 modulo m
    Lanes negative_inverse;
    Number<1 + (kPage + 24 - (2 * kCount + 2) % kPage) % kPage> gap;
    Number<2 * kCount> columns;  // scratch of the functions below
    Number<1 + (kPage - (24 + 2 * kCount + 1) % kPage) % kPage> second_gap;
    Number<kCount> accumulator;  // for the factor that most products have
    std::conditional_t<kTwenty<kCount>, typename OfTwenty::Modulus, Nothing> of_twenty;
  };

  template <std::size_t kCount, std::size_t kKeyCount>
  static void load(Modulus<kCount>& modulus, const std::array<const RsaModulus<kKeyCount>*, kWidth>& from) noexcept {
    std::array<const Limb*, kWidth> value, square;
    std::array<Limb, kWidth> inverse;
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      value[lane] = from[lane]->value.data();
      square[lane] = from[lane]->square52.data();
      inverse[lane] = from[lane]->negative_inverse & kLimbMask;
    }
    set(modulus.value, value);
    set(modulus.square, square);
    modulus.negative_inverse = Lanes::load(inverse);
    if constexpr (kTwenty<kCount>) {
      // 1 / X modulo m, X = 2^(52 kFolded): R / X, one limb of which is 1, reduced. Below m, since R / X < m.
      for (Lanes& column : modulus.columns) column = Lanes::zero();
      modulus.columns[kCount - OfTwenty::kFolded] = Lanes::broadcast(1);
      RsaLaneBlocks<Unit, kCount>::reduce_and_carry(modulus.accumulator.data(), modulus.columns.data(),
                                                    modulus.value.data(), modulus.negative_inverse);
      OfTwenty::load(modulus.of_twenty, modulus.accumulator.data());
    }
  }

  // Takes or gives as many 64-bit limbs as the keys' numbers of this size have. Null: takes zero, gives nothing.
  template <std::size_t kCount>
  [[gnu::noinline]] static void set(Number<kCount>& number, const std::array<const Limb*, kWidth>& limbs) noexcept {
    Secret<std::array<Limb, kWidth>> words;  // lanes without a number stay zero
    for (std::size_t i = 0; i < kCount; ++i) {
      for (std::size_t lane = 0; lane < kWidth; ++lane) {
        if (limbs[lane] != nullptr) words.value[lane] = extract<limbs64(kCount)>(limbs[lane], i * kRsaLimbBits);
      }
      number[i] = Lanes::load(words.value);
    }
  }
  template <std::size_t kCount>
  [[gnu::noinline]] static void get(const Number<kCount>& number, const std::array<Limb*, kWidth>& limbs) noexcept {
    constexpr std::size_t kLimbs = limbs64(kCount);
    for (Limb* const out : limbs) {
      for (std::size_t i = 0; out != nullptr && i < kLimbs; ++i) out[i] = 0;
    }
    Secret<std::array<Limb, kWidth>> words;
    for (std::size_t i = 0; i < kCount; ++i) {
      number[i].store(words.value);
      const std::size_t limb = i * kRsaLimbBits / 64, shift = i * kRsaLimbBits % 64;
      for (std::size_t lane = 0; lane < kWidth; ++lane) {
        if (limbs[lane] == nullptr) continue;
        if (limb < kLimbs) limbs[lane][limb] |= words.value[lane] << shift;
        if (shift > 64 - kRsaLimbBits && limb + 1 < kLimbs) limbs[lane][limb + 1] |= words.value[lane] >> (64 - shift);
      }
    }
  }

  template <std::size_t kCount>
  static void set_one(Number<kCount>& number) noexcept {
    for (Lanes& limb : number) limb = Lanes::zero();
    number[0] = Lanes::broadcast(1);
  }

  // out = a b / R modulo m. All may be the same.
  template <std::size_t kCount>
  [[gnu::noinline]] static void multiply(Number<kCount>& out, const Number<kCount>& a, const Number<kCount>& b,
                                         Modulus<kCount>& modulus) noexcept {
    if constexpr (kTwenty<kCount>) {
      OfTwenty::multiply(modulus.columns.data(), a.data(), b.data(), modulus.of_twenty);
    } else {
      multiply_columns<kCount>(modulus.columns.data(), a.data(), b.data());
    }
    reduce(out, modulus);
  }

  template <std::size_t kCount>
  [[gnu::noinline]] static void square(Number<kCount>& out, const Number<kCount>& a,
                                       Modulus<kCount>& modulus) noexcept {
    if constexpr (kTwenty<kCount>) {
      OfTwenty::square(modulus.columns.data(), a.data(), modulus.of_twenty);
    } else {
      square_columns<kCount>(modulus.columns.data(), a.data());
    }
    reduce(out, modulus);
  }

  // Loose to tight.
  template <std::size_t kCount>
  static void tighten(Number<kCount>& value, const Modulus<kCount>& modulus) noexcept {
    subtract_once(value, modulus);
    subtract_once(value, modulus);
  }

  // out += a, out -= a: tight to loose, tight to tight.
  template <std::size_t kCount>
  static void add(Number<kCount>& out, const Number<kCount>& a, const Modulus<kCount>&) noexcept {
    Lanes carry;
    for (std::size_t i = 0; i < kCount; ++i) {
      const Lanes limb = out[i] + a[i] + carry;
      carry = signed_carry(limb);
      out[i] = limb & mask();
    }
  }
  template <std::size_t kCount>
  static void subtract(Number<kCount>& out, const Number<kCount>& a, const Modulus<kCount>& modulus) noexcept {
    Lanes borrow;
    for (std::size_t i = 0; i < kCount; ++i) borrow = signed_carry(out[i] - a[i] + borrow);
    const auto below = less_than_zero(borrow);
    borrow = Lanes::zero();
    for (std::size_t i = 0; i < kCount; ++i) {
      const Lanes limb = out[i] - a[i] + select(below, modulus.value[i], Lanes::zero()) + borrow;
      borrow = signed_carry(limb);
      out[i] = limb & mask();
    }
  }

  // out = a b + c, integers. `half` lends its columns.
  template <std::size_t kCount>
  static void multiply_add(Number<2 * kCount>& out, const Number<kCount>& a, const Number<kCount>& b,
                           const Number<kCount>& c, Modulus<kCount>& half) noexcept {
    multiply_columns<kCount>(half.columns.data(), a.data(), b.data());
    for (std::size_t i = 0; i < kCount; ++i) half.columns[i] = half.columns[i] + c[i];
    carry<2 * kCount>(out.data(), half.columns.data());
  }

  // A fifth of each lane's entry of the table, every entry being read; part = 0 .. 4.
  template <std::size_t kCount, std::size_t kEntries>
  [[gnu::noinline]] static void look_up(Number<kCount>& out, const std::array<Number<kCount>, kEntries>& table,
                                        const std::array<Limb, kWidth>& digits, std::size_t part) noexcept {
    constexpr std::size_t kPart = kCount / 5;
    const std::size_t begin = kPart * part;
    const Lanes digit = Lanes::load(digits);
    Lanes limbs[kPart];
    rsa_repeat<Unit, kEntries>([&](auto entry) __attribute__((always_inline)) {
      const auto chosen = equal(digit, Lanes::broadcast(entry));
      rsa_repeat<Unit, kPart>([&](auto i) __attribute__((always_inline)) {
        limbs[i] = select(chosen, table[entry][begin + i], limbs[i]);
      });
    });
    for (std::size_t i = 0; i < kPart; ++i) out[begin + i] = limbs[i];
  }

  // out = a in lanes whose bit is set, else b. The bits are public.
  template <std::size_t kCount>
  static void choose(Number<kCount>& out, std::uint8_t bits, const Number<kCount>& a,
                     const Number<kCount>& b) noexcept {
    const auto lanes = Lanes::Mask::from_bits(bits);
    for (std::size_t i = 0; i < kCount; ++i) out[i] = select(lanes, a[i], b[i]);
  }

  // Bit i: whether they are the same in lane i.
  template <std::size_t kCount>
  static std::uint8_t equal_numbers(const Number<kCount>& a, const Number<kCount>& b) noexcept {
    Lanes difference;
    for (std::size_t i = 0; i < kCount; ++i) difference = difference | (a[i] ^ b[i]);
    return equal(difference, Lanes::zero()).bits();
  }

 private:
  static constexpr std::size_t block(std::size_t count) noexcept { return count % 20 == 0 && count != 60 ? 20 : 15; }
  static constexpr Limb kLimbMask = (Limb{1} << kRsaLimbBits) - 1;

  static Lanes mask() noexcept { return Lanes::broadcast(kLimbMask); }
  static Lanes signed_carry(const Lanes& limb) noexcept { return limb.template shift_right_signed<kRsaLimbBits>(); }
  // Of a last carry: 0, or -1 for a negative number.
  static auto less_than_zero(const Lanes& carry) noexcept { return less(Lanes::zero(), carry); }

  // value -= m, where it is not below m.
  template <std::size_t kCount>
  [[gnu::noinline]] static void subtract_once(Number<kCount>& value, const Modulus<kCount>& modulus) noexcept {
    Lanes borrow;
    for (std::size_t i = 0; i < kCount; ++i) borrow = signed_carry(value[i] - modulus.value[i] + borrow);
    const auto below = less_than_zero(borrow);
    borrow = Lanes::zero();
    for (std::size_t i = 0; i < kCount; ++i) {
      const Lanes limb = value[i] - modulus.value[i] + borrow;
      borrow = signed_carry(limb);
      value[i] = select(below, value[i], limb & mask());
    }
  }

  // Of the numbers of kCount 52-bit limbs: 1024 bits in 20, 1536 in 30, 2048 in 40, 3072 in 60, 4096 in 80.
  static constexpr std::size_t limbs64(std::size_t count) noexcept { return count / 5 * 4; }

  // 52 bits from a bit on; zeros lie beyond the number.
  template <std::size_t kLimbs>
  static Limb extract(const Limb* limbs, std::size_t bit) noexcept {
    const std::size_t limb = bit / 64, shift = bit % 64;
    const Limb low = limb < kLimbs ? limbs[limb] >> shift : 0;
    const Limb high = limb + 1 < kLimbs ? (limbs[limb + 1] << 1) << (63 - shift) : 0;
    return (low | high) & kLimbMask;
  }

  // Columns to limbs. What is carried out of the last is zero.
  template <std::size_t kCount>
  [[gnu::always_inline]] static void carry(Lanes* out, const Lanes* columns) noexcept {
    Lanes carried;
    for (std::size_t i = 0; i < kCount; ++i) {
      const Lanes limb = columns[i] + carried;
      carried = limb.template shift_right<kRsaLimbBits>();
      out[i] = limb & mask();
    }
  }

  template <std::size_t kCount>
  [[gnu::always_inline]] static void multiply_columns(Lanes* columns, const Lanes* a, const Lanes* b) noexcept {
    using enum RsaColumns;
    constexpr std::size_t kBlock = block(kCount);
    using Blocks = RsaLaneBlocks<Unit, kBlock>;
    for (std::size_t i = 0; i < kCount; i += kBlock) {
      for (std::size_t j = 0; j < kCount; j += kBlock) {
        Lanes* const at = columns + i + j;
        if (i + j == 0) {
          Blocks::template multiply_add<Nothing, Nothing>(at, a, b);
        } else if (i == 0 || j + kBlock == kCount) {
          Blocks::template multiply_add<Sums, Nothing>(at, a + i, b + j);
        } else {
          Blocks::template multiply_add<Sums, Sums>(at, a + i, b + j);
        }
      }
    }
  }

  // The products of unlike blocks once, doubled, plus the squares.
  template <std::size_t kCount>
  [[gnu::always_inline]] static void square_columns(Lanes* columns, const Lanes* a) noexcept {
    using enum RsaColumns;
    constexpr std::size_t kBlock = block(kCount), kLast = kCount - kBlock;
    using Blocks = RsaLaneBlocks<Unit, kBlock>;
    if constexpr (kLast == 0) {
      Blocks::template double_add_square<Nothing, Nothing>(columns, a);
    } else {
      for (std::size_t i = 0; i < kLast; i += kBlock) {
        for (std::size_t j = i + kBlock; j < kCount; j += kBlock) {
          Lanes* const at = columns + i + j;
          if (i + j == kBlock) {
            Blocks::template multiply_add<Nothing, Nothing>(at, a, a + j);
          } else if (i == 0 || j == kLast) {
            Blocks::template multiply_add<Sums, Nothing>(at, a + i, a + j);
          } else {
            Blocks::template multiply_add<Sums, Sums>(at, a + i, a + j);
          }
        }
      }
      Blocks::template double_add_square<Nothing, Sums>(columns, a);
      for (std::size_t i = kBlock; i < kLast; i += kBlock) {
        Blocks::template double_add_square<Sums, Sums>(columns + 2 * i, a + i);
      }
      Blocks::template double_add_square<Sums, Nothing>(columns + 2 * kLast, a + kLast);
    }
  }

  template <std::size_t kCount>
  [[gnu::always_inline]] static void reduce(Number<kCount>& out, Modulus<kCount>& modulus) noexcept {
    constexpr std::size_t kBlock = block(kCount);
    using Blocks = RsaLaneBlocks<Unit, kBlock>;
    Lanes* const columns = modulus.columns.data();
    const Lanes* const m = modulus.value.data();
    if constexpr (kTwenty<kCount>) {
      OfTwenty::reduce(out.data(), columns, m, modulus.negative_inverse, modulus.of_twenty);
    } else {
      for (std::size_t i = 0; i < kCount; i += kBlock) {
        Blocks::reduce(columns + i, m, modulus.negative_inverse);
        for (std::size_t j = kBlock; j < kCount; j += kBlock) {
          Blocks::template multiply_add<RsaColumns::Sums, RsaColumns::Sums>(columns + i + j, columns + i, m + j);
        }
      }
      carry<kCount>(out.data(), columns + kCount);
    }
  }
};

}  // namespace breakwater::crypto
