#include "tests/crypto/dudect.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace breakwater::test {

namespace {

// Cycles of the time stamp counter. Nothing from before or after moves into what is measured.
#if defined(__x86_64__)
std::uint64_t begin() {
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}
std::uint64_t end() {
  unsigned processor = 0;
  const std::uint64_t now = __rdtscp(&processor);
  _mm_lfence();
  return now;
}
#else
std::uint64_t begin() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
std::uint64_t end() { return begin(); }
#endif

// Mean and variance of what was added so far (Welford).
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void add(double value) {
    count += 1;
    const double delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
  double variance_of_mean() const { return squares / (count - 1) / count; }
};

double welch_t(const Moments& left, const Moments& right) {
  if (left.count < 2 || right.count < 2) return 0;
  const double difference = left.mean - right.mean;
  const double variance = left.variance_of_mean() + right.variance_of_mean();
  if (variance > 0) return difference / std::sqrt(variance);
  return difference == 0 ? 0 : std::numeric_limits<double>::infinity();
}

// Measurements are taken and judged in blocks. Within a block the kinds take turns at random, so whatever else changes
// the times from block to block (another frequency, a busy neighbour) is no difference between the kinds; each block's
// median is subtracted to keep it from drowning one.
constexpr std::size_t kBlock = 1'000;
constexpr std::size_t kWarmUp = 10;

// Times beyond these quantiles of a block, both kinds taken together, are left out: interrupts have a long tail, and a
// leak may show in the fast ones only.
constexpr std::array kQuantiles{1.0, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25};

class Series {
 public:
  Series(const TimedOperation& operation, Random& random) : operation_(operation), random_(random) {}

  void measure(std::size_t count) {
    const std::size_t size = operation_.secret_size;
    std::vector<std::uint8_t> secrets((count + kWarmUp) * size), secret(size);
    std::vector<bool> fixed(count + kWarmUp);
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      fixed[i] = (random_.word() >> 32 & 1) != 0;
      operation_.make_secret(std::span(secrets).subspan(i * size, size), fixed[i], random_);
    }
    std::vector<std::uint64_t> times(fixed.size());
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      std::copy_n(secrets.begin() + static_cast<std::ptrdiff_t>(i * size), size, secret.begin());
      const std::uint64_t start = begin();
      operation_.run(secret.data());
      times[i] = end() - start;
    }
    fixed.erase(fixed.begin(), fixed.begin() + kWarmUp);
    times.erase(times.begin(), times.begin() + kWarmUp);
    judge(times, fixed);
  }

  double largest_t() const {
    double largest = 0;
    for (const auto& kinds : moments_) largest = std::max(largest, std::abs(welch_t(kinds[0], kinds[1])));
    return largest;
  }

 private:
  void judge(const std::vector<std::uint64_t>& times, const std::vector<bool>& fixed) {
    std::vector<std::uint64_t> sorted = times;
    std::ranges::sort(sorted);
    const auto quantile = [&](double part) {
      return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
    };
    const auto median = static_cast<double>(quantile(0.5));
    for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
      const std::uint64_t most = quantile(kQuantiles[q]);
      for (std::size_t i = 0; i < times.size(); ++i) {
        if (times[i] <= most) moments_[q][fixed[i] ? 0 : 1].add(static_cast<double>(times[i]) - median);
      }
    }
  }

  const TimedOperation& operation_;
  Random& random_;
  std::array<std::array<Moments, 2>, kQuantiles.size()> moments_{};
};

}  // namespace

double largest_t(const TimedOperation& operation, int measurements, Random& random) {
  Series series(operation, random);
  for (auto left = static_cast<std::size_t>(measurements); left > 0;) {
    const std::size_t count = std::min(left, kBlock);
    series.measure(count);
    left -= count;
  }
  return series.largest_t();
}

bool leaks(const TimedOperation& operation, int measurements, Random& random) {
  constexpr int kSeries = 3;
  for (int i = 0; i < kSeries; ++i) {
    const double t = largest_t(operation, measurements, random);
    std::printf("largest |t| of %d measurements: %.2f\n", measurements, t);
    if (t < kLeakT) return false;
  }
  return true;
}

}  // namespace breakwater::test
