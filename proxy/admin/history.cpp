#include "proxy/admin/history.h"

#include <algorithm>

namespace breakwater::proxy {

Point point_of(const Totals& totals) {
  const auto of_kind = [&totals](HandshakeKind kind) {
    const auto i = static_cast<std::size_t>(kind);
    return totals.handshakes_tls12[i] + totals.handshakes_tls13[i];
  };
  const CounterValues& counters = totals.counters;
  Point point;
  point.at_ms = totals.at_ms;
  point.ecdsa = of_kind(HandshakeKind::Ecdsa);
  point.rsa = of_kind(HandshakeKind::Rsa);
  point.resumed = of_kind(HandshakeKind::Resumed);
  point.failed = counters.handshakes_failed;
  point.wasted = counters.handshakes_wasted;
  point.refused = totals.refusals();
  point.accepted = counters.accepted;
  point.bytes_in = counters.plaintext_in;
  point.bytes_out = counters.plaintext_out;
  point.lane_runs = counters.lane_runs;
  point.lanes_filled = counters.jobs_in_lanes;
  point.cpu = totals.cpu;
  point.job_wait = totals.job_wait;
  point.open = counters.open;
  point.half_open = counters.half_open;
  return point;
}

double quantile(const JobWaitCounts& counts, double share) {
  double left = share * static_cast<double>(counts.total());
  if (left <= 0) return 0;
  double lower = 0;
  for (std::size_t i = 0; i < kJobWaitBounds.size(); ++i) {
    const auto here = static_cast<double>(counts.counts[i]);
    const auto upper = static_cast<double>(kJobWaitBounds[i]);
    if (left <= here) return lower + (upper - lower) * left / here;
    left -= here;
    lower = upper;
  }
  return lower;
}

Rates rates_between(const Point& from, const Point& to) {
  Rates rates;
  if (to.at_ms <= from.at_ms) return rates;
  const double seconds = static_cast<double>(to.at_ms - from.at_ms) / 1000;
  // What is read while it changes may seem to go back.
  const auto difference = [](std::uint64_t before, std::uint64_t after) { return after < before ? 0 : after - before; };
  const auto rate = [&](std::uint64_t Point::*field) {
    return static_cast<double>(difference(from.*field, to.*field)) / seconds;
  };
  rates.ecdsa = rate(&Point::ecdsa);
  rates.rsa = rate(&Point::rsa);
  rates.resumed = rate(&Point::resumed);
  rates.failed = rate(&Point::failed);
  rates.wasted = rate(&Point::wasted);
  rates.refused = rate(&Point::refused);
  rates.accepted = rate(&Point::accepted);
  rates.bytes_in = rate(&Point::bytes_in);
  rates.bytes_out = rate(&Point::bytes_out);
  rates.cpu_arithmetic = static_cast<double>(difference(from.cpu.arithmetic, to.cpu.arithmetic)) / 1e6 / seconds;
  rates.cpu_rest = static_cast<double>(difference(from.cpu.rest, to.cpu.rest)) / 1e6 / seconds;
  JobWaitCounts waits;
  for (std::size_t i = 0; i < waits.counts.size(); ++i) {
    waits.counts[i] = difference(from.job_wait.counts[i], to.job_wait.counts[i]);
  }
  rates.wait_p50_ms = quantile(waits, 0.5) / 1000;
  rates.wait_p99_ms = quantile(waits, 0.99) / 1000;
  const std::uint64_t runs = difference(from.lane_runs, to.lane_runs);
  const std::uint64_t filled = difference(from.lanes_filled, to.lanes_filled);
  if (runs != 0) rates.batch_fill = static_cast<double>(filled) / static_cast<double>(runs * kLanesAtMost);
  return rates;
}

void History::add(const Point& point) {
  if (points_.size() == kPoints) points_.erase(points_.begin());
  points_.push_back(point);
}

Rates History::rates(std::size_t seconds) const {
  if (points_.size() < 2) return {};
  const std::size_t back = std::min(seconds, points_.size() - 1);
  return rates_between(points_[points_.size() - 1 - back], points_.back());
}

}  // namespace breakwater::proxy
