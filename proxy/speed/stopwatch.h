// Times operations.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "proxy/speed/cycles.h"

namespace breakwater::proxy {

// What one call takes.
struct Timing {
  double nanoseconds = 0;
  double cycles = 0;  // as cycle_counter() counts them; 0: not known
};

// So many calls in a row.
template <class Operation>
Timing time_calls(Operation&& operation, std::uint64_t calls) {
  using Clock = std::chrono::steady_clock;
  const CycleCounter& counter = cycle_counter();
  const std::uint64_t first_cycle = counter.read();
  const Clock::time_point start = Clock::now();
  for (std::uint64_t i = 0; i < calls; ++i) operation();
  const Clock::duration spent = Clock::now() - start;
  const auto per_call = [calls](auto amount) { return static_cast<double>(amount) / static_cast<double>(calls); };
  return {.nanoseconds = per_call(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count()),
          .cycles = per_call(counter.read() - first_cycle)};
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
