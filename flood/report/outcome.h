// Numbers that every form of report is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flood/load/run.h"
#include "flood/plan/plan.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

// The exit status is made of it. Stall, trickle, garbage and idle succeed by what they did, not by how it ended.
bool something_succeeded(const Load& load, const Tally& tally) noexcept;
bool something_succeeded(const Plan& plan, const RunResult& result) noexcept;

double per_second(std::uint64_t count, const Tally& tally) noexcept;  // over the measured time; 0 when there was none

// The latency that is the load's main one: of requests in request mode, else of handshakes.
const Histogram& main_latency(const Load& load, const Tally& tally) noexcept;

struct FailureCount {
  std::string text;  // "connection refused", "alert handshake_failure"
  std::uint64_t count = 0;
  std::string_view hint;  // what the user can do about it; empty when there is nothing
};
std::vector<FailureCount> list_failures(const Tally& tally);  // those that happened, the most frequent first

}  // namespace breakwater::flood
