// What the configuration and this machine's measured capacity make of the guard's limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <breakwater/breakwater.h>
#include "core/guard/guard.h"
#include "proxy/guard/guard_config.h"

namespace breakwater::proxy {

// Of one of `workers` workers; but GuardLimits::hosts, which need memory.
guard::GuardLimits guard_limits(const GuardConfig& config, const Server& server, std::size_t workers);

// How many handshakes one worker can do in a second when it does nothing else, by what they cost at start; 0: it has no
// certificate for them.
struct HandshakesPerSecond {
  double ecdsa = 0, rsa = 0;  // full ones, with the dearest certificate of the kind and the dearest group
  double resumed = 0;
};
HandshakesPerSecond handshakes_per_second(const Server& server);

// Nanoseconds of work that may wait: what the configuration says, but room for a few handshakes, or none would be done.
std::uint64_t queue_limit_ns(const GuardConfig& config, const Server& server);

// For GuardLimits::hosts. A host with several certificates has the smallest of their shares.
std::vector<std::uint32_t> host_limits(const GuardConfig& config, const Server& server);

}  // namespace breakwater::proxy
