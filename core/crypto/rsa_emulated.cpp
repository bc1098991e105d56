// RSA, eight signatures at once, in plain C++.
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_lane_karatsuba.h"
#include "core/crypto/rsa_lane_layer.h"
#include "core/crypto/rsa_lane_schoolbook.h"
#include "core/crypto/rsa_sign.h"

namespace breakwater::crypto::emulated {

namespace {

struct RsaUnit {
  using Lanes = emulated::Lanes;
  static constexpr bool kUnrolled = false;
  static Lanes fetch(const Lanes& lanes) noexcept { return lanes; }
};

using Layer = RsaLaneLayer<RsaUnit, RsaLaneKaratsuba>;
using SchoolbookLayer = RsaLaneLayer<RsaUnit, RsaLaneSchoolbook>;

}  // namespace

constinit const RsaLaneFunctions kRsaLanes{.sign = RsaBatch<Layer>::sign};
constinit const RsaLaneFunctions kRsaLanesSchoolbook{.sign = RsaBatch<Layer, SchoolbookLayer>::sign};

}  // namespace breakwater::crypto::emulated
