// Who is flooded, and whether that is allowed: without --i-own-this-target only this machine and private networks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/plan.h"

namespace breakwater::flood {

struct HostAndPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};
// "HOST:PORT", "[v6]:PORT". On failure `error` says how to write it.
std::optional<HostAndPort> parse_host_port(std::string_view text, std::string& error);

struct Target {
  std::string host;
  bool host_is_name = false;  // not an address
  Address address;
  std::uint16_t port = 0;
};

// Loopback 127/8 and ::1, private 10/8, 172.16/12, 192.168/16 (RFC 1918) and fc00::/7 (RFC 4193), link-local 169.254/16
// (RFC 3927) and fe80::/10; and the IPv4 ones written as ::ffff:a.b.c.d.
bool is_nearby(const Address& address) noexcept;

// The first address that may be flooded. On failure `error` is a sentence that says what would make it possible.
std::optional<Address> choose_address(std::string_view host, const std::vector<Address>& addresses, bool own_target,
                                      std::string& error);

// All of it; names are looked up, which may ask the network.
std::optional<Target> find_target(std::string_view text, bool own_target, std::string& error);

}  // namespace breakwater::flood
