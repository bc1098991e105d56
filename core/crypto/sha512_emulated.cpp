// Eight SHA-512 blocks at once on emulated lanes.
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/sha512_functions.h"
#include "core/crypto/sha512_lanes.h"

namespace breakwater::crypto::emulated {

namespace {

struct Unit {
  using Lanes = emulated::Lanes;
};

}  // namespace

constinit const Sha512LaneFunctions kSha512Lanes{Sha512Lanes<Unit>::compress};

}  // namespace breakwater::crypto::emulated
