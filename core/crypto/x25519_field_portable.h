// The field of Curve25519, p = 2^255 - 19: five limbs of 51 bits with slack, plain C++. Constant time.
//
// Bounds on every limb, which callers keep by construction:
//   tight   below 2^51 + 2^13     what multiplication, squaring, from_bytes and times_small return
//   loose   below 2^53            a sum or difference of two tight elements
// Sums and differences take tight elements; multiplication and squaring take loose ones. A sum is never summed again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/modular_inverse.h"
#include "core/crypto/x25519_words.h"

namespace breakwater::crypto {

class X25519FieldPortable {
 public:
  using Word = Limb;
  using Mask = crypto::Mask;
  using Product = X25519FieldPortable;  // tight
  static constexpr Limbs kModulus = kX25519Modulus;

  constexpr X25519FieldPortable() noexcept = default;
  static constexpr X25519FieldPortable zero() noexcept { return {}; }
  static constexpr X25519FieldPortable one() noexcept { return X25519FieldPortable({1, 0, 0, 0, 0}); }

  // Below 2^255. Values from p on are taken as they are.
  static constexpr X25519FieldPortable from_integer(const Limbs& w) noexcept {
    return X25519FieldPortable({w[0] & kLimbMask, ((w[0] >> 51) | (w[1] << 13)) & kLimbMask,
                                ((w[1] >> 38) | (w[2] << 26)) & kLimbMask, ((w[2] >> 25) | (w[3] << 39)) & kLimbMask,
                                w[3] >> 12});
  }

  // 32 bytes, little endian; the top bit is ignored (RFC 7748 5).
  static constexpr X25519FieldPortable from_bytes(const std::uint8_t* bytes) noexcept {
    Limbs integer = limbs_from_little_endian(bytes);
    integer[3] &= ~Limb{0} >> 1;
    return from_integer(integer);
  }

  // The one representative below p, of a tight element: its value is below 2^255 + 2^218 < 2 p.
  constexpr Limbs to_integer() const noexcept {
    // quotient = floor((value + 19) / 2^255), which is 1 exactly when value >= p.
    Limb quotient = 19;
    for (const Limb limb : limbs_) quotient = (limb + quotient) >> 51;
    // value - quotient * p = value + 19 * quotient - 2^255 * quotient; the last term is the carry that drops out.
    Limb carry = 19 * quotient;
    Limbs51 reduced{};
    for (std::size_t i = 0; i < 5; ++i) {
      const Limb sum = limbs_[i] + carry;
      reduced[i] = sum & kLimbMask;
      carry = sum >> 51;
    }
    return {reduced[0] | (reduced[1] << 51), (reduced[1] >> 13) | (reduced[2] << 38),
            (reduced[2] >> 26) | (reduced[3] << 25), (reduced[3] >> 39) | (reduced[4] << 12)};
  }

  constexpr void to_bytes(std::uint8_t* bytes) const noexcept { limbs_to_little_endian(bytes, to_integer()); }

  // tight + tight: loose (below 2^52 + 2^14).
  friend constexpr X25519FieldPortable operator+(const X25519FieldPortable& left,
                                                 const X25519FieldPortable& right) noexcept {
    Limbs51 sum{};
    for (std::size_t i = 0; i < 5; ++i) sum[i] = left.limbs_[i] + right.limbs_[i];
    return X25519FieldPortable(sum);
  }

  // tight - tight: loose. 2 p is added, whose limbs 2^52 - 38 and 2^52 - 2 exceed any tight one: no limb goes negative,
  // and each is below 2^51 + 2^13 + 2^52 < 2^53.
  friend constexpr X25519FieldPortable operator-(const X25519FieldPortable& left,
                                                 const X25519FieldPortable& right) noexcept {
    Limbs51 difference{};
    for (std::size_t i = 0; i < 5; ++i) {
      const Limb twice_p = 2 * kLimbMask - (i == 0 ? 36 : 0);
      difference[i] = left.limbs_[i] + twice_p - right.limbs_[i];
    }
    return X25519FieldPortable(difference);
  }

