// Turns what the workers' guards do into log lines: the first of a quiet time at once, then sums.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/guard/guard.h"

namespace breakwater::proxy {

class GuardLog {
 public:
  static constexpr std::uint64_t kEveryMs = 10'000;

  using Counts = std::array<std::uint64_t, guard::kReasons>;  // refusals since the start, by Reason

  // Call about once a second. loaded: whether any worker is under load. Returns a line to log, or nothing.
  std::string collect(bool loaded, const Counts& refusals, std::uint64_t now_ms);

 private:
  Counts told_{};
  std::uint64_t last_line_ms_ = 0;
  bool told_loaded_ = false;
  bool was_loaded_ = false;  // since the last line
  bool first_ = true;
};

}  // namespace breakwater::proxy
