#include "library/src/job_cost.h"

#include <algorithm>
#include <limits>

#include "core/crypto/rsa_private_key.h"

namespace breakwater {
namespace {

using batch::Operation;

std::uint64_t share_of_run(const batch::Tuning& tuning, Operation operation) noexcept {
  const batch::Cost& cost = tuning.cost(operation);
  return tuning.from(operation) > crypto::kLanes ? cost.alone : cost.full_run / crypto::kLanes;
}

Operation signature_by(const batch::SigningKey& key) noexcept {
  if (key.type == batch::KeyType::EcdsaP256) return Operation::EcdsaSignature;
  return key.rsa != nullptr ? batch::rsa_operation(key.rsa->bits()) : Operation::HostSignature;
}

Operation key_pair_of(tls::Group group) noexcept {
  return group == tls::Group::X25519 ? Operation::X25519KeyPair : Operation::P256KeyPair;
}

Operation agreement_of(tls::Group group) noexcept {
  return group == tls::Group::X25519 ? Operation::X25519Agreement : Operation::P256Agreement;
}

std::uint32_t bounded(std::uint64_t sum) noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Operation operation_of(const batch::Job& job) noexcept {
  switch (job.kind) {
    case batch::JobKind::KeyPair:
      return key_pair_of(job.group);
    case batch::JobKind::KeyAgreement:
      return agreement_of(job.group);
    case batch::JobKind::Signature:
      break;
  }
  return signature_by(*job.key);
}

std::uint32_t cost_of(const batch::Tuning& tuning, std::span<const batch::Job> jobs) noexcept {
  std::uint64_t sum = 0;
  for (const batch::Job& job : jobs) {
    if (job.status == batch::JobStatus::Pending) sum += share_of_run(tuning, operation_of(job));
  }
  return bounded(sum);
}

std::uint32_t cost_of(const batch::Tuning& tuning, const tls::Proposal& proposal) noexcept {
  if (proposal.lacks_share) return 0;
  std::uint64_t sum = 0;
  if (proposal.group != tls::Group::None) {
    sum += share_of_run(tuning, key_pair_of(proposal.group)) + share_of_run(tuning, agreement_of(proposal.group));
  }
  if (proposal.key != nullptr) sum += share_of_run(tuning, signature_by(*proposal.key));
  return bounded(sum);
}

std::uint32_t cost_of_exchange(const batch::Tuning& tuning) noexcept {
  const auto exchange = [&](tls::Group group) {
    return share_of_run(tuning, key_pair_of(group)) + share_of_run(tuning, agreement_of(group));
  };
  return bounded(std::max(exchange(tls::Group::X25519), exchange(tls::Group::Secp256r1)));
}

std::uint32_t cost_of_handshake(const batch::Tuning& tuning, const batch::SigningKey& key) noexcept {
  return bounded(share_of_run(tuning, signature_by(key)) + std::uint64_t{cost_of_exchange(tuning)});
}

}  // namespace breakwater
