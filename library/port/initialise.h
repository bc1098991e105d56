// Start-up of the user-space seams. The kernel host has its own.
#pragma once

namespace breakwater::port {

// Chooses the AEAD code for this CPU and checks every AEAD and hash against one known answer.
// Call it once before anything that encrypts, in every process; further calls, from any thread, return at once.
// A process forked after the call need not repeat it.
// Allocates. When a library cannot be set up or computes a wrong answer, prints why to standard error and aborts:
// no connection may be served with broken cryptography.
void initialise() noexcept;

}  // namespace breakwater::port
