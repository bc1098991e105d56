// Randomness of the operating system as an Entropy.
#pragma once

#include "core/port/entropy.h"

namespace breakwater {

// Bytes from getrandom(2), read ahead into a page per thread so that one system call serves many handshakes.
// Bytes are wiped from the page as they are handed out. A child process finds the page empty, never a copy of
// its parent's. The first fill on a thread maps the page; later ones do not allocate.
// Usable from every thread. Aborts when the kernel cannot give randomness: nothing secure can be done without.
Entropy system_entropy() noexcept;

}  // namespace breakwater
