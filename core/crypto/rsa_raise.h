// Powers modulo m, written once over the layers of RSA (rsa_limb_layer.h, rsa_lane_layer.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto {

inline constexpr std::size_t kRsaWindow = 5;  // bits
inline constexpr std::size_t kRsaTableSize = std::size_t{1} << kRsaWindow;

// A secret exponent of up to 64 (kCount - 1) bits; the last limb is 0, so that a window may begin in the one before.
template <std::size_t kCount>
using RsaExponent = std::array<Limb, kCount>;

template <class Layer, std::size_t kCount>
struct RsaRaise {
  using Number = typename Layer::template Number<kCount>;
  using Modulus = typename Layer::template Modulus<kCount>;
  using Table = std::array<Number, kRsaTableSize>;

  // The accumulator becomes table[1] to the power of the exponents' low `bits` bits, Montgomery forms. The rest of the
  // table and entry are scratch. Fixed windows, so only `bits` decides what is computed.
  template <std::size_t kLimbs>
  static void secret(Modulus& modulus, Table& table, Number& entry,
                     const std::array<RsaExponent<kLimbs>, Layer::kWidth>& exponents, std::size_t bits) noexcept {
    Number& result = modulus.accumulator;
    Layer::set_one(table[0]);
    Layer::multiply(table[0], table[0], modulus.square, modulus);
    for (std::size_t i = 2; i < kRsaTableSize; i += 2) {
      Layer::square(table[i], table[i / 2], modulus);
      Layer::multiply(table[i + 1], table[i], table[1], modulus);
    }
    std::size_t window = (bits + kRsaWindow - 1) / kRsaWindow - 1;
    Secret<Digits> chosen(digits(exponents, window));
    for (std::size_t i = 0; i < kRsaWindow; ++i) Layer::look_up(result, table, chosen.value, i);
    while (window-- > 0) {
      chosen.value = digits(exponents, window);
      for (std::size_t i = 0; i < kRsaWindow; ++i) {
        Layer::square(result, result, modulus);
        // In parts, since the end of a squaring is one long chain of carries that leaves room for other work.
        Layer::look_up(entry, table, chosen.value, i);
      }
      Layer::multiply(result, entry, result, modulus);
    }
  }

  // The accumulator becomes base^e, a plain number, loose, for odd public exponents of 3 or more: base in Montgomery
  // form and plain. one and factor are scratch, used where the exponents differ.
  static void open(Modulus& modulus, const Number& base, const Number& plain, Number& one, Number& factor,
                   const std::array<std::uint32_t, Layer::kWidth>& exponents) noexcept {
    Number& result = modulus.accumulator;
    std::uint32_t any = 0, all = ~std::uint32_t{0};
    for (const std::uint32_t exponent : exponents) {
      any |= exponent;
      all &= exponent;
    }
    if (any != all) {
      Layer::set_one(one);
      Layer::multiply(one, one, modulus.square, modulus);
    }
    unsigned bit = 31;
    while ((any >> bit) == 0) --bit;
    Layer::choose(result, lanes_with(exponents, bit), base, one);
    while (--bit > 0) {
      Layer::square(result, result, modulus);
      if (((all >> bit) & 1) != 0) {
        Layer::multiply(result, result, base, modulus);
      } else if (((any >> bit) & 1) != 0) {
        Layer::choose(factor, lanes_with(exponents, bit), base, one);
        Layer::multiply(result, result, factor, modulus);
      }
    }
    Layer::square(result, result, modulus);
    Layer::multiply(result, result, plain, modulus);
  }

 private:
  using Digits = std::array<Limb, Layer::kWidth>;

  template <std::size_t kLimbs>
  static Digits digits(const std::array<RsaExponent<kLimbs>, Layer::kWidth>& exponents, std::size_t window) noexcept {
    const std::size_t limb = window * kRsaWindow / 64, shift = window * kRsaWindow % 64;
    Digits result;
    for (std::size_t lane = 0; lane < Layer::kWidth; ++lane) {
      const Limb low = exponents[lane][limb] >> shift;
      const Limb high = (exponents[lane][limb + 1] << 1) << (63 - shift);
      result[lane] = (low | high) & (kRsaTableSize - 1);
    }
    return result;
  }

  static std::uint8_t lanes_with(const std::array<std::uint32_t, Layer::kWidth>& exponents, unsigned bit) noexcept {
    unsigned lanes = 0;
    for (std::size_t lane = 0; lane < Layer::kWidth; ++lane) lanes |= ((exponents[lane] >> bit) & 1) << lane;
    return static_cast<std::uint8_t>(lanes);
  }
};

}  // namespace breakwater::crypto
