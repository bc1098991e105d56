// The keys that a finished key agreement gives, for the transitions on JobsDone.
#pragma once

#include <span>

#include "core/tls/connection_state.h"
#include "core/tls/hmac.h"

namespace breakwater::tls {

// Both: at most crypto::kLanes connections whose agreement is done, with one hash for all. Sets the keys of both
// directions, KeyPhase::secret and KeyPhase::derived; wipes KeyPhase::agreement.
void derive_keys12(HashLanes lanes, std::span<ConnectionState* const> connections) noexcept;  // Tls12AwaitSharedSecret
void derive_keys13(HashLanes lanes, std::span<ConnectionState* const> connections) noexcept;  // Tls13AwaitSharedSecret

}  // namespace breakwater::tls
