#include "proxy/serve/attack_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "proxy/json/json_writer.h"

namespace breakwater::proxy {
namespace {

using Counts = std::map<std::string, std::uint64_t>;
using Talker = GuardReport::Talker;
using Block = GuardReport::Block;

constexpr std::size_t kNamed = 3;    // of each list, in a sentence
constexpr std::size_t kListed = 16;  // in facts

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

// What talkers are, in reports, facts and sentences.
struct Kind {
  std::string_view name, key, title;
};
constexpr Kind kKinds[] = {{"address", "addresses", "addresses"},
                           {"network", "networks", "networks"},
                           {"fingerprint", "fingerprints", "software"}};

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

// Over all workers, each once; those who have come again most often first.
std::vector<Block> blocks_of(const std::vector<GuardReport>& reports) {
  std::map<std::string, Block> all;
  for (const GuardReport& report : reports) {
    for (const Block& block : report.blocks) {
      Block& one = all[block.who];
      one.who = block.who;
      one.seconds_left = std::max(one.seconds_left, block.seconds_left);
      one.strikes = std::max(one.strikes, block.strikes);
    }
  }
  std::vector<Block> list;
  list.reserve(all.size());
  for (auto& [who, block] : all) list.push_back(std::move(block));
  std::ranges::stable_sort(list, [](const Block& a, const Block& b) {
    return std::pair(a.strikes, a.seconds_left) > std::pair(b.strikes, b.seconds_left);
  });
  return list;
}

std::string text_of(const Talker& talker) {
  return fmt::format("{} ({:.0f}/s, {:.0f}/s refused)", talker.who, talker.hellos_per_s, talker.refused_per_s);
}
std::string text_of(const Block& block) { return fmt::format("{} for {} s", block.who, block.seconds_left); }

// "192.0.2.7 (2100/s, 2050/s refused) and 3 more"
template <class One>
std::string name(const std::vector<One>& list) {
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), kNamed); ++i) {
    text += (i == 0 ? "" : ", ") + text_of(list[i]);
  }
  return list.size() > kNamed ? text + fmt::format(" and {} more", list.size() - kNamed) : text;
}

bool is_loaded(const std::vector<GuardReport>& reports) {
  return std::ranges::any_of(reports, [](const GuardReport& report) { return report.under_load; });
}

double queue_ms(const std::vector<GuardReport>& reports) {
  double longest = 0;
  for (const GuardReport& report : reports) longest = std::max(longest, report.queue_ms);
  return longest;
}

// The facts of all events begin with these.
JsonWriter facts(std::string_view state, const Counts& refused, std::uint64_t dropped) {
  JsonWriter json;
  json.begin_object().field("state", state).field("refused", sum(refused)).key("refused_by_reason").begin_object();
  for (const auto& [reason, count] : refused) json.field(reason, count);
  json.end_object().field("packets_dropped", dropped);
  return json;
}

void add(JsonWriter& json, const Talker& talker) {
  json.field("who", talker.who).field("hellos_per_s", talker.hellos_per_s).field("refused_per_s", talker.refused_per_s);
}
void add(JsonWriter& json, const Block& block) {
  json.field("who", block.who).field("seconds_left", block.seconds_left).field("strikes", std::uint64_t{block.strikes});
}

template <class One>
void add_list(JsonWriter& json, std::string_view key, const std::vector<One>& list) {
  json.key(key).begin_array();
  for (std::size_t i = 0; i < std::min(list.size(), kListed); ++i) {
    json.begin_object();
    add(json, list[i]);
    json.end_object();
  }
  json.end_array();
}

Event event(std::string sentence, JsonWriter& json) {
  return {"attack", "guard: " + std::move(sentence), json.end_object().take()};
}

}  // namespace

AttackLog::Seen AttackLog::difference(const Seen& now, const Seen& before) {
  Seen since{.refused = {}, .dropped = now.dropped - before.dropped};
  for (const auto& [reason, count] : now.refused) {
    const auto old = before.refused.find(reason);
    const std::uint64_t more = count - (old == before.refused.end() ? 0 : old->second);
    if (more != 0) since.refused[reason] = more;
  }
  return since;
}

