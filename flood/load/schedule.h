// When an open loop starts its connections (or requests): number k at begin + k / rate, exactly, however late the ones
// before it were.
#pragma once

#include <cstdint>

#include "flood/load/clock.h"

namespace breakwater::flood {

class Schedule {
 public:
  explicit Schedule(double rate) noexcept : rate_(rate) {}

  void begin(std::uint64_t now) noexcept {
    begin_ = now;
    next_ = 0;
  }

  // The intended time of the next start. Computed from its number, so that rounding does not add up.
  std::uint64_t intended() const noexcept { return begin_ + nanoseconds(static_cast<double>(next_) / rate_); }
  bool due(std::uint64_t now) const noexcept { return intended() <= now; }
  void taken() noexcept { ++next_; }

 private:
  double rate_;
  std::uint64_t begin_ = 0;
  std::uint64_t next_ = 0;
};

// Connections opened no faster than a rate, and nothing caught up with: what could not be opened in time is not owed,
// beyond 10 ms of it, so that a generator that woke late keeps its rate.
class Ramp {
 public:
  explicit Ramp(double rate) noexcept : interval_(rate > 0 ? nanoseconds(1 / rate) : 0) {}

  bool due(std::uint64_t now) const noexcept { return next_ <= now; }
  std::uint64_t next() const noexcept { return next_; }
  void taken(std::uint64_t now) noexcept {
    constexpr std::uint64_t kOwed = 10 * kMillisecond;
    next_ += interval_;
    if (next_ + kOwed < now) next_ = now - kOwed;
  }

 private:
  std::uint64_t interval_;
  std::uint64_t next_ = 0;
};

}  // namespace breakwater::flood
