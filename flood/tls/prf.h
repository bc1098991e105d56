// The pseudo-random function of TLS 1.2 (RFC 5246 5) with the hash of its key.
#pragma once

#include <string_view>

#include "flood/tls/hash.h"

namespace breakwater::flood::protocol {

// Fills `out` from P_hash(secret, label + seed + more_seed).
void prf(const Hmac& secret, std::string_view label, ConstBytes seed, ConstBytes more_seed, MutableBytes out) noexcept;

}  // namespace breakwater::flood::protocol
