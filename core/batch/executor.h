// Runs single jobs, for tests and for hosts that have one at a time; the batcher (batcher.h) runs many. Both give the
// same results.
// Runs on the thread that owns the connection; never sleeps or allocates on its own account.
#pragma once

#include "core/batch/job.h"
#include "core/crypto/implementation.h"
#include "core/port/entropy.h"

namespace breakwater::batch {

// Runs one pending job to its end: status becomes Done, Refused or Failed.
// random gives fresh scalars, and the bytes that hedge the ECDSA nonce. arithmetic is one that this CPU can run. RSA is
// the host's signer's.
void run(Job& job, const Entropy& random, const crypto::Implementation& arithmetic = crypto::kPortable) noexcept;

}  // namespace breakwater::batch
