// RSA keys from libcrypto's form into that of core/crypto.
#pragma once

#include <string>

#include "core/crypto/rsa_private_key.h"
#include "library/src/openssl_handles.h"

namespace breakwater {

enum class RsaKeyUse {
  Ours,       // loaded
  Libcrypto,  // good for all we know, but not of the kind that core/crypto computes with: libcrypto must sign
  Refused,    // its numbers contradict each other: nothing may be signed with it
};

// Libcrypto: other sizes than 2048, 3072 and 4096 bits, more than two primes, primes of unequal size, a public exponent
// of more than 32 bits, a key without its primes. `why` says why a key is not ours, without a full stop; otherwise it
// is empty. loaded is empty unless the key is ours. Takes some milliseconds.
RsaKeyUse load_rsa_key(const EVP_PKEY* key, crypto::RsaPrivateKey& loaded, std::string& why);

}  // namespace breakwater
