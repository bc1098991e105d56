#include "core/crypto/lanes_ifma.h"
#include "tests/crypto/x25519_field_lane_functions_of.h"

namespace breakwater::test::ifma {

constinit const X25519FieldLaneFunctions kField = X25519FieldLaneFunctionsOf<crypto::ifma::Lanes>::table();

}  // namespace breakwater::test::ifma
