#include "core/crypto/words_ifma.h"
#include "tests/crypto/sha256_lane_functions_of.h"

namespace breakwater::test::ifma {

constinit const Sha256LaneFunctions kSha256Lanes = Sha256LaneFunctionsOf<crypto::ifma::Words>::table();

}  // namespace breakwater::test::ifma
