// Runs a plan: one thread, one epoll loop, all loads in it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "flood/plan/plan.h"
#include "flood/report/start_log.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

struct RunResult {
  std::vector<Tally> loads;  // as in the plan
  GeneratorLoad generator;
  StartLog log;        // empty unless the plan names a file for it
  double begin_s = 0;  // by the machine's monotonic clock
  double duration_s = 0;
  bool interrupted = false;
  std::string error;  // nothing could be done (target unreachable at once, sources that are not ours): one sentence
                      // with what to do
};

// `stop` set (by a signal handler) ends the run cleanly. `each_second` is called with the tallies so far (may be
// empty).
RunResult run(const Plan& plan, const std::atomic<bool>& stop,
              const std::function<void(double seconds, const std::vector<Tally>&)>& each_second);

}  // namespace breakwater::flood
