#include "core/batch/tuning.h"

#include "core/batch/run.h"

namespace breakwater::batch {

namespace {

using crypto::kLanes;

std::uint8_t least_count_for_lanes(const Cost& cost) noexcept {
  if (cost.full_run == 0) return kNeverInLanes;
  for (std::uint8_t count = 1; count <= kLanes; ++count) {
    const std::uint32_t run = count <= kLanes / 2 ? cost.half_run : cost.full_run;
    if (run <= std::uint64_t{cost.alone} * count) return count;
  }
  return kNeverInLanes;
}

// By Operation.
constexpr std::array<Cost, kOperations> kDefaults{{
    {35'000, 45'000, 45'000},           // X25519KeyPair
    {35'000, 70'000, 70'000},           // X25519Agreement
    {15'000, 40'000, 40'000},           // P256KeyPair
    {60'000, 150'000, 150'000},         // P256Agreement
    {25'000, 55'000, 55'000},           // EcdsaSignature
    {600'000, 500'000, 960'000},        // Rsa2048Signature
    {1'700'000, 1'900'000, 3'800'000},  // Rsa3072Signature
    {3'700'000, 3'800'000, 7'600'000},  // Rsa4096Signature
    {2'500'000, 0, 0},                  // HostSignature
}};

}  // namespace

void Tuning::derive() noexcept {
  for (std::size_t i = 0; i < kOperations; ++i) lanes_from[i] = least_count_for_lanes(costs[i]);
}

std::uint64_t Tuning::estimate(Operation operation, std::size_t count) const noexcept {
  const Cost& each = cost(operation);
  const std::size_t rest = count % kLanes;
  const std::uint64_t eight = from(operation) > kLanes ? std::uint64_t{each.alone} * kLanes : each.full_run;
  std::uint64_t partial = std::uint64_t{each.alone} * rest;
  if (rest >= from(operation)) partial = rest <= kLanes / 2 ? each.half_run : each.full_run;
  return eight * (count / kLanes) + partial;
}

Tuning default_tuning(const crypto::Implementation& arithmetic) noexcept {
  Tuning tuning;
  tuning.costs = kDefaults;
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (!has_lanes(arithmetic, static_cast<Operation>(i))) tuning.costs[i].half_run = tuning.costs[i].full_run = 0;
  }
  tuning.derive();
  return tuning;
}

}  // namespace breakwater::batch
