#include "library/src/specimens.h"

#include <span>

#include "core/batch/run.h"

namespace breakwater {

using batch::Job;
using batch::JobKind;
using batch::Operation;

Specimens::Specimens(Operation operation, const batch::SigningKey* key, const batch::Tools& tools)
    : operation_(operation), tools_(tools) {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    Job& job = jobs_[i];
    pointers_[i] = &job;
    job.private_key = private_keys_[i].data();
    job.output = outputs_[i];
    job.group = operation <= Operation::X25519Agreement ? tls::Group::X25519 : tls::Group::Secp256r1;
    job.kind = JobKind::KeyPair;
    if (operation >= Operation::EcdsaSignature) {
      job.kind = JobKind::Signature;
      job.key = key;
      job.scheme = operation == Operation::EcdsaSignature ? tls::SignatureScheme::EcdsaSecp256r1Sha256
                                                          : tls::SignatureScheme::RsaPssRsaeSha256;
      job.input = digest_;
    } else if (operation == Operation::X25519Agreement || operation == Operation::P256Agreement) {
      prepare_agreement(job, peers_[i]);
    }
  }
}

// With the key pair it makes, which is the peer's as well.
void Specimens::prepare_agreement(Job& job, std::array<std::uint8_t, batch::kMaxPublicKeySize>& peer) {
  const MutableBytes output = job.output;
  job.output = peer;
  batch::run_alone(job, job.group == tls::Group::X25519 ? Operation::X25519KeyPair : Operation::P256KeyPair, tools_);
  job.kind = JobKind::KeyAgreement;
  job.input = ConstBytes(peer).first(batch::public_key_size(job.group));
  job.output = output;
}

void Specimens::run_alone() { batch::run_alone(jobs_[0], operation_, tools_); }

void Specimens::run_in_lanes(std::size_t count) {
  batch::run_in_lanes(std::span<Job* const>(pointers_).first(count), operation_, tools_);
}

bool Specimens::are_done(std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i) {
    if (jobs_[i].status != batch::JobStatus::Done) return false;
  }
  return true;
}

}  // namespace breakwater
