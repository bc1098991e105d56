#include "core/crypto/lanes_emulated.h"
#include "tests/crypto/rsa_number_lane_functions_of.h"

namespace breakwater::test::emulated {

constinit const RsaNumberLaneFunctions kRsaNumber =
    RsaNumberLaneFunctionsOf<crypto::emulated::Lanes, false, crypto::RsaLaneKaratsuba>::table();
constinit const RsaNumberLaneFunctions kRsaNumberSchoolbook =
    RsaNumberLaneFunctionsOf<crypto::emulated::Lanes, false, crypto::RsaLaneSchoolbook>::table();

}  // namespace breakwater::test::emulated
