#include "core/batch/executor.h"

#include "core/batch/run.h"

namespace breakwater::batch {

void run(Job& job, const Entropy& random, const crypto::Implementation& arithmetic) noexcept {
  if (job.status != JobStatus::Pending) return;  // never run twice: a key pair is used once
  const Tools tools{.random = random, .arithmetic = &arithmetic};
  Operation operation;
  if (examine(job, tools, operation)) run_alone(job, operation, tools);
}

}  // namespace breakwater::batch
