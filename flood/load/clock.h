// The generator's clock: monotonic nanoseconds.
#pragma once

#include <cstdint>
#include <ctime>

namespace breakwater::flood {

inline constexpr std::uint64_t kSecond = 1'000'000'000;
inline constexpr std::uint64_t kMillisecond = 1'000'000;

inline std::uint64_t clock_now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kSecond + static_cast<std::uint64_t>(time.tv_nsec);
}

// Negative durations count as none; anything longer than a century is a century, so that sums never overflow.
inline std::uint64_t nanoseconds(double seconds) noexcept {
  constexpr double kCentury = 3.2e9;
  if (!(seconds > 0)) return 0;
  return static_cast<std::uint64_t>((seconds < kCentury ? seconds : kCentury) * 1e9);
}

}  // namespace breakwater::flood
