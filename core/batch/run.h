// How examined jobs are run: one alone, or up to eight of one operation in lanes. Both leave the same results: status
// Done, Refused or Failed, and the output. Internal to core/batch.
#pragma once

#include <span>

#include "core/batch/operation.h"
#include "core/batch/tools.h"

namespace breakwater::batch {

// examine() has said that the job is an `operation`.
void run_alone(Job& job, Operation operation, const Tools& tools) noexcept;

// The same for 1 to kLanes jobs at once. What is wrong with one of them changes nothing for the others.
void run_in_lanes(std::span<Job* const> jobs, Operation operation, const Tools& tools) noexcept;

// Whether the arithmetic has lanes for it.
bool has_lanes(const crypto::Implementation& arithmetic, Operation operation) noexcept;

// Steps that both ways share.

inline void finish(Job& job, std::size_t size) noexcept {
  job.output_size = static_cast<std::uint16_t>(size);
  job.status = JobStatus::Done;
}

inline constexpr std::size_t kHedgeSize = 32;

// Fills private_key. False when the source of randomness is broken; nothing is left there then.
bool draw_private_key(Job& job, const Entropy& random) noexcept;

// run_rsa.cpp
void sign_rsa_alone(Job& job, const Tools& tools) noexcept;
void sign_rsa_in_lanes(std::span<Job* const> jobs, const Tools& tools) noexcept;

}  // namespace breakwater::batch
