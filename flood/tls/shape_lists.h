// What each shape lists, before the settings cut it down. Seen on the wire of the programs they stand for.
#pragma once

#include <cstdint>
#include <vector>

#include "flood/tls/client.h"

namespace breakwater::flood::protocol {

// Fixed GREASE values (RFC 8701): a browser draws new ones for each connection, fingerprints leave them out.
inline constexpr std::uint16_t kGreaseSuite = 0x5A5A;
inline constexpr std::uint16_t kGreaseGroup = 0xCACA;
inline constexpr std::uint16_t kGreaseVersion = 0x2A2A;
inline constexpr std::uint16_t kGreaseFirst = 0x1A1A;
inline constexpr std::uint16_t kGreaseLast = 0xBABA;

bool is_browser(Shape shape) noexcept;

// In the order they are sent. `settings` remove what they exclude; see client.h.
std::vector<std::uint16_t> suites_of(const ClientSettings& settings);
std::vector<std::uint16_t> schemes_of(const ClientSettings& settings);
std::vector<std::uint16_t> extensions_of(const ClientSettings& settings);
std::vector<std::uint16_t> versions_of(const ClientSettings& settings);
std::vector<std::uint16_t> groups_of(const ClientSettings& settings);
std::vector<std::string> protocols_of(const ClientSettings& settings);

}  // namespace breakwater::flood::protocol
