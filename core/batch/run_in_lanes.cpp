#include <array>

#include "core/batch/run.h"
#include "core/crypto/p256.h"

namespace breakwater::batch {

namespace {

using crypto::kLanes;

template <class Lane>
using Lanes = std::array<Lane, kLanes>;

// Draws the scalars; keeps the jobs that got one, in their order. Returns how many.
std::size_t draw_private_keys(std::span<Job* const> jobs, std::array<Job*, kLanes>& drawn,
                              const Entropy& random) noexcept {
  std::size_t count = 0;
  for (Job* const job : jobs) {
    if (draw_private_key(*job, random)) {
      drawn[count++] = job;
    } else {
      job->status = JobStatus::Failed;
    }
  }
  return count;
}

void make_x25519_key_pairs(std::span<Job* const> jobs, const Tools& tools) noexcept {
  std::array<Job*, kLanes> drawn;
  Lanes<crypto::X25519PublicKeyLane> lanes;
  const std::size_t count = draw_private_keys(jobs, drawn, tools.random);
  if (count == 0) return;
  for (std::size_t i = 0; i < count; ++i) lanes[i] = {drawn[i]->output.data(), drawn[i]->private_key};
  tools.arithmetic->x25519_lanes->public_keys(std::span(lanes).first(count));
  for (std::size_t i = 0; i < count; ++i) finish(*drawn[i], public_key_size(tls::Group::X25519));
}

void make_p256_key_pairs(std::span<Job* const> jobs, const Tools& tools) noexcept {
  std::array<Job*, kLanes> drawn;
  Lanes<crypto::P256PublicKeyLane> lanes;
  const std::size_t count = draw_private_keys(jobs, drawn, tools.random);
  if (count == 0) return;
  for (std::size_t i = 0; i < count; ++i) lanes[i] = {drawn[i]->output.data(), drawn[i]->private_key};
  tools.arithmetic->p256_lanes->public_keys(std::span(lanes).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    if (lanes[i].done) {
      finish(*drawn[i], public_key_size(tls::Group::Secp256r1));
    } else {
      wipe(drawn[i]->private_key, kPrivateKeySize);
      drawn[i]->status = JobStatus::Failed;
    }
  }
}

// Lane is a request of one curve's shared_secrets.
template <class Lane>
void agree(std::span<Job* const> jobs, void (*shared_secrets)(std::span<Lane>) noexcept) noexcept {
  Lanes<Lane> lanes;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    lanes[i] = {jobs[i]->output.data(), jobs[i]->private_key, jobs[i]->input.data()};
  }
  shared_secrets(std::span(lanes).first(jobs.size()));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (lanes[i].done) {
      finish(*jobs[i], kSharedSecretSize);
    } else {
      jobs[i]->status = JobStatus::Refused;
    }
  }
}

void sign_ecdsa(std::span<Job* const> jobs, const Tools& tools) noexcept {
  std::array<std::uint8_t, kHedgeSize * kLanes> hedges;
  std::array<std::array<std::uint8_t, 64>, kLanes> signatures;
  Lanes<crypto::P256SignLane> lanes;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const MutableBytes hedge = MutableBytes(hedges).subspan(kHedgeSize * i, kHedgeSize);
    tools.random.fill(hedge);
    lanes[i] = {signatures[i].data(), jobs[i]->key->scalar, jobs[i]->input.data(), hedge};
  }
  tools.arithmetic->p256_lanes->sign(std::span(lanes).first(jobs.size()));
  wipe(hedges.data(), hedges.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (lanes[i].done) {
      finish(*jobs[i], crypto::ecdsa_signature_to_der(jobs[i]->output.data(), signatures[i].data()));
    } else {
      jobs[i]->status = JobStatus::Failed;  // the key's scalar is out of range
    }
  }
}

}  // namespace

bool has_lanes(const crypto::Implementation& arithmetic, Operation operation) noexcept {
  switch (operation) {
    case Operation::X25519KeyPair:
    case Operation::X25519Agreement:
      return arithmetic.x25519_lanes != nullptr;
    case Operation::P256KeyPair:
    case Operation::P256Agreement:
    case Operation::EcdsaSignature:
      return arithmetic.p256_lanes != nullptr;
    case Operation::Rsa2048Signature:
    case Operation::Rsa3072Signature:
    case Operation::Rsa4096Signature:
      return arithmetic.rsa_lanes != nullptr;
    case Operation::HostSignature:
      break;
  }
  return false;
}

void run_in_lanes(std::span<Job* const> jobs, Operation operation, const Tools& tools) noexcept {
  switch (operation) {
    case Operation::X25519KeyPair:
      return make_x25519_key_pairs(jobs, tools);
    case Operation::X25519Agreement:
      return agree(jobs, tools.arithmetic->x25519_lanes->shared_secrets);
    case Operation::P256KeyPair:
      return make_p256_key_pairs(jobs, tools);
    case Operation::P256Agreement:
      return agree(jobs, tools.arithmetic->p256_lanes->shared_secrets);
    case Operation::EcdsaSignature:
      return sign_ecdsa(jobs, tools);
    case Operation::Rsa2048Signature:
    case Operation::Rsa3072Signature:
    case Operation::Rsa4096Signature:
      return sign_rsa_in_lanes(jobs, tools);
    case Operation::HostSignature:  // has_lanes() says no
      break;
  }
}

}  // namespace breakwater::batch
