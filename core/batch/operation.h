// The kinds of work that jobs ask for, as they are grouped: jobs of one kind may share eight lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/batch/job.h"
#include "core/batch/tools.h"
#include "core/crypto/rsa_padding.h"

namespace breakwater::batch {

// In the order in which a batch runs them: what is cheap does not wait for what is dear.
enum class Operation : std::uint8_t {
  X25519KeyPair,
  X25519Agreement,
  P256KeyPair,
  P256Agreement,
  EcdsaSignature,
  Rsa2048Signature,
  Rsa3072Signature,
  Rsa4096Signature,
  HostSignature,  // by SigningKey::sign, one by one: RSA keys that core/crypto does not take, or has no functions for
};
inline constexpr std::size_t kOperations = 9;

constexpr std::size_t index_of(Operation operation) noexcept { return static_cast<std::size_t>(operation); }

// Whether one of its kind takes long enough to keep others waiting.
constexpr bool is_dear(Operation operation) noexcept { return operation >= Operation::Rsa2048Signature; }

// By the size of the key's modulus: 2048, 3072 or 4096 bits.
Operation rsa_operation(std::size_t bits) noexcept;

// Nothing for schemes that are not RSA's.
std::optional<crypto::RsaScheme> rsa_scheme(tls::SignatureScheme scheme) noexcept;

// "P-256 ECDH", as measurements have it.
const char* operation_name(Operation operation) noexcept;

// What a pending job asks for. Looks at everything in it that is public.
// False: it cannot be done, and its status says so: Failed (ours) or Refused (the peer's key share has a wrong length).
bool examine(Job& job, const Tools& tools, Operation& operation) noexcept;

}  // namespace breakwater::batch
