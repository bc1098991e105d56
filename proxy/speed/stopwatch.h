// Times operations by the CPU time of this thread: what other programs take of the core does not count.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "proxy/speed/cycles.h"

namespace breakwater::proxy {

// What one call takes.
struct Timing {
  double nanoseconds = 0;  // of CPU time
  double cycles = 0;       // as cycle_counter() counts them; 0: not known
};

inline double thread_nanoseconds() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// So many calls in a row.
template <class Operation>
Timing time_calls(Operation&& operation, std::uint64_t calls) {
  const CycleCounter& counter = cycle_counter();
  const std::uint64_t first_cycle = counter.read();
  const double start = thread_nanoseconds();
  for (std::uint64_t i = 0; i < calls; ++i) operation();
  const double spent = thread_nanoseconds() - start;
  const auto cycles = static_cast<double>(counter.read() - first_cycle);
  const auto count = static_cast<double>(calls);
  return {.nanoseconds = spent / count, .cycles = cycles / count};
}

// How many calls take about that long; at least one. Warms tables and caches by the way.
template <class Operation>
std::uint64_t calls_within(std::chrono::nanoseconds time, Operation&& operation) {
  const auto wanted = static_cast<double>(time.count());
  std::uint64_t calls = 1;
  for (;;) {
    const double spent = std::max(time_calls(operation, calls).nanoseconds, 1.0) * static_cast<double>(calls);
    if (spent > wanted / 4)
      return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(calls) * wanted / spent));
    calls *= 4;
  }
}

}  // namespace breakwater::proxy
