// A scenario in TOML: several loads at once, such as attackers beside honest browsers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/make_load.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

inline constexpr std::size_t kMaxLoads = 64;

// [defaults] and [[load]] tables, with the keys of keys.h. Everything that is wrong is appended to `problems`, from top
// to bottom; the loads are of use only when nothing was.
std::vector<Load> read_scenario(std::string_view text, const std::string& file_name, const Target* target,
                                Problems& problems);
std::vector<Load> read_scenario_file(const std::string& path, const Target* target, Problems& problems);

}  // namespace breakwater::flood
