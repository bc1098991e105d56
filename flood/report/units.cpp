#include "flood/report/units.h"

#include <fmt/format.h>

#include <iterator>

namespace breakwater::flood {
namespace {

// As many decimals as make three figures. The bounds are where rounding adds a figure.
std::string three_figures(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

template <std::size_t count>
std::string with_unit(double value, const char* const (&units)[count]) {
  if (value < 999.5) return fmt::format("{:.0f} {}", value, units[0]);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < count) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", three_figures(value), units[unit]);
}

}  // namespace

std::string time_text(double nanoseconds) { return with_unit(nanoseconds, {"ns", "µs", "ms", "s"}); }

std::string bytes_text(double bytes) { return with_unit(bytes, {"B", "kB", "MB", "GB", "TB"}); }

std::string rate_text(double per_second) {
  return per_second > 0 && per_second < 99.95 ? three_figures(per_second) + "/s" : fmt::format("{:.0f}/s", per_second);
}

}  // namespace breakwater::flood
