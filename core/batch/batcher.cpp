#include "core/batch/batcher.h"

#include "core/batch/run.h"

namespace breakwater::batch {

using crypto::kLanes;

bool Batcher::add(Job& job, const Tools& tools) noexcept {
  if (job.status != JobStatus::Pending) return true;  // never run twice: a key pair is used once
  if (size_ == kCapacity) return false;
  Operation operation;
  if (!examine(job, tools, operation)) return true;
  entries_[size_++] = {&job, operation};
  ++sizes_[index_of(operation)];
  return true;
}

std::uint64_t Batcher::estimate(const Tuning& tuning) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (sizes_[i] != 0) sum += tuning.estimate(static_cast<Operation>(i), sizes_[i]);
  }
  return sum;
}

bool Batcher::has_free_lanes(const Tuning& tuning) const noexcept {
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    const std::size_t rest = sizes_[i] % kLanes;
    if (!is_dear(operation) || rest == 0 || rest < tuning.from(operation)) continue;
    const Cost& cost = tuning.cost(operation);
    if (rest != kLanes / 2 || cost.half_run == cost.full_run) return true;
  }
  return false;
}

void Batcher::run(const Tools& tools, const Tuning& tuning) noexcept {
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (sizes_[i] != 0) run_group(static_cast<Operation>(i), tools, tuning);
    sizes_[i] = 0;
  }
  size_ = 0;
}

void Batcher::run_group(Operation operation, const Tools& tools, const Tuning& tuning) noexcept {
  std::array<Job*, kLanes> jobs;
  std::size_t count = 0;
  std::size_t left = sizes_[index_of(operation)];
  for (std::size_t i = 0; left != 0; ++i) {
    if (entries_[i].operation != operation) continue;
    jobs[count++] = entries_[i].job;
    --left;
    if (count < kLanes && left != 0) continue;
    run_some(std::span(jobs).first(count), operation, tools, tuning);
    count = 0;
  }
}

// At most kLanes.
void Batcher::run_some(std::span<Job* const> jobs, Operation operation, const Tools& tools,
                       const Tuning& tuning) noexcept {
  OperationCount& count = counts_[index_of(operation)];
  if (jobs.size() >= tuning.from(operation) && has_lanes(*tools.arithmetic, operation)) {
    ++count.lane_runs;
    count.lanes_filled += jobs.size();
    ++count.runs_of[jobs.size() - 1];
    return run_in_lanes(jobs, operation, tools);
  }
  count.alone += jobs.size();
  for (Job* const job : jobs) run_alone(*job, operation, tools);
}

std::size_t Batcher::restock(KeyPairStock& stock, tls::Group group, const Tools& tools, const Tuning& tuning) noexcept {
  std::array<Job, kLanes> made;
  std::array<Job*, kLanes> jobs;
  std::size_t count = 0;
  while (count < kLanes && stock.has_room_for(group, count + 1)) {
    Job& job = made[count];
    job.kind = JobKind::KeyPair;
    job.status = JobStatus::Pending;
    job.group = group;
    stock.place(group, count, job.private_key, job.output);
    jobs[count++] = &job;
  }
  if (count == 0) return 0;
  run_some(std::span(jobs).first(count),
           group == tls::Group::X25519 ? Operation::X25519KeyPair : Operation::P256KeyPair, tools, tuning);
  // Pairs are kept in a row: one that failed (randomness is broken) ends it, and those behind it are not used.
  std::size_t good = 0;
  while (good < count && made[good].status == JobStatus::Done) ++good;
  stock.keep(group, good);
  for (std::size_t i = good; i < count; ++i) wipe(made[i].private_key, kPrivateKeySize);
  return good;
}

}  // namespace breakwater::batch
