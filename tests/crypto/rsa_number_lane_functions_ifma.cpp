#include "core/crypto/lanes_ifma.h"
#include "tests/crypto/rsa_number_lane_functions_of.h"

namespace breakwater::test::ifma {

namespace {

#if defined(BREAKWATER_ROLLED_LANES)
constexpr bool kUnrolled = false;
#else
constexpr bool kUnrolled = true;
#endif

}  // namespace

constinit const RsaNumberLaneFunctions kRsaNumber =
    RsaNumberLaneFunctionsOf<crypto::ifma::Lanes, kUnrolled, crypto::RsaLaneKaratsuba>::table();
constinit const RsaNumberLaneFunctions kRsaNumberSchoolbook =
    RsaNumberLaneFunctionsOf<crypto::ifma::Lanes, kUnrolled, crypto::RsaLaneSchoolbook>::table();

}  // namespace breakwater::test::ifma
