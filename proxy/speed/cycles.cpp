#include "proxy/speed/cycles.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace breakwater::proxy {

// Virtual machines and strict settings of perf_event_paranoid refuse it.
CycleCounter::CycleCounter() noexcept {
  perf_event_attr wanted{};
  wanted.size = sizeof wanted;
  wanted.type = PERF_TYPE_HARDWARE;
  wanted.config = PERF_COUNT_HW_CPU_CYCLES;
  wanted.exclude_kernel = 1;
  wanted.exclude_hv = 1;
  perf_ = static_cast<int>(::syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
}

CycleCounter::~CycleCounter() {
  if (perf_ >= 0) ::close(perf_);
}

std::uint64_t CycleCounter::read() const noexcept {
  std::uint64_t count = 0;
  if (perf_ >= 0) return ::read(perf_, &count, sizeof count) == sizeof count ? count : 0;
#if defined(__x86_64__)
  count = __rdtsc();
#endif
  return count;
}

std::string_view CycleCounter::source() const noexcept {
  if (perf_ >= 0) return "core";
#if defined(__x86_64__)
  return "tsc";
#else
  return "none";
#endif
}

const CycleCounter& cycle_counter() {
  static const CycleCounter counter;
  return counter;
}

}  // namespace breakwater::proxy
