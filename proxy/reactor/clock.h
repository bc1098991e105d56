// The clocks of the system.
#pragma once

#include <time.h>

#include <cstdint>

namespace breakwater::proxy {

inline std::uint64_t microseconds(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace breakwater::proxy
