// Which implementation of core/crypto a server runs its jobs with.
#pragma once

#include <span>
#include <string>

#include "breakwater/breakwater.h"
#include "core/crypto/implementation.h"

namespace breakwater {

struct ArithmeticChoice {
  const crypto::Implementation* implementation = nullptr;  // null: see error
  std::string error = {};
  std::string warning = {};  // as Server::warning()
};

// What `wanted` means on such a CPU. Runs the self-test of what it chooses.
ArithmeticChoice choose_arithmetic(Arithmetic wanted, const crypto::CpuFeatures& cpu);

// The first of the list that passes its self-test, with a warning when that is not the first of all.
ArithmeticChoice first_working(std::span<const crypto::Implementation* const> candidates);

}  // namespace breakwater
