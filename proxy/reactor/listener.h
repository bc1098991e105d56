// Listening sockets: each worker has its own for every address (SO_REUSEPORT), and the kernel spreads connections.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/reactor/descriptor.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

// Whether somebody listens on this address already. With SO_REUSEPORT that is no error for the same user: on purpose
// while one server replaces another, and a surprise otherwise.
bool port_is_taken(const SocketAddress& address) noexcept;

// Shared: with other listeners of this user, those of the other workers.
enum class Sharing : std::uint8_t { Shared, Alone };

// Opens a non-blocking listener. With port 0 the system chooses one and `address` is told which.
// On failure the descriptor is empty and `error` says what is wrong and what to do; flag: what chooses the address.
Descriptor open_listener(SocketAddress& address, std::string& error, Sharing sharing = Sharing::Shared,
                         const char* flag = "--listen");

}  // namespace breakwater::proxy