Event AttackLog::begins(const std::vector<GuardReport>& reports, const Seen& since) const {
  const bool loaded = is_loaded(reports);
  JsonWriter json = facts("begins", since.refused, since.dropped);
  json.field("under_load", loaded).field("queue_ms", queue_ms(reports));
  const std::string refused =
      since.refused.empty() ? std::string()
                            : fmt::format("{} connections refused ({})", sum(since.refused), by_reason(since.refused));
  if (!loaded) return event(refused, json);
  return event(fmt::format("under load, work waits {:.0f} ms; who has taken most comes last{}{}", queue_ms(reports),
                           refused.empty() ? "" : "; ", refused),
               json);
}

Event AttackLog::goes_on(const std::vector<GuardReport>& reports, const Seen& since, std::uint64_t seconds) const {
  JsonWriter json = facts("goes on", since.refused, since.dropped);
  json.field("seconds", seconds).field("under_load", is_loaded(reports)).field("queue_ms", queue_ms(reports));
  std::string text = fmt::format("{} connections refused in {} s", sum(since.refused), seconds);
  if (!since.refused.empty()) text += fmt::format(" ({})", by_reason(since.refused));
  for (const Kind& kind : kKinds) {
    const std::vector<Talker> list = worst(reports, kind.name);
    if (!list.empty()) text += fmt::format("; {}: {}", kind.title, name(list));
    add_list(json, kind.key, list);
  }
  const std::vector<Block> blocks = blocks_of(reports);
  if (!blocks.empty()) {
    text += fmt::format("; {} {} blocked now ({})", blocks.size(), blocks.size() == 1 ? "address is" : "addresses are",
                        name(blocks));
  }
  json.field("blocked_now", std::uint64_t{blocks.size()});
  add_list(json, "blocks", blocks);
  if (since.dropped != 0) text += fmt::format("; {} packets of blocked addresses dropped in the kernel", since.dropped);
  return event(std::move(text), json);
}

Event AttackLog::is_over(const Seen& since) const {
  const std::uint64_t seconds = (last_seen_ms_ - begun_ms_) / 1000;
  JsonWriter json = facts("over", since.refused, since.dropped);
  json.field("seconds", seconds);
  std::string text =
      fmt::format("calm again after {} s; {} connections were refused in all", seconds, sum(since.refused));
  if (!since.refused.empty()) text += fmt::format(" ({})", by_reason(since.refused));
  if (since.dropped != 0) text += fmt::format("; {} packets were dropped in the kernel", since.dropped);
  return event(std::move(text), json);
}

std::optional<Event> AttackLog::collect(const std::vector<GuardReport>& reports, std::uint64_t dropped,
                                        std::uint64_t now_ms) {
  Seen now{.refused = {}, .dropped = dropped};
  for (const GuardReport& report : reports) {
    for (const auto& [reason, count] : report.refusals) now.refused[reason] += count;
  }
  // What the kernel drops is of those who were refused before: it goes on with an attack, and begins none.
  const Seen since = difference(now, at_last_look_);
  const bool seen = is_loaded(reports) || !since.refused.empty() || (attacked_ && since.dropped != 0);
  at_last_look_ = now;
  if (seen) last_seen_ms_ = now_ms;
  if (!attacked_) {
    if (!seen) {
      at_last_line_ = std::move(now);
      return std::nullopt;
    }
    attacked_ = true;
    begun_ms_ = last_line_ms_ = now_ms;
    at_begin_ = std::exchange(at_last_line_, std::move(now));
    return begins(reports, difference(at_last_line_, at_begin_));
  }
  if (!seen && now_ms - last_seen_ms_ >= kOverMs) {
    attacked_ = false;
    at_last_line_ = std::move(now);
    return is_over(difference(at_last_line_, at_begin_));
  }
  if (now_ms - last_line_ms_ < kPeriodMs || difference(now, at_last_line_) == Seen{}) return std::nullopt;
  const std::uint64_t seconds = std::max<std::uint64_t>(1, (now_ms - std::exchange(last_line_ms_, now_ms)) / 1000);
  const Seen before = std::exchange(at_last_line_, std::move(now));
  return goes_on(reports, difference(at_last_line_, before), seconds);
}

}  // namespace breakwater::proxy
