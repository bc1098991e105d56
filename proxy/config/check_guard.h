// The guard's part of the configuration.
#pragma once

#include <string>
#include <vector>

#include "proxy/config/settings.h"
#include "proxy/guard/guard_config.h"

namespace breakwater::proxy {

// Networks in the order of NetworkList. Problems are appended.
std::vector<guard::Network> check_networks(const std::vector<Located<std::string>>& texts, Problems& problems);

// Checks what the settings say of the guard but `guard` itself. Problems are appended.
GuardConfig check_guard(const Settings& settings, Problems& problems);

}  // namespace breakwater::proxy
