// `breakwater serve` and `breakwater check`.
#pragma once

#include "proxy/cli/command_line.h"

namespace breakwater::proxy {

// Serves until told to end. Returns the exit status.
int serve(const CommandLine& command_line);

// Prints what is wrong with a configuration, or OK. Returns the exit status.
int check(const CommandLine& command_line);

}  // namespace breakwater::proxy
