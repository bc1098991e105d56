// The command line of breakwater-flood.
#pragma once

#include <optional>

#include "flood/plan/plan.h"

namespace breakwater::flood {

// Exit statuses, documented in breakwater-flood(1).
inline constexpr int kExitOk = 0;
inline constexpr int kExitNothing = 1;  // nothing succeeded, or the target could not be reached
inline constexpr int kExitUsage = 2;    // wrong command line or scenario, or a target that is not allowed

// Either a plan to run or, when `exit_status` is set, nothing more to do: help, version or what is wrong has been
// printed. Looks up the target's name, and reads the scenario file when there is one.
struct ParsedCommandLine {
  Plan plan;
  std::optional<int> exit_status;
};
ParsedCommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace breakwater::flood
