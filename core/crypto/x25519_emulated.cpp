// X25519 in eight lanes of plain C++.
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/x25519_functions.h"
#include "core/crypto/x25519_lanes.h"

namespace breakwater::crypto::emulated {

static_assert(X25519Field<X25519FieldLanes<Lanes>>);

using Operations = X25519LaneOperations<Lanes>;

constinit const X25519LaneFunctions kX25519Lanes{Operations::public_keys, Operations::shared_secrets};

}  // namespace breakwater::crypto::emulated
