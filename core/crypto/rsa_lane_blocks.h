// Blocks of 15 or 20 limbs in lanes: what rsa_lane_layer.h builds numbers of. Limbs have 52 bits. Columns are sums of
// halves of products that nobody has carried yet: column k is worth 2^(52 k). Each of these functions adds to a column
// at most 2 kBlock halves, below 2^52 each; that all that is added to a column stays below 2^64 is for the caller to
// see to.
//
// Unit: Lanes; kUnrolled, where the kBlock + 1 columns that a row of products touches fit in registers; and
// fetch(lanes), its argument, in a register: GCC would rather read memory once for each product.
#pragma once

#include <cstddef>
#include <utility>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto {

inline constexpr unsigned kRsaLimbBits = 52;

// body(i) for i = 0 .. kCount - 1.
template <class Unit, std::size_t kCount, class Body>
[[gnu::always_inline]] inline void rsa_repeat(Body&& body) noexcept {
  if constexpr (Unit::kUnrolled) {
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
      (body(std::integral_constant<std::size_t, kIndex>{}), ...);
    }
    (std::make_index_sequence<kCount>{});
  } else {
    for (std::size_t i = 0; i < kCount; ++i) body(i);
  }
}

// What a block of columns holds before a function adds to it.
enum class RsaColumns { Nothing, Sums };

template <class Unit, std::size_t kBlock>
class RsaLaneBlocks {
 public:
  using Lanes = typename Unit::Lanes;

  // columns[0 .. 2 kBlock - 1] += a b.
  template <RsaColumns kLow, RsaColumns kHigh>
  [[gnu::noinline]] static void multiply_add(Lanes* columns, const Lanes* a, const Lanes* b) noexcept {
    Lanes sums[2 * kBlock];
    fetch<kLow>(sums, columns);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<kHigh>(sums, columns, kBlock + i);
      const Lanes factor = a[i];
      rsa_repeat<Unit, kBlock>([&](auto j) __attribute__((always_inline)) {
        const Lanes other = Unit::fetch(b[j]);
        sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
      columns[i] = sums[i];
    });
    store_high(columns, sums);
  }

  // columns = 2 columns + a^2.
  template <RsaColumns kLow, RsaColumns kHigh>
  [[gnu::noinline]] static void double_add_square(Lanes* columns, const Lanes* a) noexcept {
    Lanes sums[2 * kBlock];
    fetch<kLow>(sums, columns);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<kHigh>(sums, columns, kBlock + i);
      const Lanes factor = a[i];
      rsa_repeat<Unit, kBlock>([&](auto j) __attribute__((always_inline)) {
        if (j <= i) return;
        const Lanes other = Unit::fetch(a[j]);
        sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
      // Nothing unlike is added to these two any more.
      columns[2 * i] = multiply_add_low(sums[2 * i] + sums[2 * i], factor, factor);
      columns[2 * i + 1] = multiply_add_high(sums[2 * i + 1] + sums[2 * i + 1], factor, factor);
    });
  }

  // Makes q with columns[0 .. kBlock - 1] + q m = 0 modulo 2^(52 kBlock), and adds q m to the upper columns, the carry
  // included; the lower ones are overwritten with q. inverse = -m^-1 modulo 2^52.
  [[gnu::noinline]] static void reduce(Lanes* columns, const Lanes* m, const Lanes& inverse) noexcept {
    Lanes sums[2 * kBlock];
    reduce_rows(sums, columns, m, inverse);
    store_high(columns, sums);
  }

  // The same where there is no other block: the upper columns go to out, carried, and not to columns.
  [[gnu::noinline]] static void reduce_and_carry(Lanes* out, Lanes* columns, const Lanes* m,
                                                 const Lanes& inverse) noexcept {
    const Lanes mask = Lanes::broadcast((Limb{1} << kRsaLimbBits) - 1);
    Lanes sums[2 * kBlock];
    reduce_rows(sums, columns, m, inverse);
    Lanes carried;
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      const Lanes limb = sums[kBlock + i] + carried;
      carried = limb.template shift_right<kRsaLimbBits>();
      out[i] = limb & mask;
    });
  }

 private:
  [[gnu::always_inline]] static void reduce_rows(Lanes* sums, Lanes* columns, const Lanes* m,
                                                 const Lanes& inverse) noexcept {
    const Lanes ones = Lanes::broadcast((Limb{1} << kRsaLimbBits) - 1);
    const Lanes minus_inverse = inverse;
    fetch<RsaColumns::Sums>(sums, columns);
    Lanes next = multiply_add_low(Lanes::zero(), sums[0], minus_inverse);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<RsaColumns::Sums>(sums, columns, kBlock + i);
      const Lanes factor = next;
      columns[i] = factor;
      // The low half of factor m[0] makes the low 52 bits of the column zero, with a carry unless they are zero
      // already: no need to compute it.
      const Lanes carry = (sums[i] + ones).template shift_right<kRsaLimbBits>();
      // Apart, so that the next factor waits for one product, not for two; and early, so that nobody waits for it.
      sums[i + 1] =
          multiply_add_high(sums[i + 1] + carry, factor, m[0]) + multiply_add_low(Lanes::zero(), factor, m[1]);
      next = multiply_add_low(Lanes::zero(), sums[i + 1], minus_inverse);
      rsa_repeat<Unit, kBlock>([&](auto j) __attribute__((always_inline)) {
        if (j == 0) return;
        const Lanes other = Unit::fetch(m[j]);
        if (j > 1) sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
    });
  }

  // Sums are fetched as late and stored as early as may be: kBlock + 1 of them are under way at a time.
  template <RsaColumns kHeld>
  [[gnu::always_inline]] static void fetch_one(Lanes* sums, const Lanes* columns, std::size_t i) noexcept {
    sums[i] = kHeld == RsaColumns::Sums ? columns[i] : Lanes::zero();
  }
  template <RsaColumns kHeld>
  [[gnu::always_inline]] static void fetch(Lanes* sums, const Lanes* columns) noexcept {
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) { fetch_one<kHeld>(sums, columns, i); });
  }

  [[gnu::always_inline]] static void store_high(Lanes* columns, const Lanes* sums) noexcept {
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) { columns[kBlock + i] = sums[kBlock + i]; });
  }
};

}  // namespace breakwater::crypto
