#include "proxy/config/values.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "proxy/guard/talkers.h"

namespace breakwater::proxy {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<HostAndPort> parse_host_port(std::string_view text, bool port_zero, std::string& error) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (colon == std::string_view::npos || host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) {
    error = fmt::format(
        "\"{}\" has no host and port; write HOST:PORT, as in 127.0.0.1:8443, [::1]:8443 or localhost:8443", text);
    return std::nullopt;
  }
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = number<std::uint16_t>(text.substr(colon + 1));
  if (!port || (*port == 0 && !port_zero)) {
    error = fmt::format("\"{}\" is no port; write a number from {} to 65535 behind the last colon",
                        text.substr(colon + 1), port_zero ? 0 : 1);
    return std::nullopt;
  }
  return HostAndPort{std::string(host), *port};
}

std::vector<SocketAddress> resolve(const HostAndPort& target, bool passive, std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* list = nullptr;
  const std::string port = std::to_string(target.port);
  const int result = ::getaddrinfo(target.host.c_str(), port.c_str(), &hints, &list);
  if (result != 0) {
    error = fmt::format("cannot find an address for \"{}\": {}; check the name, or give a numeric address", target.host,
                        ::gai_strerror(result));
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.v6, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
  }
  if (addresses.empty()) error = fmt::format("\"{}\" has neither an IPv4 nor an IPv6 address", target.host);
  return addresses;
}

std::optional<std::vector<int>> parse_cpus(std::string_view text, std::string& error) {
  std::vector<int> cpus;
  for (const std::string& part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = number<std::uint16_t>(std::string_view(part).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : number<std::uint16_t>(std::string_view(part).substr(dash + 1));
    if (!first || !last || *last < *first || *last >= 1024) {
      error = fmt::format("\"{}\" is no CPU or range of CPUs; write a list such as 0-3,8", part);
      return std::nullopt;
    }
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    std::int64_t milliseconds;
  };
  constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"", 1000}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto count = number<std::uint32_t>(text.substr(0, text.size() - unit.suffix.size()));
    if (!count) return std::nullopt;
    return *count * unit.milliseconds;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_share(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double percent = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return share_of_percent(percent);
}

std::optional<std::int64_t> share_of_percent(double percent) {
  if (!(percent > 0 && percent <= 100)) return std::nullopt;
  const double millionths = percent * 10'000, whole = std::round(millionths);
  if (whole < 1 || std::abs(millionths - whole) > 1e-6) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

std::optional<guard::Network> parse_network(std::string_view text, std::string& error) {
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  in_addr v4{};
  in6_addr v6{};
  guard::Address address;
  const bool whole = host.find('\0') == std::string::npos;  // inet_pton() reads no further than there
  const bool is_v4 = whole && ::inet_pton(AF_INET, host.c_str(), &v4) == 1;
  if (is_v4) {
    address = guard::Address::v4(ntohl(v4.s_addr));
  } else if (whole && ::inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    address = guard::Address::v6(v6.s6_addr);
  } else {
    error = fmt::format("\"{}\" is no address or network; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32", text);
    return std::nullopt;
  }
  const unsigned most = is_v4 ? 32 : 128;
  const auto length = slash == std::string_view::npos ? most : number<unsigned>(text.substr(slash + 1));
  if (!length || *length > most) {
    error = fmt::format("\"{}\" is no length of a prefix; an {} network has 0 to {}", text.substr(slash + 1),
                        is_v4 ? "IPv4" : "IPv6", most);
    return std::nullopt;
  }
  const guard::Network network(address, is_v4 ? *length + 96 : *length);
  if (network.address() != address) {
    error = fmt::format("{} lies inside a network of this length; write {} for all of it, or {} for the one address",
                        text, text_of(network), host);
    return std::nullopt;
  }
  return network;
}

}  // namespace breakwater::proxy
