// A server's long-term private key, as those who run Signature jobs see it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/tls/registry.h"

namespace breakwater::crypto {
class RsaPrivateKey;
}

namespace breakwater::batch {

enum class KeyType : std::uint8_t { EcdsaP256, Rsa };

struct SigningKey {
  KeyType type = KeyType::EcdsaP256;

  // EcdsaP256: the secret scalar, big endian, 1 <= scalar < n (checked when the key is loaded).
  std::uint8_t scalar[32] = {};

  // Rsa: the key for our own arithmetic, and a number other than 0 that no other key of the process has, by which a
  // thread finds the blinding it keeps for it. Null: the key is the host's to sign with.
  const crypto::RsaPrivateKey* rsa = nullptr;
  std::uint64_t id = 0;

  // Rsa, where `rsa` is null or the arithmetic has none: the host's signer. Writes at most out.size() bytes and returns
  // how many, 0 on failure.
  std::size_t (*sign)(const SigningKey& key, tls::SignatureScheme scheme, ConstBytes digest,
                      MutableBytes out) noexcept = nullptr;
  const void* host_key = nullptr;  // owned by the host's configuration snapshot
};

}  // namespace breakwater::batch
