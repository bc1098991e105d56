#include "proxy/admin/totals.h"

#include <algorithm>
#include <map>
#include <utility>

namespace breakwater::proxy {
namespace {

// A slice or two: what a worker may have counted as arithmetic just after its CPU time was looked at.
constexpr std::uint64_t kMostPendingUs = 10'000;

void add_counters(CounterValues& sum, const Counters& counters) {
#define BREAKWATER_ADD(name, kind, what) sum.name += counters.name.get();
  BREAKWATER_COUNTERS(BREAKWATER_ADD)
#undef BREAKWATER_ADD
}

template <std::size_t kSize>
void add_all(std::array<std::uint64_t, kSize>& sum, const std::array<Counter, kSize>& counters) {
  for (std::size_t i = 0; i < kSize; ++i) sum[i] += counters[i].get();
}

void add_measurements(Totals& totals, const Measurements& measured) {
  add_all(totals.handshakes_tls12, measured.handshakes_tls12);
  add_all(totals.handshakes_tls13, measured.handshakes_tls13);
  for (std::size_t i = 0; i < kHandshakeEnds; ++i) add_all(totals.handshakes_failed[i], measured.handshakes_failed[i]);
  totals.job_wait += measured.job_wait.read();
  for (std::size_t i = 0; i < kOperationKinds; ++i) {
    totals.operations[i].name = measured.operations[i].name;
    totals.operations[i].alone += measured.operations[i].alone.get();
    add_all(totals.operations[i].runs_of, measured.operations[i].runs_of);
  }
}

// Microseconds; what was known before when the thread has ended.
std::uint64_t read_cpu_clock(clockid_t clock, std::uint64_t otherwise) noexcept {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return otherwise;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace

TotalsCollector::TotalsCollector(std::vector<WatchedWorker> workers)
    : workers_(std::move(workers)), splits_(workers_.size()) {}

void TotalsCollector::divide(Split& split, std::uint64_t cpu_us, std::uint64_t arithmetic_us) noexcept {
  const std::uint64_t cpu = std::max(cpu_us, split.cpu_us) - split.cpu_us;
  split.pending_us += arithmetic_us - split.arithmetic_us;
  const std::uint64_t arithmetic = std::min(split.pending_us, cpu);
  split.pending_us = std::min(split.pending_us - arithmetic, kMostPendingUs);
  split.time.arithmetic += arithmetic;
  split.time.rest += cpu - arithmetic;
  split.cpu_us += cpu;
  split.arithmetic_us = arithmetic_us;
}

Totals TotalsCollector::collect(std::uint64_t now_ms) {
  Totals totals;
  totals.at_ms = now_ms;
  std::map<std::pair<std::string, std::string>, std::uint64_t> failures;
  std::vector<GuardReport> reports;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const Reactor& reactor = *workers_[i].reactor;
    const Counters& counters = reactor.counters();
    add_counters(totals.counters, counters);
    add_measurements(totals, reactor.measurements());
    divide(splits_[i], read_cpu_clock(workers_[i].cpu_clock, splits_[i].cpu_us), counters.arithmetic_us.get());
    totals.workers.push_back(
        {splits_[i].time, counters.open.get(), counters.half_open.get(), counters.handshakes.get()});
    totals.cpu.arithmetic += splits_[i].time.arithmetic;
    totals.cpu.rest += splits_[i].time.rest;
    reactor.failures().read([&](std::size_t, std::string_view what, std::string_view detail, std::uint64_t count) {
      failures[{std::string(what), std::string(detail)}] += count;
    });
    reports.push_back(reactor.report_board().read());
    reports.back().refusals = counts_of(reactor.refusals());  // the report's are a second old
  }
  for (const auto& [reason, count] : failures) totals.failures.push_back({reason.first, reason.second, count});
  std::stable_sort(totals.failures.begin(), totals.failures.end(),
                   [](const FailureTotal& a, const FailureTotal& b) { return a.count > b.count; });
  totals.guard = merge_reports(reports);
  return totals;
}

GuardReport merge_reports(std::span<const GuardReport> reports) {
  GuardReport merged;
  std::map<std::pair<std::string, std::string>, GuardReport::Talker> talkers;
  std::map<std::string, GuardReport::Block> blocks;
  std::map<std::string, std::uint64_t> refusals;
  for (const GuardReport& report : reports) {
    merged.enabled |= report.enabled;
    merged.under_load |= report.under_load;
    merged.level = std::min(merged.level, report.level);
    merged.queue_ms = std::max(merged.queue_ms, report.queue_ms);
    for (const GuardReport::Talker& talker : report.talkers) {
      GuardReport::Talker& sum = talkers[{talker.kind, talker.who}];
      sum.hellos_per_s += talker.hellos_per_s;
      sum.refused_per_s += talker.refused_per_s;
      sum.cpu_share += talker.cpu_share / static_cast<double>(reports.size());
    }
    for (const GuardReport::Block& block : report.blocks) {
      GuardReport::Block& worst = blocks[block.who];
      worst.seconds_left = std::max(worst.seconds_left, block.seconds_left);
      worst.strikes = std::max(worst.strikes, block.strikes);
      worst.in_kernel |= block.in_kernel;
    }
    for (const auto& [reason, count] : report.refusals) refusals[reason] += count;
  }
  for (auto& [key, talker] : talkers) {
    talker.kind = key.first;
    talker.who = key.second;
    merged.talkers.push_back(std::move(talker));
  }
  for (auto& [who, block] : blocks) {
    block.who = who;
    merged.blocks.push_back(std::move(block));
  }
  std::stable_sort(merged.talkers.begin(), merged.talkers.end(),
                   [](const auto& a, const auto& b) { return a.hellos_per_s > b.hellos_per_s; });
  std::stable_sort(merged.blocks.begin(), merged.blocks.end(),
                   [](const auto& a, const auto& b) { return a.seconds_left > b.seconds_left; });
  merged.refusals.assign(refusals.begin(), refusals.end());
  return merged;
}

}  // namespace breakwater::proxy
