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

// Zeros, element by element: GCC keeps no array in registers that was made by a loop.
template <class Lanes, std::size_t kCount>
struct RsaLaneArray {
  Lanes lanes[kCount];
  [[gnu::always_inline]] static RsaLaneArray zeros() noexcept {
    return []<std::size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
      return RsaLaneArray{{(static_cast<void>(kIndex), Lanes::zero())...}};
    }
    (std::make_index_sequence<kCount>{});
  }
  [[gnu::always_inline]] Lanes& operator[](std::size_t i) noexcept { return lanes[i]; }
};

// What a block of columns holds before a function adds to it.
enum class RsaColumns { Nothing, Sums };

template <class Unit, std::size_t kBlock>
class RsaLaneBlocks {
 public:
  using Lanes = typename Unit::Lanes;

  // columns[0 .. 2 kBlock - 1] += a b.
  template <RsaColumns kLow, RsaColumns kHigh>
  [[gnu::noinline]] static void multiply_add(Lanes* columns, const Lanes* a, const Lanes* b) noexcept {
    auto sums = RsaLaneArray<Lanes, 2 * kBlock>::zeros();
    fetch<kLow>(sums.lanes, columns);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<kHigh>(sums.lanes, columns, kBlock + i);
      const Lanes factor = a[i];
      rsa_repeat<Unit, kBlock>([&](auto j) __attribute__((always_inline)) {
        const Lanes other = Unit::fetch(b[j]);
        sums[i + j] = multiply_add_low(sums[i + j], factor, other);
        sums[i + j + 1] = multiply_add_high(sums[i + j + 1], factor, other);
      });
      columns[i] = sums[i];
    });
    store_high(columns, sums.lanes);
  }

  // columns = 2 columns + a^2.
  template <RsaColumns kLow, RsaColumns kHigh>
  [[gnu::noinline]] static void double_add_square(Lanes* columns, const Lanes* a) noexcept {
    auto sums = RsaLaneArray<Lanes, 2 * kBlock>::zeros();
    fetch<kLow>(sums.lanes, columns);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<kHigh>(sums.lanes, columns, kBlock + i);
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
    auto sums = Sums::zeros();
    fetch<RsaColumns::Sums>(sums.lanes, columns);
    Reduction reduction(sums.lanes, m, inverse);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<RsaColumns::Sums>(sums.lanes, columns, kBlock + i);
      columns[i] = reduction.row(i);
    });
    store_high(columns, sums.lanes);
  }

  // The same where there is no other block: the upper columns go to out, carried; columns do not change.
  [[gnu::noinline]] static void reduce_and_carry(Lanes* out, const Lanes* columns, const Lanes* m,
                                                 const Lanes& inverse) noexcept {
    auto sums = Sums::zeros();
    fetch<RsaColumns::Sums>(sums.lanes, columns);
    Reduction reduction(sums.lanes, m, inverse);
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      fetch_one<RsaColumns::Sums>(sums.lanes, columns, kBlock + i);
      static_cast<void>(reduction.row(i));
    });
    carry_high(out, sums.lanes);
  }

 private:
  using Sums = RsaLaneArray<Lanes, 2 * kBlock>;

  class Reduction {
   public:
    [[gnu::always_inline]] Reduction(Lanes* sums, const Lanes* m, const Lanes& inverse) noexcept
        : sums_(sums), m_(m), inverse_(inverse), next_(multiply_add_low(Lanes::zero(), sums[0], inverse)) {}

    // Adds q m at column i, which becomes zero, its carry in the next; returns q.
    template <class Index>
    [[gnu::always_inline]] Lanes row(Index i) noexcept {
      const Lanes factor = next_;
      // The low half of factor m[0] makes the low 52 bits of the column zero, with a carry unless they are zero
      // already: no need to compute it.
      const Lanes carry = (sums_[i] + limb_mask()).template shift_right<kRsaLimbBits>();
      // Apart, so that the next factor waits for one product, not for two; and early, so that nobody waits for it.
      sums_[i + 1] =
          multiply_add_high(sums_[i + 1] + carry, factor, m_[0]) + multiply_add_low(Lanes::zero(), factor, m_[1]);
      next_ = multiply_add_low(Lanes::zero(), sums_[i + 1], inverse_);
      rsa_repeat<Unit, kBlock>([&](auto j) __attribute__((always_inline)) {
        if (j == 0) return;
        const Lanes other = Unit::fetch(m_[j]);
        if (j > 1) sums_[i + j] = multiply_add_low(sums_[i + j], factor, other);
        sums_[i + j + 1] = multiply_add_high(sums_[i + j + 1], factor, other);
      });
      return factor;
    }

   private:
    Lanes* sums_;
    const Lanes* m_;
    Lanes inverse_, next_;
  };

  static Lanes limb_mask() noexcept { return Lanes::broadcast((Limb{1} << kRsaLimbBits) - 1); }

  // The upper sums as limbs. What is carried out of the last is zero.
  [[gnu::always_inline]] static void carry_high(Lanes* out, const Lanes* sums) noexcept {
    Lanes carried;
    rsa_repeat<Unit, kBlock>([&](auto i) __attribute__((always_inline)) {
      const Lanes limb = sums[kBlock + i] + carried;
      carried = limb.template shift_right<kRsaLimbBits>();
      out[i] = limb & limb_mask();
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
