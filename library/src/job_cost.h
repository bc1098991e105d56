// What jobs cost, each operation its share of a full run of lanes where there are lanes. Nanoseconds.
#pragma once

#include <cstdint>
#include <span>

#include "core/batch/job.h"
#include "core/batch/operation.h"
#include "core/batch/tuning.h"
#include "core/tls/judge.h"

namespace breakwater {

// What a job of an engine asks for.
batch::Operation operation_of(const batch::Job& job) noexcept;

std::uint32_t cost_of(const batch::Tuning& tuning, std::span<const batch::Job> jobs) noexcept;

// Of all that a handshake would ask for, a key pair from the stock included.
std::uint32_t cost_of(const batch::Tuning& tuning, const tls::Proposal& proposal) noexcept;

// Of a key pair and a key agreement, with the dearer of our groups.
std::uint32_t cost_of_exchange(const batch::Tuning& tuning) noexcept;

// Of a full handshake with this key and the dearer of our groups.
std::uint32_t cost_of_handshake(const batch::Tuning& tuning, const batch::SigningKey& key) noexcept;

}  // namespace breakwater
