// How values are written: addresses, lists of CPUs, times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/guard/address.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

// "host:port" or "[v6]:port" taken apart.
struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
// On failure `error` says how to write it. port_zero: whether port 0, "any free one", makes sense.
std::optional<HostAndPort> parse_host_port(std::string_view text, bool port_zero, std::string& error);

// All addresses of a name, in the order the system prefers. Empty with `error` on failure. May ask the network.
std::vector<SocketAddress> resolve(const HostAndPort& target, bool passive, std::string& error);

// "0-3,8": ascending, each once.
std::optional<std::vector<int>> parse_cpus(std::string_view text, std::string& error);

// "500ms", "10s", "5m", "1h" or a plain number of seconds, in milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

// "0.1%", "25%": in millionths. More than nothing, at most everything, and no finer than a millionth.
std::optional<std::int64_t> parse_share(std::string_view text);
std::optional<std::int64_t> share_of_percent(double percent);

// "192.0.2.0/24", "2001:db8::/32", or one address. On failure `error` says how to write it.
std::optional<guard::Network> parse_network(std::string_view text, std::string& error);

std::vector<std::string> split(std::string_view text, char separator);  // without blanks around parts

}  // namespace breakwater::proxy
