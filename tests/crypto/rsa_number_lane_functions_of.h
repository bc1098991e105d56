// The table of rsa_number_lane_functions.h for one unit.
#pragma once

#include "core/crypto/rsa_lane_karatsuba.h"
#include "core/crypto/rsa_lane_layer.h"
#include "core/crypto/rsa_lane_schoolbook.h"
#include "tests/crypto/rsa_number_lane_functions.h"

namespace breakwater::test {

template <class LanesOfUnit, bool kUnrolledLoops, template <class> class Twenty>
struct RsaNumberLaneFunctionsOf {
  struct Unit {
    using Lanes = LanesOfUnit;
    static constexpr bool kUnrolled = kUnrolledLoops;
    [[gnu::always_inline]] static Lanes fetch(const Lanes& lanes) noexcept { return lanes; }
  };
  using Layer = crypto::RsaLaneLayer<Unit, Twenty>;
  using Number = typename Layer::template Number<20>;
  using Modulus = typename Layer::template Modulus<20>;

  static constexpr RsaNumberLaneFunctions table() noexcept {
    return {.multiply = multiply, .square = square, .tighten = tighten};
  }

 private:
  static void multiply(RsaLaneNumber& out, const RsaLaneNumber& left, const RsaLaneNumber& right,
                       const RsaLaneModuli& moduli) noexcept {
    Modulus modulus;
    Layer::load(modulus, moduli);
    Number result = number(left);
    Layer::multiply(result, result, number(right), modulus);
    store(out, result);
  }
  static void square(RsaLaneNumber& out, const RsaLaneNumber& left, const RsaLaneModuli& moduli) noexcept {
    Modulus modulus;
    Layer::load(modulus, moduli);
    Number result = number(left);
    Layer::square(result, result, modulus);
    store(out, result);
  }
  static void tighten(RsaLaneNumber& value, const RsaLaneModuli& moduli) noexcept {
    Modulus modulus;
    Layer::load(modulus, moduli);
    Number result = number(value);
    Layer::tighten(result, modulus);
    store(value, result);
  }

  [[gnu::always_inline]] static Number number(const RsaLaneNumber& limbs) noexcept {
    Number result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = LanesOfUnit::load(limbs[i]);
    return result;
  }
  [[gnu::always_inline]] static void store(RsaLaneNumber& limbs, const Number& from) noexcept {
    for (std::size_t i = 0; i < from.size(); ++i) from[i].store(limbs[i]);
  }
};

}  // namespace breakwater::test
