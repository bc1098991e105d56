// Turns the workers' failure tables into events for the log: the first failure of a quiet time at once, then sums.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/log/log.h"
#include "proxy/reactor/failure_table.h"

namespace breakwater::proxy {

class FailureSummary {
 public:
  static constexpr std::uint64_t kEveryMs = 10'000;

  // Call about once a second. Returns what to log, mostly nothing.
  std::optional<Event> collect(const std::vector<const FailureTable*>& tables, std::uint64_t now_ms);

 private:
  using Reason = std::pair<std::string, std::string>;
  std::map<Reason, std::uint64_t> reported_;
  std::uint64_t last_line_ms_ = 0;
  bool first_ = true;
};

}  // namespace breakwater::proxy
