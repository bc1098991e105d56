// What running a job may use.
#pragma once

#include "core/crypto/implementation.h"
#include "core/port/entropy.h"

namespace breakwater::batch {

class RsaWorkspace;

struct Tools {
  Entropy random{};  // fresh scalars, the bytes that hedge ECDSA nonces, RSA's salts and blinding
  const crypto::Implementation* arithmetic = nullptr;  // one that this CPU can run; never null when jobs are run
  RsaWorkspace* rsa = nullptr;  // of this thread; null: RSA signatures are left to the host's signer
};

}  // namespace breakwater::batch
