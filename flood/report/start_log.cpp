#include "flood/report/start_log.h"

#include <fmt/format.h>

#include <iterator>

namespace breakwater::flood {
namespace {

std::string outcome_of(const LoggedStart& start) {
  switch (start.ending) {
    case Ending::Succeeded:
      return "ok";
    case Ending::Unfinished:
      return "unfinished";
    case Ending::Failed:
      break;
  }
  return start.failure == Failure::Alert ? fmt::format("alert {}", alert_text(start.alert)) : to_text(start.failure);
}

double microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

}  // namespace

std::string log_text(const Plan& plan, const StartLog& log) {
  std::string text = "load\tdue_us\ttook_us\toutcome\n";
  for (const LoggedStart& start : log.starts()) {
    fmt::format_to(std::back_inserter(text), "{}\t{:.0f}\t{:.0f}\t{}\n", plan.loads[start.load].name,
                   microseconds(start.due), microseconds(start.took), outcome_of(start));
  }
  return text;
}

}  // namespace breakwater::flood
