// An IPv4 or IPv6 address with a port.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

namespace breakwater::proxy {

struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  SocketAddress() noexcept : v6{} {}

  int family() const noexcept { return any.sa_family; }
  std::uint16_t port() const noexcept { return ntohs(family() == AF_INET6 ? v6.sin6_port : v4.sin_port); }
  void set_port(std::uint16_t port) noexcept { (family() == AF_INET6 ? v6.sin6_port : v4.sin_port) = htons(port); }
  bool is_loopback() const noexcept {  // 127.0.0.0/8 or ::1
    return family() == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) : (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  std::string text() const;  // "127.0.0.1:8443", "[::1]:8443"
};

}  // namespace breakwater::proxy
