#include "proxy/serve/failure_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxy/json/json_writer.h"

namespace breakwater::proxy {

std::optional<Event> FailureSummary::collect(const std::vector<const FailureTable*>& tables, std::uint64_t now_ms) {
  if (!first_ && now_ms - last_line_ms_ < kEveryMs) return std::nullopt;
  std::map<Reason, std::uint64_t> totals;
  for (const FailureTable* table : tables) {
    table->read([&](std::size_t, std::string_view what, std::string_view detail, std::uint64_t count) {
      totals[{std::string(what), std::string(detail)}] += count;
    });
  }
  std::vector<std::pair<std::uint64_t, const Reason*>> fresh;
  std::uint64_t sum = 0;
  for (const auto& [reason, total] : totals) {
    const std::uint64_t since = total - reported_[reason];
    if (since == 0) continue;
    fresh.emplace_back(since, &reason);
    sum += since;
  }
  if (fresh.empty()) return std::nullopt;
  std::stable_sort(fresh.begin(), fresh.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string line = fmt::format("{} connection{} failed:", sum, sum == 1 ? "" : "s");
  JsonWriter facts;
  facts.begin_object().field("failed", sum).key("reasons").begin_array();
  for (const auto& [count, reason] : fresh) {
    line += fmt::format("{} {} x {}", count == fresh.front().first && reason == fresh.front().second ? "" : ",", count,
                        reason->first);
    if (!reason->second.empty()) line += fmt::format(" ({})", reason->second);
    facts.begin_object().field("reason", reason->first).field("detail", reason->second).field("count", count);
    facts.end_object();
  }
  reported_ = std::move(totals);
  last_line_ms_ = now_ms;
  first_ = false;
  return Event{"failures", std::move(line), facts.end_array().end_object().take()};
}

}  // namespace breakwater::proxy
