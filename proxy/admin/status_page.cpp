#include "proxy/admin/status_page.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proxy/json/json_writer.h"

namespace breakwater::proxy {
namespace {

constexpr std::size_t kRateSeconds[] = {1, 10, 60};

void write_facts(JsonWriter& json, const ServerFacts& facts, const Totals& totals) {
  json.field("version", facts.version);
  json.field("state", facts.draining ? "draining" : "serving");
  json.field("uptime_s", static_cast<double>((totals.at_ms - facts.start_ms) / 100) / 10);
  json.key("listen").begin_array();
  for (const std::string& address : facts.listen) json.value(address);
  json.end_array();
  json.field("service", facts.service);
  json.field("arithmetic", facts.arithmetic);
  json.key("handshake_capacity").begin_object();
  json.field("ecdsa", std::floor(facts.capacity.ecdsa)).field("rsa", std::floor(facts.capacity.rsa));
  json.field("resumed", std::floor(facts.capacity.resumed)).end_object();
  json.field("reloads", facts.reloads);
}

void write_totals(JsonWriter& json, const ServerFacts& facts, const Totals& totals) {
  json.key("totals").begin_object();
  json.field("xdp_dropped", facts.xdp_dropped).field("xdp_dropped_syns", facts.xdp_dropped_syns);
#define BREAKWATER_WRITE(name, kind, what) json.field(#name, totals.counters.name);
  BREAKWATER_COUNTERS(BREAKWATER_WRITE)
#undef BREAKWATER_WRITE
  json.end_object();
  const auto write_kinds = [&json](std::string_view name, const std::array<std::uint64_t, kHandshakeKinds>& counts) {
    json.key(name).begin_object().field("ecdsa", counts[0]).field("rsa", counts[1]).field("resumed", counts[2]);
    json.end_object();
  };
  json.key("handshakes").begin_object();
  write_kinds("1.2", totals.handshakes_tls12);
  write_kinds("1.3", totals.handshakes_tls13);
  json.end_object();
  json.key("handshakes_failed").begin_object();
  for (std::size_t i = 0; i < kHandshakeEnds; ++i) {
    const auto& counts = totals.handshakes_failed[i];
    json.field(kHandshakeEndNames[i], std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  }
  json.end_object();
  json.key("failures").begin_array();
  for (const FailureTotal& failure : totals.failures) {
    json.begin_object().field("reason", failure.what).field("detail", failure.detail).field("count", failure.count);
    json.end_object();
  }
  json.end_array();
}

void write_operations(JsonWriter& json, const Totals& totals) {
  json.key("operations").begin_array();
  for (const OperationTotals& operation : totals.operations) {
    json.begin_object().field("name", operation.name).field("alone", operation.alone);
    json.key("lane_runs").begin_array();
    for (const std::uint64_t count : operation.runs_of) json.value(count);
    json.end_array().end_object();
  }
  json.end_array();
}

void write_workers(JsonWriter& json, const Totals& totals, const Totals& before) {
  const double seconds = static_cast<double>(std::max<std::uint64_t>(totals.at_ms - before.at_ms, 1)) / 1000;
  const auto rate = [seconds](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(std::max(from, to) - from) / seconds;
  };
  json.key("workers").begin_array();
  for (std::size_t i = 0; i < totals.workers.size() && i < before.workers.size(); ++i) {
    const WorkerTotals& now = totals.workers[i];
    const WorkerTotals& then = before.workers[i];
    json.begin_object();
    json.field("cpu_arithmetic", rate(then.cpu.arithmetic, now.cpu.arithmetic) / 1e6);
    json.field("cpu_rest", rate(then.cpu.rest, now.cpu.rest) / 1e6);
    json.field("handshakes", rate(then.handshakes, now.handshakes));
    json.field("open", now.open).field("half_open", now.half_open);
    json.end_object();
  }
  json.end_array();
}

// Each of Rates, under its name.
template <class Visit>
void for_each_rate(Visit&& visit) {
  visit("ecdsa", &Rates::ecdsa);
  visit("rsa", &Rates::rsa);
  visit("resumed", &Rates::resumed);
  visit("failed", &Rates::failed);
  visit("wasted", &Rates::wasted);
  visit("refused", &Rates::refused);
  visit("accepted", &Rates::accepted);
  visit("bytes_in", &Rates::bytes_in);
  visit("bytes_out", &Rates::bytes_out);
  visit("cpu_arithmetic", &Rates::cpu_arithmetic);
  visit("cpu_rest", &Rates::cpu_rest);
  visit("wait_p50_ms", &Rates::wait_p50_ms);
  visit("wait_p99_ms", &Rates::wait_p99_ms);
  visit("batch_fill", &Rates::batch_fill);
}

void write_rates(JsonWriter& json, const History& history) {
  json.key("rates").begin_object();
  for (const std::size_t seconds : kRateSeconds) {
    const Rates rates = history.rates(seconds);
    json.key(std::to_string(seconds)).begin_object();
    for_each_rate([&](std::string_view name, double Rates::*field) { json.field(name, rates.*field); });
    json.end_object();
  }
  json.end_object();
}

void write_history(JsonWriter& json, const History& history) {
  const std::vector<Point>& points = history.points();
  std::vector<Rates> steps;
  for (std::size_t i = 1; i < points.size(); ++i) steps.push_back(rates_between(points[i - 1], points[i]));
  json.key("history").begin_object();
  json.field("step_s", std::uint64_t{1});
  for_each_rate([&](std::string_view name, double Rates::*field) {
    json.key(name).begin_array();
    for (const Rates& step : steps) json.value(step.*field);
    json.end_array();
  });
  const auto write_gauge = [&](std::string_view name, std::uint64_t Point::*field) {
    json.key(name).begin_array();
    for (std::size_t i = 1; i < points.size(); ++i) json.value(points[i].*field);
    json.end_array();
  };
  write_gauge("open", &Point::open);
  write_gauge("half_open", &Point::half_open);
  json.end_object();
}

// in_kernel: whether the kernel drops what blocked clients send.
void write_guard(JsonWriter& json, const GuardReport& guard, bool in_kernel) {
  json.key("guard").begin_object();
  json.field("enabled", guard.enabled).field("under_load", guard.under_load);
  json.field("level", guard.level).field("queue_ms", guard.queue_ms);
  json.key("talkers").begin_array();
  for (const GuardReport::Talker& talker : guard.talkers) {
    json.begin_object().field("kind", talker.kind).field("who", talker.who);
    json.field("hellos_per_s", talker.hellos_per_s).field("refused_per_s", talker.refused_per_s);
    json.field("cpu_share", talker.cpu_share).end_object();
  }
  json.end_array();
  json.key("blocks").begin_array();
  for (const GuardReport::Block& block : guard.blocks) {
    json.begin_object().field("who", block.who).field("seconds_left", block.seconds_left);
    json.field("strikes", std::uint64_t{block.strikes}).field("in_kernel", in_kernel || block.in_kernel).end_object();
  }
  json.end_array();
  json.key("refusals").begin_object();
  for (const auto& [reason, count] : guard.refusals) json.field(reason, count);
  json.end_object();
  json.end_object();
}

}  // namespace

std::string status_page(const ServerFacts& facts, const Totals& totals, const Totals& before, const History& history) {
  JsonWriter json;
  json.begin_object();
  write_facts(json, facts, totals);
  write_totals(json, facts, totals);
  write_operations(json, totals);
  write_workers(json, totals, before);
  write_rates(json, history);
  write_history(json, history);
  write_guard(json, totals.guard, facts.drops_in_kernel);
  json.end_object();
  return json.take() + "\n";
}

}  // namespace breakwater::proxy
