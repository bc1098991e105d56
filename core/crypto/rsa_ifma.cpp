// RSA, eight signatures at once, with AVX-512 IFMA.
#include <bit>

#include "core/crypto/lanes_ifma.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_lane_karatsuba.h"
#include "core/crypto/rsa_lane_layer.h"
#include "core/crypto/rsa_lane_schoolbook.h"
#include "core/crypto/rsa_sign.h"

namespace breakwater::crypto::ifma {

namespace {

struct RsaUnit {
  using Lanes = ifma::Lanes;
#if defined(BREAKWATER_ROLLED_LANES)  // with sanitizers: the unrolled code takes them two minutes to compile
  static constexpr bool kUnrolled = false;
#else
  static constexpr bool kUnrolled = true;
#endif
  [[gnu::always_inline]] static Lanes fetch(const Lanes& lanes) noexcept {
    __m512i words;
    __asm__("vmovdqa64 %1, %0" : "=v"(words) : "m"(lanes));
    return std::bit_cast<Lanes>(words);
  }
};

using Layer = RsaLaneLayer<RsaUnit, RsaLaneKaratsuba>;
using SchoolbookLayer = RsaLaneLayer<RsaUnit, RsaLaneSchoolbook>;

}  // namespace

constinit const RsaLaneFunctions kRsaLanes{.sign = RsaBatch<Layer>::sign};
constinit const RsaLaneFunctions kRsaLanesSchoolbook{.sign = RsaBatch<Layer, SchoolbookLayer>::sign};

}  // namespace breakwater::crypto::ifma
