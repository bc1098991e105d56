#include "proxy/admin/loopback_host.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {
namespace {

bool is_port(std::string_view text) noexcept {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_localhost(std::string_view name) noexcept {
  constexpr std::string_view kName = "localhost";
  return std::equal(name.begin(), name.end(), kName.begin(), kName.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// Numbers only, in the one form that every program reads alike.
bool is_loopback_literal(std::string_view name, int family) noexcept {
  std::array<char, INET6_ADDRSTRLEN> text{};
  // inet_pton() reads up to the first zero.
  if (name.size() >= text.size() || name.find('\0') != std::string_view::npos) return false;
  std::copy(name.begin(), name.end(), text.begin());
  SocketAddress address;
  address.any.sa_family = static_cast<sa_family_t>(family);
  void* const target = family == AF_INET6 ? static_cast<void*>(&address.v6.sin6_addr) : &address.v4.sin_addr;
  return ::inet_pton(family, text.data(), target) == 1 && address.is_loopback();
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept {
  std::string_view name = host;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    name = host.substr(1, end - 1);
    port = host.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return false;
    if (!port.empty()) port.remove_prefix(1);
    return is_port(port) && is_loopback_literal(name, AF_INET6);
  }
  const std::size_t colon = host.find(':');
  name = host.substr(0, colon);
  if (colon != std::string_view::npos) port = host.substr(colon + 1);
  return is_port(port) && (is_localhost(name) || is_loopback_literal(name, AF_INET));
}

}  // namespace breakwater::proxy
