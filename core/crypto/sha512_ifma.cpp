// Eight SHA-512 blocks at once with AVX-512.
#include "core/crypto/lanes_ifma.h"
#include "core/crypto/sha512_functions.h"
#include "core/crypto/sha512_lanes.h"

namespace breakwater::crypto::ifma {

namespace {

struct Unit {
  using Lanes = ifma::Lanes;
};

}  // namespace

constinit const Sha512LaneFunctions kSha512Lanes{Sha512Lanes<Unit>::compress};

}  // namespace breakwater::crypto::ifma
