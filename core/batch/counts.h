// What a batcher has done so far.
#pragma once

#include <array>
#include <cstdint>

#include "core/batch/operation.h"
#include "core/crypto/lane_count.h"

namespace breakwater::batch {

struct OperationCount {
  std::uint64_t alone = 0;         // jobs run one by one
  std::uint64_t lane_runs = 0;     // calls of a lane function
  std::uint64_t lanes_filled = 0;  // jobs run in them
  // Calls by how many jobs they had: [0] with one job.
  std::array<std::uint64_t, crypto::kLanes> runs_of = {};
};

using Counts = std::array<OperationCount, kOperations>;  // by Operation

}  // namespace breakwater::batch
