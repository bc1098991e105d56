#include "core/crypto/lanes_ifma.h"
#include "tests/crypto/rsa_number_lane_functions_of.h"

namespace breakwater::test::ifma {

constinit const RsaNumberLaneFunctions kRsaNumber =
    RsaNumberLaneFunctionsOf<crypto::ifma::Lanes, true, crypto::RsaLaneKaratsuba>::table();
constinit const RsaNumberLaneFunctions kRsaNumberSchoolbook =
    RsaNumberLaneFunctionsOf<crypto::ifma::Lanes, true, crypto::RsaLaneSchoolbook>::table();

}  // namespace breakwater::test::ifma
