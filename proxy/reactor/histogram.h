// How often a value fell into which of a few fixed ranges. One thread writes, any thread may read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "proxy/reactor/counters.h"

namespace breakwater::proxy {

// What a histogram holds at one time: counts[i] for values up to the i-th bound and above the one before it; the last
// is for what is above all bounds. Values and their sum are in the unit of the bounds.
template <std::size_t kBounds>
struct HistogramCounts {
  std::array<std::uint64_t, kBounds + 1> counts{};
  std::uint64_t sum = 0;

  std::uint64_t total() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts) all += count;
    return all;
  }
  HistogramCounts& operator+=(const HistogramCounts& other) noexcept {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
    return *this;
  }
};

// Bounds ascend; each belongs to the range that it ends.
template <std::size_t kBounds>
class Histogram {
 public:
  explicit constexpr Histogram(const std::array<std::uint64_t, kBounds>& bounds) noexcept : bounds_(bounds) {}

  void note(std::uint64_t value) noexcept {
    std::size_t i = 0;
    while (i < kBounds && value > bounds_[i]) ++i;
    counts_[i].add();
    sum_.add(value);
  }

  HistogramCounts<kBounds> read() const noexcept {
    HistogramCounts<kBounds> result;
    for (std::size_t i = 0; i <= kBounds; ++i) result.counts[i] = counts_[i].get();
    result.sum = sum_.get();
    return result;
  }

 private:
  const std::array<std::uint64_t, kBounds>& bounds_;
  std::array<Counter, kBounds + 1> counts_{};
  Counter sum_;
};

}  // namespace breakwater::proxy
