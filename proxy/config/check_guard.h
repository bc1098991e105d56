// The guard's part of the configuration.
#pragma once

#include "proxy/config/settings.h"
#include "proxy/guard/guard_config.h"

namespace breakwater::proxy {

// Checks what the settings say of the guard but `guard` itself. Problems are appended.
GuardConfig check_guard(const Settings& settings, Problems& problems);

}  // namespace breakwater::proxy
