// Runs the jobs of many connections together: grouped by operation, eight at a time in lanes where the arithmetic has
// them, and what is left over in whichever way is cheaper for that many. One for each core; no locks, no memory of its
// own making. Nothing waits for a batch to fill: what has been added runs when the host says so, at the end of a pass
// of its event loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/batch/counts.h"
#include "core/batch/job.h"
#include "core/batch/key_pair_stock.h"
#include "core/batch/tools.h"
#include "core/batch/tuning.h"

namespace breakwater::batch {

class Batcher {
 public:
  static constexpr std::size_t kCapacity = 192;

  // Takes a job into the batch. Jobs that are not pending are passed over; one that cannot be done has its final status
  // at once. The job stays where it is until run() is back. False: the batch is full, and the job untouched.
  // All of a batch are for the same tools.
  bool add(Job& job, const Tools& tools) noexcept;

  bool empty() const noexcept { return size_ == 0; }

  // What run() would take for the batch as it is, in nanoseconds.
  std::uint64_t estimate(const Tuning& tuning) const noexcept;

  // Whether one more job, of a dear operation that the batch has already, may cost nothing: the last of its lane runs
  // is not full (nor half full, where a half run is cheaper: Cost).
  bool has_free_lanes(const Tuning& tuning) const noexcept;

  // Runs the batch to its end: every job is Done, Refused or Failed, as batch::run would have it. Leaves it empty.
  void run(const Tools& tools, const Tuning& tuning) noexcept;

  // Makes up to eight key pairs, as far as the stock has room. Returns how many there are more now.
  std::size_t restock(KeyPairStock& stock, tls::Group group, const Tools& tools, const Tuning& tuning) noexcept;

  const Counts& counts() const noexcept { return counts_; }

 private:
  void run_group(Operation operation, const Tools& tools, const Tuning& tuning) noexcept;
  void run_some(std::span<Job* const> jobs, Operation operation, const Tools& tools, const Tuning& tuning) noexcept;

  struct Entry {
    Job* job;
    Operation operation;
  };

  std::array<Entry, kCapacity> entries_;
  std::size_t size_ = 0;
  std::array<std::uint8_t, kOperations> sizes_{};  // of the groups
  Counts counts_{};
};

}  // namespace breakwater::batch
