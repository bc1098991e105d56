// RSA signatures by our own arithmetic.
#include <array>

#include "core/batch/rsa_workspace.h"
#include "core/batch/run.h"
#include "core/crypto/rsa_padding.h"

namespace breakwater::batch {

namespace {

using crypto::kLanes;

// The message representative goes where the signature will be.
bool prepare(const Job& job, const Tools& tools, crypto::RsaSignRequest& request) noexcept {
  const MutableBytes out = job.output.first(job.key->rsa->size());
  // examine() lets no other scheme through.
  if (!crypto::rsa_encode(*rsa_scheme(job.scheme), job.input, out, tools.random)) return false;
  request = {out.data(), job.key->rsa, out.data(), &tools.rsa->blinding_of(job.key->id), false};
  return true;
}

void settle(Job& job, const crypto::RsaSignRequest& request) noexcept {
  if (request.done) {
    finish(job, job.key->rsa->size());
  } else {
    job.status = JobStatus::Failed;
  }
}

}  // namespace

void sign_rsa_alone(Job& job, const Tools& tools) noexcept {
  crypto::RsaSignRequest request;
  if (prepare(job, tools, request)) {
    tools.arithmetic->rsa->sign(request, tools.random, tools.rsa->scratch());
  }
  settle(job, request);
}

void sign_rsa_in_lanes(std::span<Job* const> jobs, const Tools& tools) noexcept {
  std::array<crypto::RsaSignRequest, kLanes> requests;
  std::array<Job*, kLanes> prepared;
  std::size_t count = 0;
  for (Job* const job : jobs) {
    if (prepare(*job, tools, requests[count])) {
      prepared[count++] = job;
    } else {
      job->status = JobStatus::Failed;
    }
  }
  if (count == 0) return;
  tools.arithmetic->rsa_lanes->sign(std::span(requests).first(count), tools.random, tools.rsa->scratch());
  for (std::size_t i = 0; i < count; ++i) settle(*prepared[i], requests[i]);
}

}  // namespace breakwater::batch
