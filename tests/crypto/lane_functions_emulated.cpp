#include "core/crypto/lanes_emulated.h"
#include "tests/crypto/lane_functions_of.h"

namespace breakwater::test::emulated {

constinit const LaneFunctions kLaneFunctions = LaneFunctionsOf<crypto::emulated::Lanes>::table();

}  // namespace breakwater::test::emulated
