#include "core/crypto/lanes_emulated.h"
#include "tests/crypto/p256_field_lane_functions_of.h"

namespace breakwater::test::emulated {

constinit const P256FieldLaneFunctions kP256Field = P256FieldLaneFunctionsOf<crypto::emulated::Lanes>::table();

}  // namespace breakwater::test::emulated
