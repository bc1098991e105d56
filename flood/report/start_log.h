// What became of each start, for who wants to look at a run more closely than counts and percentiles allow: what the
// minute of an attack did to honest clients, say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "flood/plan/plan.h"
#include "flood/tls/client.h"

namespace breakwater::flood {

enum class Ending : std::uint8_t { Succeeded, Failed, Unfinished };

struct LoggedStart {
  std::uint64_t due = 0;   // ns since the run began
  std::uint64_t took = 0;  // ns from then on
  std::uint16_t load = 0;
  Ending ending = Ending::Succeeded;
  Failure failure{};
  std::uint8_t alert = 0;
};

class StartLog {
 public:
  static constexpr std::size_t kMost = 4'000'000;  // 100 MB

  void add(const LoggedStart& start) {
    if (starts_.size() < kMost) starts_.push_back(start);
  }
  const std::deque<LoggedStart>& starts() const noexcept { return starts_; }

 private:
  std::deque<LoggedStart> starts_;  // grows without copying: a pause would be taken for the server's
};

// A line of names, then one for each start: fields with tabs between. The format is documented in breakwater-flood(1).
std::string log_text(const Plan& plan, const StartLog& log);

}  // namespace breakwater::flood
