// RSA signatures by libcrypto, in the shape batch::SigningKey::sign wants: for keys that core/crypto does not take.
#pragma once

#include <array>
#include <memory>

#include "core/batch/signing_key.h"
#include "library/src/openssl_handles.h"

namespace breakwater {

inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 4096;  // what batch::kMaxSignatureSize has room for

// One RSA key with a context prepared for each scheme, from which every signature starts. Usable from all threads.
class RsaSigner {
 public:
  // Null when libcrypto refuses the key.
  static std::unique_ptr<const RsaSigner> make(EVP_PKEY* key);

  // Makes `key` sign with this signer, which must outlive it.
  void serve(batch::SigningKey& key) const noexcept;

  // As batch::SigningKey::sign. Only signatures that the public key confirms are given out.
  std::size_t sign(tls::SignatureScheme scheme, ConstBytes digest, MutableBytes out) const noexcept;

 private:
  struct Contexts {
    std::size_t digest_size = 0;
    KeyContextHandle signing;
    KeyContextHandle verifying;
  };

  const Contexts* contexts_for(tls::SignatureScheme scheme) const noexcept;

  std::array<Contexts, 6> contexts_;  // by place in the list of schemes; they hold the key
};

}  // namespace breakwater
