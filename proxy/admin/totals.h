// What all workers have counted, at one time.
#pragma once

#include <time.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/guard/report.h"
#include "proxy/reactor/reactor.h"

namespace breakwater::proxy {

struct CounterValues {
#define BREAKWATER_DECLARE(name, kind, what) std::uint64_t name = 0;
  BREAKWATER_COUNTERS(BREAKWATER_DECLARE)
#undef BREAKWATER_DECLARE
};

struct OperationTotals {
  std::string_view name;
  std::uint64_t alone = 0;
  std::array<std::uint64_t, kLanesAtMost> runs_of{};  // lane runs by lanes filled: [0] one
};

// Microseconds of a worker's thread.
struct CpuTime {
  std::uint64_t arithmetic = 0;
  std::uint64_t rest = 0;

  std::uint64_t all() const noexcept { return arithmetic + rest; }
};

struct WorkerTotals {
  CpuTime cpu;
  std::uint64_t open = 0;
  std::uint64_t half_open = 0;
  std::uint64_t handshakes = 0;
};

struct FailureTotal {
  std::string what;
  std::string detail;
  std::uint64_t count = 0;
};

struct Totals {
  std::uint64_t at_ms = 0;  // monotonic clock
  CounterValues counters;   // buffers_most: the sum of the workers' own
  std::array<std::uint64_t, kHandshakeKinds> handshakes_tls12{};
  std::array<std::uint64_t, kHandshakeKinds> handshakes_tls13{};
  FailedHandshakes<std::uint64_t> handshakes_failed{};
  JobWaitCounts job_wait;
  std::array<OperationTotals, kOperationKinds> operations;
  CpuTime cpu;
  std::vector<WorkerTotals> workers;
  std::vector<FailureTotal> failures;  // of all connections, in their handshake or later; the most frequent first
  GuardReport guard;

  std::uint64_t refusals() const noexcept {
    std::uint64_t all = 0;
    for (const auto& [reason, count] : guard.refusals) all += count;
    return all;
  }
};

// A worker as others see it.
struct WatchedWorker {
  const Reactor* reactor = nullptr;
  clockid_t cpu_clock = 0;  // of its thread
};

// Adds them up. Keeps what it needs to tell the CPU time of arithmetic from the rest: a worker measures the former by
// the wall clock, so where its thread had to wait for a CPU, what it measured may be more than it got.
class TotalsCollector {
 public:
  explicit TotalsCollector(std::vector<WatchedWorker> workers);
  Totals collect(std::uint64_t now_ms);

 private:
  struct Split {
    std::uint64_t cpu_us = 0;
    std::uint64_t arithmetic_us = 0;
    std::uint64_t pending_us = 0;  // arithmetic measured that no CPU time has been seen for yet
    CpuTime time;
  };
  static void divide(Split& split, std::uint64_t cpu_us, std::uint64_t arithmetic_us) noexcept;

  std::vector<WatchedWorker> workers_;
  std::vector<Split> splits_;
};

// One report of those of all workers: who is in several is added up, and the strictest state counts.
GuardReport merge_reports(std::span<const GuardReport> reports);

}  // namespace breakwater::proxy
