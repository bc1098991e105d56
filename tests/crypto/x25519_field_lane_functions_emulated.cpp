#include "core/crypto/lanes_emulated.h"
#include "tests/crypto/x25519_field_lane_functions_of.h"

namespace breakwater::test::emulated {

constinit const X25519FieldLaneFunctions kField = X25519FieldLaneFunctionsOf<crypto::emulated::Lanes>::table();

}  // namespace breakwater::test::emulated
