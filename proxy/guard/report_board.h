// Where a worker leaves its guard's report for other threads, about once a second and only while somebody reads: making
// one takes memory. Never on the path of a handshake.
#pragma once

#include <atomic>
#include <mutex>
#include <utility>

#include "proxy/guard/report.h"

namespace breakwater::proxy {

class ReportBoard {
 public:
  // Of the worker: whether the last report has been read, or there is none yet.
  bool is_wanted() const noexcept { return wanted_.load(std::memory_order_relaxed); }
  void publish(GuardReport report) {
    wanted_.store(false, std::memory_order_relaxed);
    const std::lock_guard guard(lock_);
    std::swap(report_, report);  // the old one is freed behind the lock, by the caller
  }

  // The last one, which is a second old for those who read once a second, and older for others.
  GuardReport read() const {
    wanted_.store(true, std::memory_order_relaxed);
    const std::lock_guard guard(lock_);
    return report_;
  }

 private:
  mutable std::atomic<bool> wanted_{true};
  mutable std::mutex lock_;
  GuardReport report_;
};

}  // namespace breakwater::proxy
