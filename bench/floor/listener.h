// The listening socket of breakwater-floor.
#pragma once

#include <string>

namespace breakwater::floor {

// A non-blocking listening socket, or -1 and one line in `error`. `bound` becomes the address as text, with the port
// the kernel chose where 0 was asked for. The caller owns the socket.
int open_listener(const std::string& host, const std::string& port, std::string& bound, std::string& error);

}  // namespace breakwater::floor
