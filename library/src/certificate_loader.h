// One certificate chain with its key, read from PEM, checked, and encoded as the engine sends it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "breakwater/breakwater.h"
#include "core/batch/signing_key.h"
#include "core/crypto/rsa_private_key.h"
#include "core/tls/registry.h"
#include "library/src/openssl_handles.h"
#include "library/src/rsa_signer.h"

namespace breakwater {

struct LoadedCertificate {
  LoadedCertificate() = default;
  LoadedCertificate(const LoadedCertificate&) = delete;
  LoadedCertificate& operator=(const LoadedCertificate&) = delete;
  ~LoadedCertificate() { wipe(key.scalar, sizeof key.scalar); }

  batch::SigningKey key;
  // Null for ECDSA, both:
  std::unique_ptr<crypto::RsaPrivateKey>
      rsa_key;                                  // what key.rsa points to; null for kinds that core/crypto does not take
  std::unique_ptr<const RsaSigner> rsa_signer;  // what key.host_key points to
  // As tls::Certificate describes them.
  std::vector<std::uint8_t> message_tls12;
  std::vector<std::uint8_t> message_tls13;
  std::vector<tls::SignatureScheme> chain_schemes;
  std::vector<std::string> names;  // lower case, sorted, each once; may be empty
  std::string origin;              // for messages; never empty
};

struct LoadResult {
  std::unique_ptr<LoadedCertificate> certificate;  // null on failure
  std::string error;                               // one line that begins with the origin
};

// number: 1 for the first certificate of a configuration; names it where the options give no origin.
LoadResult load_certificate(const CertificateOptions& options, std::size_t number);

}  // namespace breakwater
