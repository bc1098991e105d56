#include "proxy/serve/guard_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace breakwater::proxy {
namespace {

// "1234 clients refused: 1000 x queue-full, 234 x address", the most frequent first; empty for none.
std::string refusals_text(const GuardLog::Counts& counts) {
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (sum == 0) return {};
  std::array<std::size_t, guard::kReasons> order;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  std::string text = fmt::format("{} client{} refused:", sum, sum == 1 ? "" : "s");
  for (const std::size_t reason : order) {
    if (counts[reason] == 0) break;
    text += fmt::format("{} {} x {}", reason == order[0] ? "" : ",", counts[reason],
                        guard::reason_name(static_cast<guard::Reason>(reason)));
  }
  return text;
}

}  // namespace

std::string GuardLog::collect(bool loaded, const Counts& refusals, std::uint64_t now_ms) {
  was_loaded_ |= loaded;
  if (!first_ && now_ms - last_line_ms_ < kEveryMs) return {};
  Counts fresh{};
  for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i] = refusals[i] - told_[i];
  std::string line = refusals_text(fresh);
  const bool begins = was_loaded_ && !told_loaded_;
  const bool ends = !loaded && (told_loaded_ || was_loaded_);
  if (line.empty() && !begins && !ends) return {};
  const std::string_view state = begins && ends ? "was under load for a moment"
                                 : ends         ? "no longer under load"
                                 : loaded       ? "under load: those who have had least come first"
                                                : "";
  line = fmt::format("guard: {}{}{}", state, state.empty() || line.empty() ? "" : "; ", line);
  told_ = refusals;
  told_loaded_ = loaded;
  was_loaded_ = loaded;
  last_line_ms_ = now_ms;
  first_ = false;
  return line;
}

}  // namespace breakwater::proxy
