// What operations cost on this machine, and from how many on they go into lanes.
#pragma once

#include <array>
#include <cstdint>

#include "core/batch/operation.h"
#include "core/crypto/lane_count.h"

namespace breakwater::batch {

// Nanoseconds. A lane run costs the same for one request as for eight, but for RSA, where up to half as many requests
// may share the lanes two by two.
struct Cost {
  std::uint32_t alone = 0;
  std::uint32_t half_run = 0;  // 1 to kLanes / 2 requests in lanes; 0: there are no lanes
  std::uint32_t full_run = 0;  // more than that, up to kLanes
};

inline constexpr std::uint8_t kNeverInLanes = crypto::kLanes + 1;

struct Tuning {
  std::array<Cost, kOperations> costs{};
  // The least number of requests for which a lane run is cheaper than one after the other; kNeverInLanes: none.
  std::array<std::uint8_t, kOperations> lanes_from{};

  Cost& cost(Operation operation) noexcept { return costs[index_of(operation)]; }
  const Cost& cost(Operation operation) const noexcept { return costs[index_of(operation)]; }
  std::uint8_t& from(Operation operation) noexcept { return lanes_from[index_of(operation)]; }
  std::uint8_t from(Operation operation) const noexcept { return lanes_from[index_of(operation)]; }

  // Sets lanes_from by the costs.
  void derive() noexcept;

  // What so many jobs of the operation will take, in nanoseconds.
  std::uint64_t estimate(Operation operation, std::size_t count) const noexcept;
};

// For hosts that do not measure, and for a clock that cannot be used: what one core of an Intel server CPU of 2023
// takes at 2.3 GHz. Only ratios matter much.
Tuning default_tuning(const crypto::Implementation& arithmetic) noexcept;

}  // namespace breakwater::batch
