// Whether a request was meant for this machine. A browser can be made to ask 127.0.0.1 by any site whose name it
// resolves to that address (DNS rebinding), and lets that site read the answer; the Host field still names the site.
#pragma once

#include <string_view>

namespace breakwater::proxy {

// host: a Host field or the authority of a target, with or without a port. True for localhost, an address of
// 127.0.0.0/8 and [::1].
bool is_loopback_host(std::string_view host) noexcept;

}  // namespace breakwater::proxy
