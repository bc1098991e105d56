// The command line of breakwater-floor.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace breakwater::floor {

inline constexpr std::uint32_t kMaxStepBytes = 1 << 20;  // one message of the pattern
inline constexpr std::size_t kMaxSteps = 16;

// One exchange: so many bytes are awaited, then so many are sent.
struct Step {
  std::uint32_t await = 0;
  std::uint32_t send = 0;
};

struct Pattern {
  std::array<Step, kMaxSteps> steps{};
  std::size_t count = 0;
  std::uint32_t times = 1;  // that the last step is done; 0: for as long as the client wants
};

struct Options {
  std::string host;  // numeric, without brackets
  std::string port;
  Pattern pattern;
  sockaddr_storage backend{};  // where bytes behind the pattern go
  socklen_t backend_size = 0;  // 0: nowhere
  bool reset = false;          // the server ends connections itself, by a reset: at accept where there is no pattern
  bool help = false;
};

// Fills `options`. On failure returns false and `error` holds one line that says what to change.
bool parse_options(int argc, char** argv, Options& options, std::string& error);

}  // namespace breakwater::floor
