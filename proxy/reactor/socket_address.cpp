#include "proxy/reactor/socket_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace breakwater::proxy {

std::string SocketAddress::text() const {
  char numbers[INET6_ADDRSTRLEN] = "?";
  if (family() == AF_INET6) {
    ::inet_ntop(AF_INET6, &v6.sin6_addr, numbers, sizeof numbers);
    return fmt::format("[{}]:{}", numbers, port());
  }
  ::inet_ntop(AF_INET, &v4.sin_addr, numbers, sizeof numbers);
  return fmt::format("{}:{}", numbers, port());
}

}  // namespace breakwater::proxy
