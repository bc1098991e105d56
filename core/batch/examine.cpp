#include "core/batch/operation.h"
#include "core/batch/run.h"
#include "core/crypto/p256.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::batch {

namespace {

bool stop(Job& job, JobStatus status) noexcept {
  job.status = status;
  return false;
}

bool examine_key_pair(Job& job, Operation& operation) noexcept {
  const std::size_t size = public_key_size(job.group);
  if (size == 0 || job.private_key == nullptr || job.output.size() < size) return stop(job, JobStatus::Failed);
  operation = job.group == tls::Group::Secp256r1 ? Operation::P256KeyPair : Operation::X25519KeyPair;
  return true;
}

bool examine_agreement(Job& job, Operation& operation) noexcept {
  const std::size_t peer_size = public_key_size(job.group);
  if (peer_size == 0 || job.private_key == nullptr || job.output.size() < kSharedSecretSize) {
    return stop(job, JobStatus::Failed);
  }
  if (job.input.size() != peer_size) return stop(job, JobStatus::Refused);
  operation = job.group == tls::Group::Secp256r1 ? Operation::P256Agreement : Operation::X25519Agreement;
  // An invalid scalar is ours; whatever fails after this is the peer's.
  if (operation == Operation::P256Agreement && !crypto::p256_scalar_is_valid(job.private_key)) {
    return stop(job, JobStatus::Failed);
  }
  return true;
}

bool examine_rsa(Job& job, const Tools& tools, Operation& operation) noexcept {
  const std::optional<crypto::RsaScheme> scheme = rsa_scheme(job.scheme);
  if (!scheme || job.input.size() != crypto::rsa_digest_size(*scheme)) return stop(job, JobStatus::Failed);
  const crypto::RsaPrivateKey* const key = job.key->rsa;
  if (key == nullptr || tools.arithmetic->rsa == nullptr || tools.rsa == nullptr) {
    operation = Operation::HostSignature;
    return job.key->sign != nullptr || stop(job, JobStatus::Failed);
  }
  if (!key->is_loaded() || job.output.size() < key->size()) return stop(job, JobStatus::Failed);
  operation = rsa_operation(key->bits());
  return true;
}

bool examine_signature(Job& job, const Tools& tools, Operation& operation) noexcept {
  if (job.key == nullptr) return stop(job, JobStatus::Failed);
  if (job.key->type == KeyType::Rsa) return examine_rsa(job, tools, operation);
  // The size of a DER signature varies; asking for room for the largest makes success independent of the nonce.
  if (job.scheme != tls::SignatureScheme::EcdsaSecp256r1Sha256 || job.input.size() != 32 ||
      job.output.size() < crypto::kMaxEcdsaDerSize) {
    return stop(job, JobStatus::Failed);
  }
  operation = Operation::EcdsaSignature;
  return true;
}

}  // namespace

std::optional<crypto::RsaScheme> rsa_scheme(tls::SignatureScheme scheme) noexcept {
  switch (scheme) {
    case tls::SignatureScheme::RsaPkcs1Sha256:
      return crypto::RsaScheme::Pkcs1Sha256;
    case tls::SignatureScheme::RsaPkcs1Sha384:
      return crypto::RsaScheme::Pkcs1Sha384;
    case tls::SignatureScheme::RsaPkcs1Sha512:
      return crypto::RsaScheme::Pkcs1Sha512;
    case tls::SignatureScheme::RsaPssRsaeSha256:
      return crypto::RsaScheme::PssSha256;
    case tls::SignatureScheme::RsaPssRsaeSha384:
      return crypto::RsaScheme::PssSha384;
    case tls::SignatureScheme::RsaPssRsaeSha512:
      return crypto::RsaScheme::PssSha512;
    default:
      return std::nullopt;
  }
}

Operation rsa_operation(std::size_t bits) noexcept {
  return bits == 2048   ? Operation::Rsa2048Signature
         : bits == 3072 ? Operation::Rsa3072Signature
                        : Operation::Rsa4096Signature;
}

const char* operation_name(Operation operation) noexcept {
  switch (operation) {
    case Operation::X25519KeyPair:
      return "X25519 key pair";
    case Operation::X25519Agreement:
      return "X25519 ECDH";
    case Operation::P256KeyPair:
      return "P-256 key pair";
    case Operation::P256Agreement:
      return "P-256 ECDH";
    case Operation::EcdsaSignature:
      return "P-256 sign";
    case Operation::Rsa2048Signature:
      return "RSA-2048 sign";
    case Operation::Rsa3072Signature:
      return "RSA-3072 sign";
    case Operation::Rsa4096Signature:
      return "RSA-4096 sign";
    case Operation::HostSignature:
      return "RSA sign by the host";
  }
  return "";
}

bool examine(Job& job, const Tools& tools, Operation& operation) noexcept {
  job.output_size = 0;
  switch (job.kind) {
    case JobKind::KeyPair:
      return examine_key_pair(job, operation);
    case JobKind::KeyAgreement:
      return examine_agreement(job, operation);
    case JobKind::Signature:
      return examine_signature(job, tools, operation);
  }
  return stop(job, JobStatus::Failed);
}

}  // namespace breakwater::batch
