#include "core/crypto/words_emulated.h"
#include "tests/crypto/sha256_lane_functions_of.h"

namespace breakwater::test::emulated {

constinit const Sha256LaneFunctions kSha256Lanes = Sha256LaneFunctionsOf<crypto::emulated::Words>::table();

}  // namespace breakwater::test::emulated
