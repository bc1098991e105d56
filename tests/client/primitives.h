// Cryptography of the test client on libcrypto's EVP, with nothing from core/ but names: hashes, HKDF and the labels of
// RFC 8446 7.1, the PRF of RFC 5246 5, AEADs, key exchange, and checking of signatures.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/tls/registry.h"
#include "tests/client/bytes.h"

namespace breakwater::test {

using tls::CipherSuite;
using tls::Group;
using tls::ProtocolVersion;
using tls::SignatureScheme;

enum class Hash { Sha256, Sha384 };
enum class Cipher { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };

inline constexpr std::size_t kTagSize = 16;

constexpr std::size_t hash_size(Hash hash) { return hash == Hash::Sha256 ? 32 : 48; }
constexpr std::size_t key_size(Cipher cipher) { return cipher == Cipher::Aes128Gcm ? 16 : 32; }

struct SuiteFacts {
  CipherSuite suite;
  ProtocolVersion version;
  Hash hash;
  Cipher cipher;
  bool rsa;  // TLS 1.2: authenticated with RSA instead of ECDSA
  const char* name;
};
// Null for a suite that the client does not know.
const SuiteFacts* suite_facts(std::uint16_t suite);
// All nine, TLS 1.3 first.
std::span<const SuiteFacts> all_suites();

Bytes digest(Hash hash, View data);
Bytes hmac(Hash hash, View key, View data);
Bytes hkdf_extract(Hash hash, View salt, View secret);
// HKDF-Expand-Label (RFC 8446 7.1); context is a hash or empty.
Bytes expand_label(Hash hash, View secret, std::string_view label, View context, std::size_t size);
// Derive-Secret with the transcript hash already made.
Bytes derive_secret(Hash hash, View secret, std::string_view label, View transcript_hash);
// PRF (RFC 5246 5).
Bytes prf(Hash hash, View secret, std::string_view label, View seed, std::size_t size);

// ciphertext with the tag behind it
Bytes aead_seal(Cipher cipher, View key, View nonce, View associated_data, View plaintext);
std::optional<Bytes> aead_open(Cipher cipher, View key, View nonce, View associated_data, View ciphertext);

// Deterministic bytes: SHA-256 of the seed and a counter.
class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  Bytes bytes(std::size_t size);
  // Uniform enough for tests: 0 <= result < bound.
  std::size_t below(std::size_t bound);

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

struct KeyPair {
  Group group = Group::None;
  Bytes private_key;  // scalar, 32 bytes
  Bytes public_key;   // as in a key share
};
KeyPair make_key_pair(Group group, Bytes scalar);
// Empty when the peer's key is unusable.
Bytes agree(const KeyPair& pair, View peer);

// Checks a signature over `message` (which is hashed here). False for schemes that do not fit the key.
bool verify_signature(EVP_PKEY* key, SignatureScheme scheme, View message, View signature);
// The public key of a DER certificate; null when it cannot be parsed.
Key certificate_key(View der);

}  // namespace breakwater::test
