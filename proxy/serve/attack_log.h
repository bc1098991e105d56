// What the guard does, for the log: an attack is a few lines that say who, what, how much and what was done, however
// many connections it is made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proxy/guard/report.h"

namespace breakwater::proxy {

class AttackLog {
 public:
  static constexpr std::uint64_t kPeriodMs = 10'000;  // between lines while it goes on
  static constexpr std::uint64_t kOverMs = 10'000;    // without load and refusals: it is over

  // reports: of all workers, the latest. now_ms: of the monotonic clock. Returns the lines to write, mostly none. Call
  // it about once a second.
  std::vector<std::string> collect(const std::vector<GuardReport>& reports, std::uint64_t now_ms);

  // Whether collect() has something to look after, other than that an attack begins.
  bool is_attacked() const noexcept { return attacked_; }

 private:
  using Counts = std::map<std::string, std::uint64_t>;  // by reason

  std::string begin_line(const std::vector<GuardReport>& reports, const Counts& counts) const;
  std::string line(const std::vector<GuardReport>& reports, const Counts& counts, std::uint64_t now_ms);

  bool attacked_ = false;
  std::uint64_t begun_ms_ = 0;
  std::uint64_t last_seen_ms_ = 0;  // of load or a refusal
  std::uint64_t last_line_ms_ = 0;
  Counts at_begin_, at_last_look_, at_last_line_;
};

}  // namespace breakwater::proxy
