// What the guard does, for the log: an attack is a few events that say who, what, how much and what was done, however
// many connections it is made of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/guard/report.h"
#include "proxy/log/log.h"

namespace breakwater::proxy {

class AttackLog {
 public:
  static constexpr std::uint64_t kPeriodMs = 10'000;  // between events while it goes on
  static constexpr std::uint64_t kOverMs = 10'000;    // without load, refusals and packets dropped: it is over

  // reports: of all workers, the latest. dropped: packets that the kernel has dropped for us since the start. now_ms:
  // of the monotonic clock. Returns what to log, mostly nothing. Call it about once a second.
  std::optional<Event> collect(const std::vector<GuardReport>& reports, std::uint64_t dropped, std::uint64_t now_ms);

  // Whether collect() has something to look after, other than that an attack begins.
  bool is_attacked() const noexcept { return attacked_; }

 private:
  // Since the start.
  struct Seen {
    std::map<std::string, std::uint64_t> refused;  // by reason
    std::uint64_t dropped = 0;                     // packets

    bool operator==(const Seen&) const = default;
  };
  static Seen difference(const Seen& now, const Seen& before);

  Event begins(const std::vector<GuardReport>& reports, const Seen& since) const;
  Event goes_on(const std::vector<GuardReport>& reports, const Seen& since, std::uint64_t seconds) const;
  Event is_over(const Seen& since) const;

  bool attacked_ = false;
  std::uint64_t begun_ms_ = 0;
  std::uint64_t last_seen_ms_ = 0;  // of load, a refusal or a packet dropped
  std::uint64_t last_line_ms_ = 0;
  Seen at_begin_, at_last_look_, at_last_line_;
};

}  // namespace breakwater::proxy
