#include "core/batch/executor.h"

#include <array>

#include "core/crypto/p256.h"

namespace breakwater::batch {

namespace {

// A random scalar is out of range once in 2^32 (n is that close to 2^256). A second miss in a row already points at a
// broken source; eight in a row do not happen to a working one (2^-256).
constexpr int kMaxScalarTries = 8;

constexpr std::size_t kHedgeSize = 32;

// What every kind of job may use.
struct Tools {
  const Entropy& random;
  const crypto::Implementation& arithmetic;
};

JobStatus finish(Job& job, std::size_t size) noexcept {
  job.output_size = static_cast<std::uint16_t>(size);
  return JobStatus::Done;
}

bool random_p256_scalar(std::uint8_t scalar[kPrivateKeySize], const Entropy& random) noexcept {
  for (int i = 0; i < kMaxScalarTries; ++i) {
    random.fill({scalar, kPrivateKeySize});
    if (crypto::p256_scalar_is_valid(scalar)) return true;
  }
  return false;
}

JobStatus run_key_pair(Job& job, const Tools& tools) noexcept {
  const std::size_t size = public_key_size(job.group);
  if (size == 0 || job.private_key == nullptr || job.output.size() < size) return JobStatus::Failed;
  if (job.group == tls::Group::Secp256r1) {
    if (!random_p256_scalar(job.private_key, tools.random) ||
        !tools.arithmetic.p256->public_key(job.output.data(), job.private_key)) {
      wipe(job.private_key, kPrivateKeySize);
      return JobStatus::Failed;
    }
  } else {
    tools.random.fill({job.private_key, kPrivateKeySize});
    tools.arithmetic.x25519->public_key(job.output.data(), job.private_key);
  }
  return finish(job, size);
}

JobStatus run_key_agreement(Job& job, const crypto::Implementation& arithmetic) noexcept {
  const std::size_t peer_size = public_key_size(job.group);
  if (peer_size == 0 || job.private_key == nullptr || job.output.size() < kSharedSecretSize) return JobStatus::Failed;
  if (job.input.size() != peer_size) return JobStatus::Refused;  // the peer's key share has the wrong length
  if (job.group == tls::Group::Secp256r1) {
    // An invalid scalar is ours; whatever fails after this is the peer's.
    if (!crypto::p256_scalar_is_valid(job.private_key)) return JobStatus::Failed;
    if (!arithmetic.p256->shared_secret(job.output.data(), job.private_key, job.input.data())) {
      return JobStatus::Refused;
    }
  } else if (!arithmetic.x25519->shared_secret(job.output.data(), job.private_key, job.input.data())) {
    return JobStatus::Refused;
  }
  return finish(job, kSharedSecretSize);
}

JobStatus sign_ecdsa(Job& job, const Tools& tools) noexcept {
  // The size of a DER signature varies; asking for room for the largest makes success independent of the nonce.
  if (job.scheme != tls::SignatureScheme::EcdsaSecp256r1Sha256 || job.input.size() != 32 ||
      job.output.size() < crypto::kMaxEcdsaDerSize) {
    return JobStatus::Failed;
  }
  std::array<std::uint8_t, kHedgeSize> hedge;
  tools.random.fill(hedge);
  std::array<std::uint8_t, 64> signature;
  const bool is_signed = tools.arithmetic.p256->sign(signature.data(), job.key->scalar, job.input.data(), hedge);
  wipe(hedge.data(), hedge.size());
  if (!is_signed) return JobStatus::Failed;  // the key's scalar is out of range
  return finish(job, crypto::ecdsa_signature_to_der(job.output.data(), signature.data()));
}

// The size of the digest a scheme signs, 0 for schemes that are not RSA's.
std::size_t rsa_digest_size(tls::SignatureScheme scheme) noexcept {
  switch (scheme) {
    case tls::SignatureScheme::RsaPkcs1Sha256:
    case tls::SignatureScheme::RsaPssRsaeSha256:
      return 32;
    case tls::SignatureScheme::RsaPkcs1Sha384:
    case tls::SignatureScheme::RsaPssRsaeSha384:
      return 48;
    case tls::SignatureScheme::RsaPkcs1Sha512:
    case tls::SignatureScheme::RsaPssRsaeSha512:
      return 64;
    default:
      return 0;
  }
}

JobStatus sign_rsa(Job& job) noexcept {
  const std::size_t digest_size = rsa_digest_size(job.scheme);
  if (digest_size == 0 || job.input.size() != digest_size || job.key->sign == nullptr) return JobStatus::Failed;
  const MutableBytes out =
      job.output.first(job.output.size() < kMaxSignatureSize ? job.output.size() : kMaxSignatureSize);
  const std::size_t size = job.key->sign(*job.key, job.scheme, job.input, out);
  if (size == 0 || size > out.size()) return JobStatus::Failed;
  return finish(job, size);
}

JobStatus run_signature(Job& job, const Tools& tools) noexcept {
  if (job.key == nullptr) return JobStatus::Failed;
  switch (job.key->type) {
    case KeyType::EcdsaP256:
      return sign_ecdsa(job, tools);
    case KeyType::Rsa:
      return sign_rsa(job);
  }
  return JobStatus::Failed;
}

JobStatus run_kind(Job& job, const Tools& tools) noexcept {
  switch (job.kind) {
    case JobKind::KeyPair:
      return run_key_pair(job, tools);
    case JobKind::KeyAgreement:
      return run_key_agreement(job, tools.arithmetic);
    case JobKind::Signature:
      return run_signature(job, tools);
  }
  return JobStatus::Failed;
}

}  // namespace

void run(Job& job, const Entropy& random, const crypto::Implementation& arithmetic) noexcept {
  if (job.status != JobStatus::Pending) return;  // never run twice: a key pair is used once
  job.output_size = 0;
  job.status = run_kind(job, {random, arithmetic});
}

}  // namespace breakwater::batch
