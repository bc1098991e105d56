// The operations that wait in a queue of jobs: how many of each, and so how long they will take, by how full their
// lanes will be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/batch/job.h"
#include "core/batch/tuning.h"
#include "library/src/job_cost.h"

namespace breakwater {

class WaitingOperations {
 public:
  // Those of one connection: numbers of batch::Operation; batch::kOperations: none.
  using Own = std::array<std::uint8_t, 2>;
  static constexpr Own kNone{batch::kOperations, batch::kOperations};

  // Its pending jobs, of which there are at most two. Returns what to give to remove().
  Own add(std::span<const batch::Job> jobs) noexcept {
    Own own = kNone;
    std::size_t count = 0;
    for (const batch::Job& job : jobs) {
      if (job.status != batch::JobStatus::Pending || count == own.size()) continue;
      own[count] = static_cast<std::uint8_t>(operation_of(job));
      ++counts_[own[count++]];
    }
    return own;
  }

  void remove(const Own& own) noexcept {
    for (const std::uint8_t operation : own) {
      if (operation != batch::kOperations) --counts_[operation];
    }
  }

  // Until the last one is done, in nanoseconds.
  std::uint64_t time(const batch::Tuning& tuning) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] != 0) sum += tuning.estimate(static_cast<batch::Operation>(i), counts_[i]);
    }
    return sum;
  }

 private:
  std::array<std::uint32_t, batch::kOperations> counts_{};
};

}  // namespace breakwater
