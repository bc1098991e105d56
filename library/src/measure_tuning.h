// What the operations cost here: measured at start, in a few milliseconds.
#pragma once

#include <span>

#include "core/batch/signing_key.h"
#include "core/batch/tuning.h"

namespace breakwater {

// Costs of an arithmetic that this CPU can run, and the thresholds that follow. Each operation is measured once in a
// process; what was not measured, and all of it where the clock cannot be used, is batch::default_tuning().
// keys: RSA keys, any; of those with `rsa` set the first of each size serves to measure its signatures (some tens of
// milliseconds for 4096 bits).
batch::Tuning measure_tuning(const crypto::Implementation& arithmetic, std::span<const batch::SigningKey* const> keys);

}  // namespace breakwater
