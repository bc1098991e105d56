#include "flood/load/run.h"

#include <algorithm>
#include <exception>
#include <memory>

#include "flood/load/clock.h"
#include "flood/load/driver.h"
#include "flood/load/environment.h"
#include "flood/load/generator_clock.h"
#include "flood/load/loop.h"
#include "library/port/initialise.h"

namespace breakwater::flood {
namespace {

class Run {
 public:
  Run(const Plan& plan, RunResult& result) : plan_(plan), result_(result), spin_(should_spin(plan)) {
    result.loads.resize(plan.loads.size());  // for good: drivers keep references to its elements
    result.generator.spinning = spin_;
    result.generator.cpu = plan.cpu;
    begin_ = clock_now();
    result.begin_s = static_cast<double>(begin_) / 1e9;
    for (std::size_t i = 0; i < plan.loads.size(); ++i) {
      drivers_.push_back(std::make_unique<Driver>(plan, i, loop_, result.loads[i], result.generator.lateness, reach_,
                                                  begin_, plan.log.empty() ? nullptr : &result.log));
    }
    clock_.begin(begin_);
  }

  void go(const std::atomic<bool>& stop, const std::function<void(double, const std::vector<Tally>&)>& each_second);

 private:
  bool advance(std::uint64_t now);
  std::uint64_t patience() const;
  bool hopeless(std::uint64_t now) const noexcept;
  bool over() const noexcept {
    return std::all_of(drivers_.begin(), drivers_.end(), [](const auto& driver) { return driver->over(); });
  }
  void finish();

  const Plan& plan_;
  RunResult& result_;
  const bool spin_;
  std::uint64_t begin_ = 0;
  Reach reach_;
  Loop loop_;
  std::vector<std::unique_ptr<Driver>> drivers_;
  GeneratorClock clock_;
  bool measuring_ = false;
};

bool Run::advance(std::uint64_t now) {
  bool worked = false;
  for (const auto& driver : drivers_) worked |= driver->advance(now);
  if (!measuring_ &&
      std::any_of(drivers_.begin(), drivers_.end(), [](const auto& driver) { return driver->measured_since() != 0; })) {
    measuring_ = true;
    clock_.begin(now);
    result_.generator.lateness.clear();
  }
  return worked;
}

// How long the loop may sleep. Never for long: the stop flag is looked at in between.
std::uint64_t Run::patience() const {
  constexpr std::uint64_t kLongest = 40 * kMillisecond;
  if (spin_) return 0;
  const std::uint64_t now = clock_now();
  std::uint64_t due = now + kLongest;
  for (const auto& driver : drivers_) due = std::min(due, driver->next_due());
  return due > now ? due - now : 0;
}

// Nothing has ever connected, and it was tried often or for long enough.
bool Run::hopeless(std::uint64_t now) const noexcept {
  if (reach_.connected || reach_.failures == 0) return false;
  const std::uint64_t since = now - std::min(now, reach_.first_failure);  // which may be later than the loop's clock
  return (reach_.failures >= 100 && since >= kSecond) || (reach_.failures >= 3 && since >= 3 * kSecond);
}

void Run::go(const std::atomic<bool>& stop, const std::function<void(double, const std::vector<Tally>&)>& each_second) {
  std::uint64_t next_report = begin_ + kSecond;
  std::uint64_t busy_since = 0;
  const auto events_came = [&busy_since](std::uint64_t now) { busy_since = now; };
  while (!over()) {
    if (stop.load(std::memory_order_relaxed)) {
      result_.interrupted = true;
      break;
    }
    const bool had_events = loop_.poll(patience(), events_came);
    const std::uint64_t now = clock_now();
    const bool worked = advance(now);
    if (now >= next_report) {
      for (const auto& driver : drivers_) driver->refresh_tally(now);
      if (each_second) each_second(static_cast<double>(now - begin_) / 1e9, result_.loads);
      while (next_report <= now) next_report += kSecond;
    }
    if (had_events || worked) clock_.add_busy(clock_now() - (had_events ? busy_since : now));
    if (hopeless(now)) break;
  }
  finish();
}

void Run::finish() {
  const std::uint64_t now = clock_now();
  clock_.read(now, result_.generator);
  result_.duration_s = result_.generator.wall_s;
  for (const auto& driver : drivers_) driver->end(now);
  result_.error = trouble_with_target(plan_, reach_);
}

}  // namespace

RunResult run(const Plan& plan, const std::atomic<bool>& stop,
              const std::function<void(double seconds, const std::vector<Tally>&)>& each_second) {
  RunResult result;
  result.loads.resize(plan.loads.size());
  result.error = trouble_with_sources(plan);
  if (result.error.empty()) result.error = pin_to_cpu(plan.cpu);
  if (!result.error.empty()) return result;
  port::initialise();
  try {
    Run(plan, result).go(stop, each_second);
  } catch (const std::exception& exception) {
    result.error = exception.what();
  }
  return result;
}

}  // namespace breakwater::flood
