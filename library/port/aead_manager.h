// The one libipsec-mb manager of the process: a table of the fastest function for each cipher on this CPU.
// Its direct calls keep no state in it, so all threads share it.
#pragma once

#include <intel-ipsec-mb.h>

namespace breakwater::port {

// Sets up the manager; false when it cannot be had. Called once, by initialise().
bool make_aead_manager() noexcept;

}  // namespace breakwater::port
