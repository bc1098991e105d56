// What one load has done so far: the driver counts, the report reads. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "flood/report/histogram.h"
#include "flood/tls/client.h"

namespace breakwater::flood {

// One second of a load.
struct Second {
  std::uint32_t t = 0;  // seconds since the load's measured time began
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  double p50_us = 0;  // of the load's main latency (handshake; request in request mode)
  double p99_us = 0;
};

// Sums over the sampled connections, from TCP_INFO just before the end of each.
struct TcpSample {
  std::uint64_t connections = 0;
  std::uint64_t segments_out = 0;
  std::uint64_t segments_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t retransmitted = 0;
};

struct Tally {
  double measured_s = 0;   // how long the load has been measured: from the end of its warm-up to now, or to its own end
  std::uint64_t open = 0;  // connections under way or held now
  std::uint64_t started = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t unfinished = 0;  // still under way when the run ended: neither
  std::uint64_t handshakes = 0;
  std::uint64_t resumed = 0;
  std::uint64_t requests = 0;
  std::uint64_t renegotiations = 0;
  std::uint64_t held = 0;  // stall, idle: open now
  std::uint64_t held_max = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Failure::kCount)> failures = {};
  std::array<std::uint64_t, 256> alerts = {};  // failures of kind Alert, by description
  std::map<std::string, std::uint64_t> negotiated;
  Histogram handshake_latency;  // nanoseconds
  Histogram request_latency;
  TcpSample tcp;
  std::vector<Second> seconds;

  void fail(Failure failure, std::uint8_t alert = 0) noexcept {
    ++failed;
    ++failures[static_cast<std::size_t>(failure)];
    if (failure == Failure::Alert) ++alerts[alert];
  }
};

// The generator's own state over the measured time.
struct GeneratorLoad {
  double wall_s = 0;
  double cpu_user_us = 0;
  double cpu_system_us = 0;
  double busy_s = 0;
  bool spinning = false;
  int cpu = -1;
  Histogram lateness;  // nanoseconds an open-loop start came after its time

  double busy_share() const noexcept { return wall_s > 0 ? busy_s / wall_s : 0; }
  bool was_busy() const noexcept { return busy_share() > 0.95; }
  bool was_the_limit() const noexcept;  // busy > 95%, or p99 lateness > 5 ms
};

}  // namespace breakwater::flood
