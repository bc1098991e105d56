// The command line of breakwater-floor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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

  std::span<const Step> all() const { return {steps.data(), count}; }
};

struct Options {
  std::string host;  // numeric, without brackets
  std::string port;
  Pattern pattern;
  bool help = false;
};

// Fills `options`. On failure returns false and `error` holds one line that says what to change.
bool parse_options(int argc, char** argv, Options& options, std::string& error);

}  // namespace breakwater::floor
