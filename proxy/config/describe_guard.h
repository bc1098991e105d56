// What the guard does with a configuration, on this machine, for people.
#pragma once

#include <string>
#include <string_view>

#include <breakwater/breakwater.h>
#include "proxy/config/config.h"

namespace breakwater::proxy {

// "on: an address may take ...", in two parts with `between` in between, or "off".
std::string describe_guard(const Config& config, const Server& server, std::string_view between);

}  // namespace breakwater::proxy
