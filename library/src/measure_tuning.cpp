#include "library/src/measure_tuning.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <mutex>
#include <vector>

#include "core/batch/rsa_workspace.h"
#include "core/batch/run.h"
#include "core/crypto/rsa_private_key.h"
#include "library/port/system_entropy.h"
#include "library/src/specimens.h"
#include "library/src/wiped_on_fork.h"

namespace breakwater {
namespace {

using batch::Operation;
using crypto::kLanes;

constexpr std::size_t kCurveSamples = 5;
constexpr std::size_t kRsaSamples = 3;

// Nanoseconds that `run` takes, the median of a few; 0 when the specimens' first `count` jobs have not succeeded.
template <class Run>
std::uint32_t time(const Specimens& specimens, Operation operation, std::size_t count, Run&& run) {
  using Clock = std::chrono::steady_clock;
  const std::size_t samples = batch::is_dear(operation) ? kRsaSamples : kCurveSamples;
  std::array<std::int64_t, kCurveSamples> times{};
  run();  // caches, blinding, and a CPU that has to wake its vector unit
  for (std::size_t i = 0; i < samples; ++i) {
    const Clock::time_point start = Clock::now();
    run();
    times[i] = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
  }
  if (!specimens.are_done(count)) return 0;
  std::sort(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(samples));
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(times[samples / 2], 0, std::numeric_limits<std::uint32_t>::max()));
}

// All zero when the clock stood still or the operation fails even alone.
batch::Cost measure(Operation operation, const batch::SigningKey* key, const batch::Tools& tools) {
  Specimens specimens(operation, key, tools);
  const auto lane_run = [&](std::size_t count) {
    return time(specimens, operation, count, [&] { specimens.run_in_lanes(count); });
  };
  batch::Cost cost;
  cost.alone = time(specimens, operation, 1, [&] { specimens.run_alone(); });
  if (cost.alone == 0) return {};
  if (!batch::has_lanes(*tools.arithmetic, operation)) return cost;
  cost.full_run = lane_run(kLanes);
  cost.half_run = batch::is_dear(operation) ? lane_run(kLanes / 2) : cost.full_run;
  // Lanes that do not do what one alone does are not used (Cost).
  if (cost.full_run == 0 || cost.half_run == 0) cost.full_run = cost.half_run = 0;
  return cost;
}

// What has been measured so far, for each arithmetic. A process has few.
struct Known {
  const crypto::Implementation* arithmetic;
  batch::Tuning tuning;
  std::array<bool, batch::kOperations> is_measured{};
};

Known& known_of(const crypto::Implementation& arithmetic) {
  static std::vector<Known> list;
  for (Known& known : list) {
    if (known.arithmetic == &arithmetic) return known;
  }
  return list.emplace_back(Known{&arithmetic, batch::default_tuning(arithmetic), {}});
}

}  // namespace

batch::Tuning measure_tuning(const crypto::Implementation& arithmetic, std::span<const batch::SigningKey* const> keys) {
  static std::mutex lock;
  const std::lock_guard guard(lock);
  const WipedOnFork<batch::RsaWorkspace> workspace;
  const batch::Tools tools{.random = system_entropy(), .arithmetic = &arithmetic, .rsa = &*workspace};
  Known& known = known_of(arithmetic);
  const auto look_at = [&](Operation operation, const batch::SigningKey* key) {
    bool& is_measured = known.is_measured[batch::index_of(operation)];
    if (is_measured) return;
    is_measured = true;
    const batch::Cost cost = measure(operation, key, tools);
    if (cost.alone != 0) known.tuning.cost(operation) = cost;
  };

  batch::SigningKey ecdsa;
  ecdsa.scalar[0] = 0x5a;  // any will do: the time does not depend on it
  for (std::size_t i = 0; i <= batch::index_of(Operation::EcdsaSignature); ++i) {
    look_at(static_cast<Operation>(i), &ecdsa);
  }
  for (const batch::SigningKey* const key : keys) {
    if (key->rsa == nullptr || arithmetic.rsa == nullptr) continue;
    look_at(batch::rsa_operation(key->rsa->bits()), key);
  }
  known.tuning.derive();
  return known.tuning;
}

}  // namespace breakwater
