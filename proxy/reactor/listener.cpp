#include "proxy/reactor/listener.h"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

namespace breakwater::proxy {
namespace {

constexpr int kBacklog = 4096;     // the kernel cuts it down to net.core.somaxconn
constexpr int kShortBacklog = 64;  // for a few people and programs of this machine

std::string explain(const SocketAddress& address, int error, const char* flag) {
  std::string advice;
  switch (error) {
    case EADDRINUSE:
      advice = fmt::format("; another program uses this port: stop it or choose another one with {}", flag);
      break;
    case EACCES:
      advice = "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
      break;
    case EADDRNOTAVAIL:
      advice = "; no interface of this machine has this address";
      break;
    case EAFNOSUPPORT:
      advice = "; this machine has no such address family";
      break;
    default:
      break;
  }
  return fmt::format("cannot listen on {}: {}{}", address.text(), std::strerror(error), advice);
}

bool set_flag(int descriptor, int level, int option) {
  const int on = 1;
  return ::setsockopt(descriptor, level, option, &on, sizeof on) == 0;
}

}  // namespace

bool port_is_taken(const SocketAddress& address) noexcept {
  if (address.port() == 0) return false;
  const Descriptor probe(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe || !set_flag(probe.get(), SOL_SOCKET, SO_REUSEADDR)) return false;
  if (address.family() == AF_INET6 && !set_flag(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY)) return false;
  return ::bind(probe.get(), &address.any, address.size) != 0 && errno == EADDRINUSE;
}

Descriptor open_listener(SocketAddress& address, std::string& error, Sharing sharing, const char* flag) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // IPv6 listeners take IPv6 only, so that 0.0.0.0 and [::] can be given side by side.
  const bool made = socket && set_flag(socket.get(), SOL_SOCKET, SO_REUSEADDR) &&
                    (sharing == Sharing::Alone || set_flag(socket.get(), SOL_SOCKET, SO_REUSEPORT)) &&
                    (address.family() != AF_INET6 || set_flag(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY));
  // Accepted sockets inherit these two.
  if (!made || !set_flag(socket.get(), IPPROTO_TCP, TCP_NODELAY) || !set_flag(socket.get(), SOL_SOCKET, SO_KEEPALIVE) ||
      ::bind(socket.get(), &address.any, address.size) != 0 ||
      ::listen(socket.get(), sharing == Sharing::Alone ? kShortBacklog : kBacklog) != 0) {
    error = explain(address, errno, flag);
    return {};
  }
  socklen_t size = sizeof address.v6;
  ::getsockname(socket.get(), &address.any, &size);
  address.size = size;
  return socket;
}

}  // namespace breakwater::proxy