  // loose * loose: tight. See carry_wide() for the bounds.
  friend constexpr X25519FieldPortable operator*(const X25519FieldPortable& left,
                                                 const X25519FieldPortable& right) noexcept {
    const auto& [a0, a1, a2, a3, a4] = left.limbs_;
    const auto& [b0, b1, b2, b3, b4] = right.limbs_;
    // 2^255 = 19 mod p: what leaves at the top comes back times 19. 19 * loose < 2^58.
    const Limb b1_19 = 19 * b1, b2_19 = 19 * b2, b3_19 = 19 * b3, b4_19 = 19 * b4;
    return carry_wide({wide(a0, b0) + wide(a1, b4_19) + wide(a2, b3_19) + wide(a3, b2_19) + wide(a4, b1_19),
                       wide(a0, b1) + wide(a1, b0) + wide(a2, b4_19) + wide(a3, b3_19) + wide(a4, b2_19),
                       wide(a0, b2) + wide(a1, b1) + wide(a2, b0) + wide(a3, b4_19) + wide(a4, b3_19),
                       wide(a0, b3) + wide(a1, b2) + wide(a2, b1) + wide(a3, b0) + wide(a4, b4_19),
                       wide(a0, b4) + wide(a1, b3) + wide(a2, b2) + wide(a3, b1) + wide(a4, b0)});
  }

  // loose: tight. The same sums as a product of an element with itself.
  constexpr X25519FieldPortable square() const noexcept {
    const auto& [a0, a1, a2, a3, a4] = limbs_;
    const Limb a0_2 = 2 * a0, a1_2 = 2 * a1, a2_2 = 2 * a2, a3_19 = 19 * a3, a4_19 = 19 * a4;
    return carry_wide(
        {wide(a0, a0) + wide(a1_2, a4_19) + wide(a2_2, a3_19), wide(a0_2, a1) + wide(a2_2, a4_19) + wide(a3, a3_19),
         wide(a0_2, a2) + wide(a1, a1) + wide(2 * a3, a4_19), wide(a0_2, a3) + wide(a1_2, a2) + wide(a4, a4_19),
         wide(a0_2, a4) + wide(a1_2, a3) + wide(a2, a2)});
  }

  constexpr X25519FieldPortable square_times(unsigned count) const noexcept {
    X25519FieldPortable result = *this;
    for (unsigned i = 0; i < count; ++i) result = result.square();
    return result;
  }

  // loose * factor, factor < 2^17: tight.
  constexpr X25519FieldPortable times_small(Limb factor) const noexcept {
    return carry_wide({wide(limbs_[0], factor), wide(limbs_[1], factor), wide(limbs_[2], factor),
                       wide(limbs_[3], factor), wide(limbs_[4], factor)});
  }

  // 1 / value of a loose element, and 0 for 0.
  X25519FieldPortable inverse() const noexcept {
    const Secret<Limbs> divisor(times_small(1).to_integer());
    return from_integer(ModularInverse<X25519FieldPortable>::divide({1, 0, 0, 0}, divisor.value));
  }

  // left where the mask is set, else right.
  friend constexpr X25519FieldPortable select(Mask mask, const X25519FieldPortable& left,
                                              const X25519FieldPortable& right) noexcept {
    Limbs51 selected{};
    for (std::size_t i = 0; i < 5; ++i) selected[i] = crypto::select(mask, left.limbs_[i], right.limbs_[i]);
    return X25519FieldPortable(selected);
  }

 private:
  using Limbs51 = std::array<Limb, 5>;
  static constexpr Limb kLimbMask = (Limb{1} << 51) - 1;

  explicit constexpr X25519FieldPortable(const Limbs51& limbs) noexcept : limbs_(limbs) {}

  static constexpr WideLimb wide(Limb left, Limb right) noexcept { return WideLimb{left} * right; }

  // Column sums of a product to a tight element. Loose limbs are below L = 2^53.
  // Columns: the lowest is at most (1 + 4 * 19) L^2 < 2^112.3, the top one 5 L^2 < 2^108.4; a carry into a column is
  // below 2^62, so nothing overflows 128 bits. The carry out of the top is below 2^57.4, times 19 below 2^61.7; added
  // to a limb below 2^51 it leaves a carry below 2^11 for the next limb, which ends below 2^51 + 2^11.
  static constexpr X25519FieldPortable carry_wide(std::array<WideLimb, 5> columns) noexcept {
    Limbs51 limbs{};
    Limb carry = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      columns[i] += carry;
      limbs[i] = static_cast<Limb>(columns[i]) & kLimbMask;
      carry = static_cast<Limb>(columns[i] >> 51);
    }
    const Limb lowest = limbs[0] + 19 * carry;
    limbs[0] = lowest & kLimbMask;
    limbs[1] += lowest >> 51;
    return X25519FieldPortable(limbs);
  }

  Limbs51 limbs_{};
};

}  // namespace breakwater::crypto
