// Randomness as an argument: engine calls take an Entropy, so that every run can be replayed.
#pragma once

#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater {

// A source of uniformly random bytes. fill() must not sleep, allocate or fail.
struct Entropy {
  void (*fill_function)(void* context, MutableBytes out) noexcept;
  void* context;

  void fill(MutableBytes out) const noexcept { fill_function(context, out); }
};

}  // namespace breakwater
