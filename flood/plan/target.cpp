#include "flood/plan/target.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <memory>

#include "flood/plan/address.h"
#include "flood/plan/numbers.h"

namespace breakwater::flood {
namespace {

std::vector<Address> look_up(const std::string& host, int flags, std::string& error) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (result != 0) {
    error = fmt::format("cannot find an address for \"{}\": {}; check the name, or give a numeric address", host,
                        ::gai_strerror(result));
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (const auto address = from_sockaddr(entry->ai_addr, entry->ai_addrlen)) addresses.push_back(*address);
  }
  if (addresses.empty()) error = fmt::format("\"{}\" has neither an IPv4 nor an IPv6 address", host);
  return addresses;
}

bool is_link_local_v6(const Address& address) noexcept {
  return address.is_v6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

}  // namespace

std::optional<HostAndPort> parse_host_port(std::string_view text, std::string& error) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (colon == std::string_view::npos || host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) {
    error = fmt::format(
        "\"{}\" has no host and port; write HOST:PORT, as in 127.0.0.1:8443, [::1]:8443 or localhost:8443", text);
    return std::nullopt;
  }
  const auto port = parse_whole(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) {
    error =
        fmt::format("\"{}\" is no port; write a number from 1 to 65535 behind the last colon", text.substr(colon + 1));
    return std::nullopt;
  }
  return HostAndPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_nearby(const Address& given) noexcept {
  const Address address = without_mapping(given);
  const std::uint8_t* const b = address.bytes;
  if (!address.is_v6) {
    return b[0] == 127 || b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
           (b[0] == 169 && b[1] == 254);
  }
  const bool loopback = std::all_of(b, b + 15, [](std::uint8_t byte) { return byte == 0; }) && b[15] == 1;
  return loopback || (b[0] & 0xfe) == 0xfc || is_link_local_v6(address);
}

std::optional<Address> choose_address(std::string_view host, const std::vector<Address>& addresses, bool own_target,
                                      std::string& error) {
  const auto allowed = std::find_if(addresses.begin(), addresses.end(),
                                    [own_target](const Address& one) { return own_target || is_nearby(one); });
  if (allowed == addresses.end()) {
    const std::string shown = addresses.empty() ? std::string(host) : to_text(addresses.front());
    error = fmt::format(
        "{} is neither loopback nor private nor link-local, so this would flood someone on the Internet; only when you "
        "answer for that machine and its network may you attack it: then add --i-own-this-target",
        shown == host ? shown : fmt::format("{} ({})", host, shown));
    return std::nullopt;
  }
  if (is_link_local_v6(*allowed) && allowed->scope == 0) {
    error = fmt::format("{} is link-local and needs an interface; write [{}%eth0]:PORT, with the name of yours", host,
                        to_text(*allowed));
    return std::nullopt;
  }
  return without_mapping(*allowed);
}

std::optional<Target> find_target(std::string_view text, bool own_target, std::string& error) {
  auto parts = parse_host_port(text, error);
  if (!parts) return std::nullopt;
  Target target;
  target.host = std::move(parts->host);
  target.port = parts->port;
  std::vector<Address> addresses;
  if (const auto address = parse_address(target.host)) {
    addresses.push_back(*address);
  } else {
    addresses = look_up(target.host, AI_NUMERICHOST, error);  // such as 127.1: odd, but no name to send to the server
    target.host_is_name = addresses.empty();
    if (target.host_is_name) addresses = look_up(target.host, 0, error);
    if (addresses.empty()) return std::nullopt;
    error.clear();
  }
  const auto chosen = choose_address(target.host, addresses, own_target, error);
  if (!chosen) return std::nullopt;
  target.address = *chosen;
  return target;
}

}  // namespace breakwater::flood
