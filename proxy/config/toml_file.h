// The configuration file (TOML): the same names as the flags, with underscores.
#pragma once

#include <string>
#include <string_view>

#include "proxy/config/settings.h"

namespace breakwater::proxy {

// Reads a file. What is wrong is appended to `problems`, with line and column; the rest is still read.
Settings read_toml_file(const std::string& path, Problems& problems);

// The same for a text; `name` is what messages call it. Relative paths in it are taken from `folder`.
Settings read_toml(std::string_view text, const std::string& name, const std::string& folder, Problems& problems);

}  // namespace breakwater::proxy
