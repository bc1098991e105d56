// Host names as certificates and configurations write them (RFC 1034 3.5, RFC 6125 6.4).
#pragma once

#include <string>
#include <string_view>

namespace breakwater {

// ASCII lower case.
std::string lower_case(std::string_view name);

// What is wrong with a lower-case DNS name, possibly with a wildcard; empty when nothing is.
// A wildcard must be the whole first label and have a name behind it: "*.example.com".
std::string_view host_name_problem(std::string_view name) noexcept;

constexpr bool is_wildcard(std::string_view name) noexcept { return name.starts_with("*."); }

// The wildcard that covers a name: "*.example.com" for "www.example.com". Empty when the name has one label only.
std::string wildcard_for(std::string_view name);

}  // namespace breakwater
