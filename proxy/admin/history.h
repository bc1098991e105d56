// The last minutes, a point for each second, and rates between two points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "proxy/admin/totals.h"

namespace breakwater::proxy {

// Of the totals, what changes are of interest.
struct Point {
  std::uint64_t at_ms = 0;
  std::uint64_t ecdsa = 0, rsa = 0, resumed = 0;  // handshakes completed
  std::uint64_t failed = 0, wasted = 0;           // handshakes
  std::uint64_t refused = 0;                      // by the guard
  std::uint64_t accepted = 0;                     // connections
  std::uint64_t bytes_in = 0, bytes_out = 0;      // application bytes
  std::uint64_t lane_runs = 0, lanes_filled = 0;
  CpuTime cpu;
  JobWaitCounts job_wait;
  std::uint64_t open = 0, half_open = 0;  // as it was
};
Point point_of(const Totals& totals);

// Per second; CPU in CPUs; 0 where nothing happened.
struct Rates {
  double ecdsa = 0, rsa = 0, resumed = 0, failed = 0, wasted = 0, refused = 0, accepted = 0;
  double bytes_in = 0, bytes_out = 0;
  double cpu_arithmetic = 0, cpu_rest = 0;
  double wait_p50_ms = 0, wait_p99_ms = 0;  // of the jobs that ran in that time
  double batch_fill = 0;                    // share of lanes that were filled, of the lane runs
};
Rates rates_between(const Point& from, const Point& to);

// The value below which `share` of what was counted lies, in the unit of the bounds; in between two bounds by
// proportion. At most the last bound.
double quantile(const JobWaitCounts& counts, double share);

class History {
 public:
  static constexpr std::size_t kPoints = 301;  // for five minutes

  void add(const Point& point);
  bool empty() const noexcept { return points_.empty(); }
  const Point& newest() const noexcept { return points_.back(); }
  const std::vector<Point>& points() const noexcept { return points_; }  // the oldest first
  // Over the last seconds, or what there is of them, to the newest point.
  Rates rates(std::size_t seconds) const;

 private:
  std::vector<Point> points_;
};

}  // namespace breakwater::proxy
