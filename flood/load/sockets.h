// The system calls of a connection, without policy.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "flood/plan/address.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

// An address as connect() and bind() want it.
struct SocketAddress {
  SocketAddress() = default;
  SocketAddress(const Address& address, std::uint16_t port) noexcept : size(to_sockaddr(address, port, storage)) {}

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage = {};
  socklen_t size = 0;
};

// A socket, bound to `source` when there is one, whose connection to `target` is under way or made. Negative: -errno.
// `no_delay`: small pieces are to leave at once.
int connect_socket(const SocketAddress& target, const SocketAddress* source, bool no_delay) noexcept;

// The same on a socket that disconnect_socket() has left. 0 or -errno.
int connect_again(int fd, const SocketAddress& target) noexcept;

// Ends a connection with RST and keeps its socket for another: what a socket costs to make, to watch and to throw away
// is a seventh of what a handshake costs this side. False: it cannot be used again.
bool disconnect_socket(int fd) noexcept;

// Ends a connection with RST, so that no side keeps anything of it.
void abort_socket(int fd) noexcept;

// Adds what the kernel knows of the connection.
void sample_tcp(int fd, TcpSample& sample) noexcept;

}  // namespace breakwater::flood
