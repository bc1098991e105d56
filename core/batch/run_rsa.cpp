// RSA signatures by our own arithmetic.
#include <array>

#include "core/batch/rsa_workspace.h"
#include "core/batch/run.h"
#include "core/crypto/rsa_padding.h"

namespace breakwater::batch {

namespace {

using crypto::kLanes;

crypto::RsaScheme rsa_scheme(tls::SignatureScheme scheme) noexcept {
  switch (scheme) {
    case tls::SignatureScheme::RsaPkcs1Sha256:
      return crypto::RsaScheme::Pkcs1Sha256;
    case tls::SignatureScheme::RsaPkcs1Sha384:
      return crypto::RsaScheme::Pkcs1Sha384;
    case tls::SignatureScheme::RsaPkcs1Sha512:
      return crypto::RsaScheme::Pkcs1Sha512;
    case tls::SignatureScheme::RsaPssRsaeSha384:
      return crypto::RsaScheme::PssSha384;
    case tls::SignatureScheme::RsaPssRsaeSha512:
      return crypto::RsaScheme::PssSha512;
    default:  // examine() lets nothing else through
      return crypto::RsaScheme::PssSha256;
  }
}

// The message representative goes where the signature will be.
bool prepare(const Job& job, const Tools& tools, crypto::RsaSignRequest& request) noexcept {
  const MutableBytes out = job.output.first(job.key->rsa->size());
  if (!crypto::rsa_encode(rsa_scheme(job.scheme), job.input, out, tools.random)) return false;
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

// How many of the jobs may share a run: no two different keys in one place of the workspace.
std::size_t without_conflict(std::span<Job* const> jobs) noexcept {
  std::array<std::uint64_t, RsaWorkspace::kPlaces> taken{};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::uint64_t& place = taken[RsaWorkspace::place_of(jobs[i]->key->id)];
    if (place != 0 && place != jobs[i]->key->id) return i;
    place = jobs[i]->key->id;
  }
  return jobs.size();
}

void sign_together(std::span<Job* const> jobs, const Tools& tools) noexcept {
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

}  // namespace

void sign_rsa_alone(Job& job, const Tools& tools) noexcept {
  crypto::RsaSignRequest request;
  if (prepare(job, tools, request)) {
    tools.arithmetic->rsa->sign(request, tools.random, tools.rsa->scratch());
  }
  settle(job, request);
}

void sign_rsa_in_lanes(std::span<Job* const> jobs, const Tools& tools) noexcept {
  while (!jobs.empty()) {
    const std::size_t count = without_conflict(jobs);
    sign_together(jobs.first(count), tools);
    jobs = jobs.subspan(count);
  }
}

}  // namespace breakwater::batch
