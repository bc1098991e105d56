// Connections that end with RST: nothing of them is left in the kernel, and nothing more is sent.
#pragma once

#include <sys/socket.h>

namespace breakwater::proxy {

// close() will send a reset.
inline void reset_on_close(int descriptor) noexcept {
  const struct linger now { .l_onoff = 1, .l_linger = 0 };
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace breakwater::proxy
