#include <array>

#include "core/batch/run.h"
#include "core/crypto/p256.h"

namespace breakwater::batch {

namespace {

// A random scalar is out of range once in 2^32 (n is that close to 2^256). A second miss in a row already points at a
// broken source; eight in a row do not happen to a working one (2^-256).
constexpr int kMaxScalarTries = 8;

void make_key_pair(Job& job, const Tools& tools) noexcept {
  if (!draw_private_key(job, tools.random)) {
    job.status = JobStatus::Failed;
  } else if (job.group == tls::Group::X25519) {
    tools.arithmetic->x25519->public_key(job.output.data(), job.private_key);
    finish(job, public_key_size(job.group));
  } else if (tools.arithmetic->p256->public_key(job.output.data(), job.private_key)) {
    finish(job, public_key_size(job.group));
  } else {
    wipe(job.private_key, kPrivateKeySize);
    job.status = JobStatus::Failed;
  }
}

void agree(Job& job, const crypto::Implementation& arithmetic) noexcept {
  const auto function =
      job.group == tls::Group::X25519 ? arithmetic.x25519->shared_secret : arithmetic.p256->shared_secret;
  if (function(job.output.data(), job.private_key, job.input.data())) {
    finish(job, kSharedSecretSize);
  } else {
    job.status = JobStatus::Refused;
  }
}

void sign_ecdsa(Job& job, const Tools& tools) noexcept {
  std::array<std::uint8_t, kHedgeSize> hedge;
  tools.random.fill(hedge);
  std::array<std::uint8_t, 64> signature;
  const bool is_signed = tools.arithmetic->p256->sign(signature.data(), job.key->scalar, job.input.data(), hedge);
  wipe(hedge.data(), hedge.size());
  if (is_signed) {
    finish(job, crypto::ecdsa_signature_to_der(job.output.data(), signature.data()));
  } else {
    job.status = JobStatus::Failed;  // the key's scalar is out of range
  }
}

void sign_by_host(Job& job) noexcept {
  const MutableBytes out =
      job.output.first(job.output.size() < kMaxSignatureSize ? job.output.size() : kMaxSignatureSize);
  const std::size_t size = job.key->sign(*job.key, job.scheme, job.input, out);
  if (size == 0 || size > out.size()) {
    job.status = JobStatus::Failed;
  } else {
    finish(job, size);
  }
}

}  // namespace

bool draw_private_key(Job& job, const Entropy& random) noexcept {
  for (int i = 0; i < kMaxScalarTries; ++i) {
    random.fill({job.private_key, kPrivateKeySize});
    if (job.group == tls::Group::X25519 || crypto::p256_scalar_is_valid(job.private_key)) return true;
  }
  wipe(job.private_key, kPrivateKeySize);
  return false;
}

void run_alone(Job& job, Operation operation, const Tools& tools) noexcept {
  switch (operation) {
    case Operation::X25519KeyPair:
    case Operation::P256KeyPair:
      return make_key_pair(job, tools);
    case Operation::X25519Agreement:
    case Operation::P256Agreement:
      return agree(job, *tools.arithmetic);
    case Operation::EcdsaSignature:
      return sign_ecdsa(job, tools);
    case Operation::Rsa2048Signature:
    case Operation::Rsa3072Signature:
    case Operation::Rsa4096Signature:
      return sign_rsa_alone(job, tools);
    case Operation::HostSignature:
      return sign_by_host(job);
  }
}

}  // namespace breakwater::batch
