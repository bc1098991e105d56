// Times one operation.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace breakwater::proxy {

// Nanoseconds one call of `operation` takes: the median of five runs of about 40 ms each.
template <class Operation>
double nanoseconds_per_call(Operation&& operation) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kRun = std::chrono::milliseconds(40);
  operation();  // tables and caches
  std::array<double, 5> results{};
  for (double& result : results) {
    std::uint64_t calls = 0;
    std::uint64_t batch = 1;
    const Clock::time_point start = Clock::now();
    Clock::duration spent{};
    do {
      for (std::uint64_t i = 0; i < batch; ++i) operation();
      calls += batch;
      spent = Clock::now() - start;
      if (spent < kRun / 16) batch *= 2;  // so that reading the clock does not count
    } while (spent < kRun);
    result = static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count()) /
             static_cast<double>(calls);
  }
  std::sort(results.begin(), results.end());
  return results[results.size() / 2];
}

}  // namespace breakwater::proxy
