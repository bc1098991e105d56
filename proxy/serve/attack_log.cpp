#include "proxy/serve/attack_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

namespace breakwater::proxy {
namespace {

using Counts = std::map<std::string, std::uint64_t>;
using Talker = GuardReport::Talker;

Counts refusals_of(const std::vector<GuardReport>& reports) {
  Counts counts;
  for (const GuardReport& report : reports) {
    for (const auto& [reason, count] : report.refusals) counts[reason] += count;
  }
  return counts;
}

Counts difference(const Counts& now, const Counts& before) {
  Counts counts;
  for (const auto& [reason, count] : now) {
    const auto old = before.find(reason);
    const std::uint64_t since = count - (old == before.end() ? 0 : old->second);
    if (since != 0) counts[reason] = since;
  }
  return counts;
}

std::uint64_t sum(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t total, const auto& one) { return total + one.second; });
}

// "14000 address, 1900 blocked", the most first.
std::string by_reason(const Counts& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> list(counts.begin(), counts.end());
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [reason, count] : list) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  return text;
}

// Of one kind, over all workers, those who were refused most.
std::vector<Talker> worst(const std::vector<GuardReport>& reports, std::string_view kind) {
  std::map<std::string, Talker> all;
  for (const GuardReport& report : reports) {
    for (const Talker& talker : report.talkers) {
      if (talker.kind != kind) continue;
      Talker& one = all[talker.who];
      one.who = talker.who;
      one.hellos_per_s += talker.hellos_per_s;
      one.refused_per_s += talker.refused_per_s;
    }
  }
  std::vector<Talker> list;
  for (auto& [who, talker] : all) {
    if (talker.refused_per_s >= 1) list.push_back(std::move(talker));
  }
  std::ranges::stable_sort(list, [](const Talker& a, const Talker& b) { return a.refused_per_s > b.refused_per_s; });
  return list;
}

// "192.0.2.7 (2100/s, 2050/s refused) and 3 more"
std::string name(const std::vector<Talker>& list, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
    text += fmt::format("{}{} ({:.0f}/s, {:.0f}/s refused)", i == 0 ? "" : ", ", list[i].who, list[i].hellos_per_s,
                        list[i].refused_per_s);
  }
  return list.size() > most ? text + fmt::format(" and {} more", list.size() - most) : text;
}

bool is_loaded(const std::vector<GuardReport>& reports) {
  return std::ranges::any_of(reports, [](const GuardReport& report) { return report.under_load; });
}

}  // namespace

std::string AttackLog::begin_line(const std::vector<GuardReport>& reports, const Counts& counts) const {
  const Counts since = difference(counts, at_begin_);
  const std::string refused =
      since.empty() ? std::string() : fmt::format("{} connections refused ({})", sum(since), by_reason(since));
  if (!is_loaded(reports)) return "guard: " + refused;
  double queue_ms = 0;
  for (const GuardReport& report : reports) queue_ms = std::max(queue_ms, report.queue_ms);
  return fmt::format("guard: under load, work waits {:.0f} ms; who has taken most comes last{}{}", queue_ms,
                     refused.empty() ? "" : "; ", refused);
}

std::string AttackLog::line(const std::vector<GuardReport>& reports, const Counts& counts, std::uint64_t now_ms) {
  const Counts since = difference(counts, at_last_line_);
  const std::uint64_t seconds = std::max<std::uint64_t>(1, (now_ms - last_line_ms_) / 1000);
  std::string text = fmt::format("guard: {} connections refused in {} s", sum(since), seconds);
  if (!since.empty()) text += fmt::format(" ({})", by_reason(since));
  constexpr std::pair<const char*, const char*> kKinds[] = {
      {"address", "addresses"}, {"network", "networks"}, {"fingerprint", "software"}};
  for (const auto& [kind, title] : kKinds) {
    const std::vector<Talker> list = worst(reports, kind);
    if (!list.empty()) text += fmt::format("; {}: {}", title, name(list, 3));
  }
  std::set<std::string_view> names;  // several workers block the same
  for (const GuardReport& report : reports) {
    for (const GuardReport::Block& block : report.blocks) names.insert(block.who);
  }
  const std::size_t blocked = names.size();
  if (blocked != 0) text += fmt::format("; {} {} blocked now", blocked, blocked == 1 ? "address is" : "addresses are");
  return text;
}

std::vector<std::string> AttackLog::collect(const std::vector<GuardReport>& reports, std::uint64_t now_ms) {
  std::vector<std::string> lines;
  const Counts counts = refusals_of(reports);
  const bool seen = is_loaded(reports) || !difference(counts, at_last_look_).empty();
  at_last_look_ = counts;
  if (seen) last_seen_ms_ = now_ms;
  if (!attacked_) {
    if (!seen) {
      at_last_line_ = counts;
      return lines;
    }
    attacked_ = true;
    begun_ms_ = last_line_ms_ = now_ms;
    at_begin_ = std::exchange(at_last_line_, counts);
    lines.push_back(begin_line(reports, counts));
    return lines;
  }
  if (!seen && now_ms - last_seen_ms_ >= kOverMs) {
    const Counts all = difference(counts, at_begin_);
    lines.push_back(fmt::format("guard: calm again after {} s; {} connections were refused in all{}",
                                (last_seen_ms_ - begun_ms_) / 1000, sum(all),
                                all.empty() ? "" : " (" + by_reason(all) + ")"));
    attacked_ = false;
    at_last_line_ = counts;
  } else if (now_ms - last_line_ms_ >= kPeriodMs && !difference(counts, at_last_line_).empty()) {
    lines.push_back(line(reports, counts, now_ms));
    at_last_line_ = counts;
    last_line_ms_ = now_ms;
  }
  return lines;
}

}  // namespace breakwater::proxy
