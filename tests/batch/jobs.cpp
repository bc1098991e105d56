#include "tests/batch/jobs.h"

#include "core/crypto/p256.h"
#include "core/crypto/x25519.h"

namespace breakwater::test {
namespace {

Bytes public_key(Group group, Stream& random) {
  Bytes key(batch::public_key_size(group));
  Bytes32 scalar;
  random.fill(scalar);
  scalar[0] &= 0x7f;  // below the order of P-256
  if (group == Group::X25519) {
    crypto::x25519_public_key(key.data(), scalar.data());
  } else if (!crypto::p256_public_key(key.data(), scalar.data())) {
    std::abort();
  }
  return key;
}

}  // namespace

std::vector<const crypto::Implementation*> implementations() {
  const auto list = crypto::implementations_for(crypto::detect_cpu());
  std::vector<const crypto::Implementation*> all(list.begin(), list.end());
  all.push_back(&crypto::kEmulated);
  return all;
}

Specimen::Specimen(Operation operation, Stream& random) {
  job.status = JobStatus::Pending;
  job.private_key = private_key.data();
  job.output = output;
  switch (operation) {
    case Operation::X25519KeyPair:
    case Operation::P256KeyPair:
      job.kind = JobKind::KeyPair;
      job.group = operation == Operation::X25519KeyPair ? Group::X25519 : Group::Secp256r1;
      break;
    case Operation::X25519Agreement:
    case Operation::P256Agreement:
      job.kind = JobKind::KeyAgreement;
      job.group = operation == Operation::X25519Agreement ? Group::X25519 : Group::Secp256r1;
      random.fill(private_key);
      private_key[0] &= 0x7f;
      input = public_key(job.group, random);
      break;
    case Operation::EcdsaSignature:
      job.kind = JobKind::Signature;
      job.scheme = SignatureScheme::EcdsaSecp256r1Sha256;
      random.fill(key.scalar);
      key.scalar[0] &= 0x7f;
      job.key = &key;
      input.resize(32);
      random.fill(input);
      break;
    case Operation::Rsa2048Signature:
    case Operation::Rsa3072Signature:
    case Operation::Rsa4096Signature:
    case Operation::HostSignature:
      job.kind = JobKind::Signature;
      job.scheme = SignatureScheme::RsaPssRsaeSha256;
      key.type = batch::KeyType::Rsa;
      job.key = &key;
      input.resize(32);
      random.fill(input);
      break;
  }
  job.input = input;
}

}  // namespace breakwater::test
