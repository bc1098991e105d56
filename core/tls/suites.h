// What each cipher suite stands for.
#pragma once

#include <cstdint>

#include "core/batch/signing_key.h"
#include "core/port/aead.h"
#include "core/tls/hash.h"
#include "core/tls/registry.h"

namespace breakwater::tls {

struct SuiteInfo {
  CipherSuite suite;
  ProtocolVersion version;
  port::Aead aead;
  HashKind hash;
  batch::KeyType key_type;  // TLS 1.2: the kind of certificate key; TLS 1.3 suites do not say
};

inline constexpr SuiteInfo kSuites[] = {
    {CipherSuite::Aes128GcmSha256, ProtocolVersion::Tls13, port::Aead::Aes128Gcm, HashKind::Sha256, {}},
    {CipherSuite::Aes256GcmSha384, ProtocolVersion::Tls13, port::Aead::Aes256Gcm, HashKind::Sha384, {}},
    {CipherSuite::ChaCha20Poly1305Sha256, ProtocolVersion::Tls13, port::Aead::ChaCha20Poly1305, HashKind::Sha256, {}},
    {CipherSuite::EcdheEcdsaAes128GcmSha256, ProtocolVersion::Tls12, port::Aead::Aes128Gcm, HashKind::Sha256,
     batch::KeyType::EcdsaP256},
    {CipherSuite::EcdheEcdsaAes256GcmSha384, ProtocolVersion::Tls12, port::Aead::Aes256Gcm, HashKind::Sha384,
     batch::KeyType::EcdsaP256},
    {CipherSuite::EcdheEcdsaChaCha20Poly1305Sha256, ProtocolVersion::Tls12, port::Aead::ChaCha20Poly1305,
     HashKind::Sha256, batch::KeyType::EcdsaP256},
    {CipherSuite::EcdheRsaAes128GcmSha256, ProtocolVersion::Tls12, port::Aead::Aes128Gcm, HashKind::Sha256,
     batch::KeyType::Rsa},
    {CipherSuite::EcdheRsaAes256GcmSha384, ProtocolVersion::Tls12, port::Aead::Aes256Gcm, HashKind::Sha384,
     batch::KeyType::Rsa},
    {CipherSuite::EcdheRsaChaCha20Poly1305Sha256, ProtocolVersion::Tls12, port::Aead::ChaCha20Poly1305,
     HashKind::Sha256, batch::KeyType::Rsa},
};

// Null for a suite that we do not know.
constexpr const SuiteInfo* find_suite(CipherSuite suite) noexcept {
  for (const SuiteInfo& info : kSuites) {
    if (info.suite == suite) return &info;
  }
  return nullptr;
}

// The hash a signature scheme signs with.
constexpr HashKind scheme_hash(SignatureScheme scheme) noexcept {
  switch (scheme) {
    case SignatureScheme::RsaPkcs1Sha384:
    case SignatureScheme::RsaPssRsaeSha384:
      return HashKind::Sha384;
    case SignatureScheme::RsaPkcs1Sha512:
    case SignatureScheme::RsaPssRsaeSha512:
      return HashKind::Sha512;
    default:
      return HashKind::Sha256;
  }
}

}  // namespace breakwater::tls
