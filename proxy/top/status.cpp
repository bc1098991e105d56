#include "proxy/top/status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace breakwater::proxy {
namespace {

using Json = nlohmann::json;

const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : nothing;
}

double number(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

std::uint64_t count(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

bool flag(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string text(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? printable(value.get<std::string>()) : std::string();
}

Rates rates(const Json& object) {
  Rates rates;
  rates.ecdsa = number(object, "ecdsa");
  rates.rsa = number(object, "rsa");
  rates.resumed = number(object, "resumed");
  rates.failed = number(object, "failed");
  rates.wasted = number(object, "wasted");
  rates.refused = number(object, "refused");
  rates.accepted = number(object, "accepted");
  rates.bytes_in = number(object, "bytes_in");
  rates.bytes_out = number(object, "bytes_out");
  rates.cpu_arithmetic = number(object, "cpu_arithmetic");
  rates.cpu_rest = number(object, "cpu_rest");
  rates.wait_p50_ms = number(object, "wait_p50_ms");
  rates.wait_p99_ms = number(object, "wait_p99_ms");
  rates.batch_fill = number(object, "batch_fill");
  return rates;
}

void add_series(const Json& list, std::vector<double>& sum) {
  if (!list.is_array()) return;
  sum.resize(std::max(sum.size(), list.size()));
  for (std::size_t i = 0; i < list.size(); ++i) sum[i] += list[i].is_number() ? list[i].get<double>() : 0;
}

template <class Visit>
void for_each_element(const Json& list, Visit&& visit) {
  if (!list.is_array()) return;
  for (const Json& element : list) visit(element);
}

GuardReport guard(const Json& object) {
  GuardReport report;
  report.enabled = flag(object, "enabled");
  report.under_load = flag(object, "under_load");
  report.level = number(object, "level");
  report.queue_ms = number(object, "queue_ms");
  for_each_element(member(object, "talkers"), [&](const Json& one) {
    report.talkers.push_back({text(one, "kind"), text(one, "who"), number(one, "hellos_per_s"),
                              number(one, "refused_per_s"), number(one, "cpu_share")});
  });
  for_each_element(member(object, "blocks"), [&](const Json& one) {
    report.blocks.push_back({text(one, "who"), count(one, "seconds_left"),
                             static_cast<std::uint32_t>(std::min<std::uint64_t>(count(one, "strikes"), UINT32_MAX)),
                             flag(one, "in_kernel")});
  });
  const Json& refusals = member(object, "refusals");
  if (refusals.is_object()) {
    for (const auto& [reason, value] : refusals.items()) {
      if (value.is_number_unsigned()) report.refusals.emplace_back(printable(reason), value.get<std::uint64_t>());
    }
  }
  return report;
}

}  // namespace

std::optional<ServerStatus> read_status(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object() || !member(root, "rates").is_object()) return std::nullopt;
  ServerStatus status;
  status.version = text(root, "version");
  status.state = text(root, "state");
  status.service = text(root, "service");
  status.arithmetic = text(root, "arithmetic");
  status.uptime_s = number(root, "uptime_s");
  status.workers = member(root, "workers").is_array() ? member(root, "workers").size() : 0;
  status.open = count(member(root, "totals"), "open");
  status.half_open = count(member(root, "totals"), "half_open");
  status.last_second = rates(member(member(root, "rates"), "1"));
  status.last_10 = rates(member(member(root, "rates"), "10"));
  status.last_60 = rates(member(member(root, "rates"), "60"));
  for (const char* kind : {"ecdsa", "rsa", "resumed"}) {
    add_series(member(member(root, "history"), kind), status.handshakes);
  }
  for_each_element(member(root, "failures"), [&](const Json& one) {
    const std::string detail = text(one, "detail");
    status.failures.emplace_back(text(one, "reason") + (detail.empty() ? "" : " (" + detail + ")"),
                                 count(one, "count"));
  });
  status.guard = guard(member(root, "guard"));
  return status;
}

}  // namespace breakwater::proxy
