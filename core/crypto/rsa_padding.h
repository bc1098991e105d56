// Message representatives of RSA signatures (RFC 8017 9), from a digest that is ready: the schemes of TLS.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/port/entropy.h"

namespace breakwater::crypto {

enum class RsaScheme : std::uint8_t {
  Pkcs1Sha256,
  Pkcs1Sha384,
  Pkcs1Sha512,
  PssSha256,  // MGF1 with the same hash, a salt as long as the digest (RFC 8446 4.2.3)
  PssSha384,
  PssSha512,
};

// Bytes of the digest that the scheme signs: 32, 48 or 64.
std::size_t rsa_digest_size(RsaScheme scheme) noexcept;

// Fills out, which is as long as the key's modulus (256 bytes and more; the modulus has 8 * out.size() bits), with what
// is to be raised to the private exponent: big endian, below the modulus. random gives the salt of PSS. False, and out
// is wiped, when the digest has not the scheme's size or out has not 256 bytes.
[[nodiscard]] bool rsa_encode(RsaScheme scheme, ConstBytes digest, MutableBytes out, const Entropy& random) noexcept;

}  // namespace breakwater::crypto
