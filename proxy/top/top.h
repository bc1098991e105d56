// `breakwater top`.
#pragma once

#include "proxy/cli/command_line.h"

namespace breakwater::proxy {

// Shows what a server does until told to end, or once. Returns the exit status.
int top(const CommandLine& command_line);

}  // namespace breakwater::proxy
