// The command line.
#pragma once

#include <optional>
#include <string>

#include "proxy/config/settings.h"

namespace breakwater::proxy {

// Exit statuses, documented in breakwater(8).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // wrong configuration, cannot listen, cannot go on
inline constexpr int kExitUsage = 2;    // wrong command line

enum class Command : std::uint8_t { Serve, Check, Speed, Top };

struct CommandLine {
  Command command = Command::Serve;
  std::string config_file;  // empty: none
  Settings flags;
  bool json = false;
  std::string top_address = "127.0.0.1:8444";  // of the server to look at
  bool once = false;
};

// Either a command to run or, when `exit_status` is set, nothing more to do: help, version or what is wrong with the
// command line has been printed.
struct ParsedCommandLine {
  CommandLine command_line;
  std::optional<int> exit_status;
};
ParsedCommandLine parse_command_line(int argc, const char* const* argv);

// File and flags together. Problems are appended.
Settings read_settings(const CommandLine& command_line, Problems& problems);

}  // namespace breakwater::proxy
