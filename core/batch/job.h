// The job seam: private-key and key-exchange work leaves the engine as jobs and comes back as results.
// A job lives inside the connection that asked for it; it does not move until it is done.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/batch/signing_key.h"
#include "core/port/bytes.h"
#include "core/tls/registry.h"

namespace breakwater::batch {

enum class JobKind : std::uint8_t {
  KeyPair,       // make an ephemeral key pair of `group`: writes private_key and output (public key)
  KeyAgreement,  // combine private_key with input (the peer's public key): writes output (shared secret)
  Signature,     // sign input (a digest) with `key` by `scheme`: writes output (signature as it goes on the wire)
};

enum class JobStatus : std::uint8_t {
  Idle,     // not asked for
  Pending,  // waiting to run
  Done,     // output holds output_size bytes
  Refused,  // the peer's public key is invalid (off the curve, infinity, all-zero result): the peer is at fault
  Failed,   // our own fault: a verification of our result failed, or the key cannot do it
};

inline constexpr std::size_t kPrivateKeySize = 32;    // P-256 scalar (big endian) or X25519 scalar
inline constexpr std::size_t kMaxPublicKeySize = 65;  // uncompressed P-256 point
inline constexpr std::size_t kSharedSecretSize = 32;
inline constexpr std::size_t kMaxSignatureSize = 512;  // RSA-4096

// Size of a public key on the wire: 65 (0x04 || X || Y, RFC 8446 4.2.8.2) or 32.
constexpr std::size_t public_key_size(tls::Group group) noexcept {
  return group == tls::Group::Secp256r1 ? 65 : group == tls::Group::X25519 ? 32 : 0;
}

struct Job {
  JobKind kind = JobKind::KeyPair;
  JobStatus status = JobStatus::Idle;
  tls::Group group = tls::Group::None;                       // KeyPair, KeyAgreement
  tls::SignatureScheme scheme = tls::SignatureScheme::None;  // Signature
  std::uint16_t output_size = 0;                             // bytes written, set when Done
  const SigningKey* key = nullptr;                           // Signature; outlives the job
  std::uint8_t* private_key = nullptr;  // kPrivateKeySize bytes; KeyPair writes, KeyAgreement reads
  ConstBytes input;                     // KeyAgreement: peer's public key; Signature: digest
  MutableBytes output;                  // room for the result
};

}  // namespace breakwater::batch
