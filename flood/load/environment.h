// What a run needs of the machine.
#pragma once

#include <string>

#include "flood/load/driver.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

// Empty, or a sentence with what to do.
std::string pin_to_cpu(int cpu);
std::string trouble_with_sources(const Plan& plan);
// Why nothing at all could be reached; empty when something could, or nothing was tried.
std::string trouble_with_target(const Plan& plan, const Reach& reach);

// Whether to ask the kernel again and again instead of sleeping. A generator that sleeps takes longer to wake than a
// handshake costs, and its waking slows a server on the same machine down; so whenever something is expected to happen
// all the time, it does not sleep. Connections that are held or trickle need nothing of the kind, nor does a low rate;
// and with a single CPU the server needs the time.
bool should_spin(const Plan& plan) noexcept;

}  // namespace breakwater::flood
