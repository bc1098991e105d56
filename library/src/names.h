// Names of the IANA registries ("TLS Parameters") for the code points Breakwater negotiates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/tls/registry.h"

namespace breakwater {

// Empty for None and for code points we never negotiate. The text is static.
std::string_view suite_name(tls::CipherSuite suite) noexcept;
std::string_view group_name(tls::Group group) noexcept;
std::string_view scheme_name(tls::SignatureScheme scheme) noexcept;

// The code point of an exact IANA name that a configuration may ask for.
std::optional<tls::CipherSuite> find_suite(std::string_view name) noexcept;
std::optional<tls::Group> find_group(std::string_view name) noexcept;

// "a, b, c": every name find_suite / find_group knows, for messages.
std::string known_suites();
std::string known_groups();

// True for suites of TLS 1.3 (RFC 8446 B.4); the others are TLS 1.2's.
constexpr bool is_tls13_suite(tls::CipherSuite suite) noexcept {
  return (static_cast<std::uint16_t>(suite) & 0xFF00) == 0x1300;
}

}  // namespace breakwater
