#include "flood/report/histogram.h"

#include <algorithm>
#include <cmath>

namespace breakwater::flood {

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::quantile(double quantile) const noexcept {
  if (count_ == 0) return 0;
  // 0.07 * 100 is a little more than 7 in binary, and means 7.
  const double wanted = std::ceil(quantile * static_cast<double>(count_) * (1 - 1e-12));
  if (!(wanted > 1)) return min_;  // the smallest is known exactly; NaN too ends here
  if (wanted >= static_cast<double>(count_)) return max_;
  const auto rank = static_cast<std::uint64_t>(wanted);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(upper_end(i), max_);
  }
  return max_;
}

std::uint64_t Histogram::upper_end(std::size_t bucket) noexcept {
  if (bucket == kBuckets - 1) return ~std::uint64_t{0};  // holds everything that is too large as well
  if (bucket >> (kSubBits + 1) == 0) return bucket;
  const std::size_t shift = (bucket >> kSubBits) - 1;
  const std::uint64_t mantissa = bucket - (shift << kSubBits);
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace breakwater::flood
