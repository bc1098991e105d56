#include "core/crypto/lanes_ifma.h"
#include "tests/crypto/lane_functions_of.h"

namespace breakwater::test::ifma {

constinit const LaneFunctions kLaneFunctions = LaneFunctionsOf<crypto::ifma::Lanes>::table();

}  // namespace breakwater::test::ifma
