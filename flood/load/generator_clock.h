// How much the generator itself works: time with something to do, and CPU time.
#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "flood/load/clock.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

class GeneratorClock {
 public:
  // Forgets what was.
  void begin(std::uint64_t now) noexcept {
    begin_ = now;
    busy_ = 0;
    usage(begin_user_us_, begin_system_us_);
  }
  void add_busy(std::uint64_t ns) noexcept { busy_ += ns; }

  void read(std::uint64_t now, GeneratorLoad& load) const noexcept {
    double user_us = 0;
    double system_us = 0;
    usage(user_us, system_us);
    load.wall_s = static_cast<double>(now - begin_) / 1e9;
    load.busy_s = static_cast<double>(busy_) / 1e9;
    load.cpu_user_us = user_us - begin_user_us_;
    load.cpu_system_us = system_us - begin_system_us_;
  }

 private:
  static void usage(double& user_us, double& system_us) noexcept {
    rusage used = {};
    getrusage(RUSAGE_THREAD, &used);
    user_us = static_cast<double>(used.ru_utime.tv_sec) * 1e6 + static_cast<double>(used.ru_utime.tv_usec);
    system_us = static_cast<double>(used.ru_stime.tv_sec) * 1e6 + static_cast<double>(used.ru_stime.tv_usec);
  }

  std::uint64_t begin_ = 0;
  std::uint64_t busy_ = 0;
  double begin_user_us_ = 0;
  double begin_system_us_ = 0;
};

}  // namespace breakwater::flood
