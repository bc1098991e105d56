// Where a worker leaves its guard's report for other threads. Copied about once a second on both sides, never on the
// path of a handshake.
#pragma once

#include <mutex>
#include <utility>

#include "proxy/guard/report.h"

namespace breakwater::proxy {

class ReportBoard {
 public:
  void publish(GuardReport report) {
    const std::lock_guard guard(lock_);
    std::swap(report_, report);  // the old one is freed behind the lock, by the caller
  }
  GuardReport read() const {
    const std::lock_guard guard(lock_);
    return report_;
  }

 private:
  mutable std::mutex lock_;
  GuardReport report_;
};

}  // namespace breakwater::proxy
