// Addresses as values: their text, their order, and what the kernel wants of them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flood/plan/plan.h"

namespace breakwater::flood {

// "127.0.0.1", "::1"; "fe80::1%eth0" names an interface (RFC 4007 section 11), which must exist. Nothing else: no
// names. Without a value when the text is no address.
std::optional<Address> parse_address(std::string_view text);
std::string to_text(const Address& address);                      // as parse_address() reads it
std::string to_text(const Address& address, std::uint16_t port);  // "127.0.0.1:8443", "[::1]:8443"

// Fills `storage` for connect() or bind(); returns the size of what is in it.
socklen_t to_sockaddr(const Address& address, std::uint16_t port, sockaddr_storage& storage) noexcept;
std::optional<Address> from_sockaddr(const sockaddr* address, socklen_t size) noexcept;

bool operator==(const Address& left, const Address& right) noexcept;
// The address `distance` behind this one, around the end of the family's space; its interface stays.
Address plus(Address address, std::uint64_t distance) noexcept;
// last - first when both are of one family, last is not before first, and it fits.
std::optional<std::uint64_t> distance(const Address& first, const Address& last) noexcept;

// ::ffff:a.b.c.d as a.b.c.d (RFC 4291 section 2.5.5.2); everything else as it is.
Address without_mapping(const Address& address) noexcept;

}  // namespace breakwater::flood
