// Times one operation.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "proxy/speed/cycles.h"

namespace breakwater::proxy {

// What one call takes.
struct Timing {
  double nanoseconds = 0;
  double cycles = 0;  // as cycle_counter() counts them; 0: not known
};

inline constexpr std::chrono::milliseconds kRun(40);
inline constexpr std::chrono::milliseconds kShortRun(10);  // for rows of which there are many

// The median of five runs of about that long.
template <class Operation>
Timing time_per_call(Operation&& operation, std::chrono::milliseconds run = kRun) {
  using Clock = std::chrono::steady_clock;
  const CycleCounter& counter = cycle_counter();
  operation();  // tables and caches
  std::array<Timing, 5> results{};
  for (Timing& result : results) {
    std::uint64_t calls = 0;
    std::uint64_t batch = 1;
    const std::uint64_t first_cycle = counter.read();
    const Clock::time_point start = Clock::now();
    Clock::duration spent{};
    do {
      for (std::uint64_t i = 0; i < batch; ++i) operation();
      calls += batch;
      spent = Clock::now() - start;
      if (spent < run / 16) batch *= 2;  // so that reading the clock does not count
    } while (spent < run);
    const auto per_call = [calls](auto amount) { return static_cast<double>(amount) / static_cast<double>(calls); };
    result.cycles = per_call(counter.read() - first_cycle);
    result.nanoseconds = per_call(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
  }
  std::sort(results.begin(), results.end(),
            [](const Timing& left, const Timing& right) { return left.nanoseconds < right.nanoseconds; });
  return results[results.size() / 2];
}

}  // namespace breakwater::proxy
