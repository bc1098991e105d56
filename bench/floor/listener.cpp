#include "bench/floor/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace breakwater::floor {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it down to net.core.somaxconn

bool set_flag(int socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

std::string address_text(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  return address.ss_family == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

}  // namespace

int open_listener(const std::string& host, const std::string& port, std::string& bound, std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); problem != 0) {
    error = "cannot listen on " + host + " port " + port + ": " + ::gai_strerror(problem) +
            "; give a numeric address and port";
    return -1;
  }
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // Accepted sockets inherit TCP_NODELAY: no call for each of them.
  const bool listening = socket >= 0 && set_flag(socket, SOL_SOCKET, SO_REUSEADDR) &&
                         set_flag(socket, IPPROTO_TCP, TCP_NODELAY) &&
                         ::bind(socket, found->ai_addr, found->ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0;
  const int problem = errno;
  ::freeaddrinfo(found);
  if (!listening) {
    if (socket >= 0) ::close(socket);
    error = "cannot listen on " + host + " port " + port + ": " + std::strerror(problem) +
            (problem == EADDRINUSE ? "; stop what uses this port or choose another" : "");
    return -1;
  }
  bound = address_text(socket);
  return socket;
}

}  // namespace breakwater::floor
