// Self-signed certificates made at the start of a test with libcrypto.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tls/registry.h"
#include "tests/client/primitives.h"

namespace breakwater::test {

struct ServerIdentity {
  std::string name;  // common name and the only subject alternative name
  bool rsa = false;
  Key key;
  Bytes scalar;  // P-256 only
  Bytes der;     // the certificate

  // A certificate_list of this certificate and these others, in each version's encoding (RFC 5246 7.4.2, RFC
  // 8446 4.4.2).
  Bytes message_tls12(const std::vector<Bytes>& others) const;
  Bytes message_tls13(const std::vector<Bytes>& others) const;
};

// P-256 from a fixed scalar, so that runs repeat.
std::unique_ptr<ServerIdentity> make_ecdsa_identity(std::string name, std::uint64_t seed = 7);
// RSA-2048. One key per process serves every caller: making one is slow.
std::unique_ptr<ServerIdentity> make_rsa_identity(std::string name);

// Signs a digest with an RSA key by `scheme`. Empty on failure.
Bytes rsa_sign_digest(EVP_PKEY* key, SignatureScheme scheme, View digest);

}  // namespace breakwater::test
