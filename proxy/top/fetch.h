// Asks the administration interface of a server for a page.
#pragma once

#include <optional>
#include <string>

#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

// The body of the answer. On failure nothing, and `error` says what is wrong. Takes 3 seconds at most, and 4 MiB.
std::optional<std::string> fetch(const SocketAddress& address, const std::string& path, std::string& error);

}  // namespace breakwater::proxy
