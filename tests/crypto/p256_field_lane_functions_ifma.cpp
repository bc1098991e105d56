#include "core/crypto/lanes_ifma.h"
#include "tests/crypto/p256_field_lane_functions_of.h"

namespace breakwater::test::ifma {

constinit const P256FieldLaneFunctions kP256Field = P256FieldLaneFunctionsOf<crypto::ifma::Lanes>::table();

}  // namespace breakwater::test::ifma
