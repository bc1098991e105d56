// A count of clock cycles, from the best source this machine has.
#pragma once

#include <cstdint>
#include <string_view>

namespace breakwater::proxy {

class CycleCounter {
 public:
  CycleCounter() noexcept;
  ~CycleCounter();
  CycleCounter(const CycleCounter&) = delete;
  CycleCounter& operator=(const CycleCounter&) = delete;

  // Cycles so far; only differences mean something. 0 where nothing counts.
  std::uint64_t read() const noexcept;

  // "core": cycles of the core while this thread ran in user space (perf events). "tsc": ticks of the time stamp
  // counter, whose rate is fixed, near the CPU's base frequency, whatever the core does. "none".
  std::string_view source() const noexcept;

 private:
  int perf_ = -1;
};

// The one of this process.
const CycleCounter& cycle_counter();

}  // namespace breakwater::proxy
