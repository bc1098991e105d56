// The line of progress each second: overwritten in place on a terminal, else a new line each time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "flood/plan/plan.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

class Progress {
 public:
  // `out` stays open as long as this lives. The plan is kept by the caller, too.
  Progress(const Plan& plan, std::FILE* out);
  Progress(const Plan& plan, std::FILE* out, bool terminal, std::size_t columns);

  void update(double seconds, const std::vector<Tally>& tallies);
  void finish();  // takes the line away from a terminal, so that the report stands alone

  // Without an end of line; remembers the counts, for the rates of the next.
  std::string line(double seconds, const std::vector<Tally>& tallies);

 private:
  void show(const std::string& text);
  std::string segment(std::size_t index, double seconds, const Tally& tally);

  const Plan& plan_;
  std::FILE* out_;
  bool terminal_;
  std::size_t columns_;  // of the terminal
  bool shown_ = false;
  double last_seconds_ = 0;
  std::vector<std::uint64_t> last_;  // of each load: what its rate counts
};

}  // namespace breakwater::flood
