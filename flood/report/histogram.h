// Latencies in buckets of constant relative width (HDR style): values up to 2^41 ns (36 minutes) with an error of at
// most 1/64, in a fixed table; adding is a few instructions and never allocates.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace breakwater::flood {

class Histogram {
 public:
  void add(std::uint64_t value) noexcept {
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ += value;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  void merge(const Histogram& other) noexcept;
  void clear() noexcept { *this = {}; }

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const noexcept { return max_; }
  double mean() const noexcept { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
  // The smallest value such that at least the share `quantile` (0..1) of all values is not above it; 0 when empty.
  // Exact for values below 128; else the upper end of its bucket, and never above max().
  std::uint64_t quantile(double quantile) const noexcept;

 private:
  static constexpr unsigned kSubBits = 6;  // 64 buckets for each power of two
  static constexpr unsigned kMaxBits = 41;
  static constexpr std::size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value >> kMaxBits != 0) return kBuckets - 1;
    if (value >> (kSubBits + 1) == 0) return static_cast<std::size_t>(value);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - (kSubBits + 1);
    return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_end(std::size_t bucket) noexcept;

  std::array<std::uint64_t, kBuckets> buckets_ = {};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
};

}  // namespace breakwater::flood
