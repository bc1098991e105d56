#include "tests/client/primitives.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace breakwater::test {
namespace {

constexpr SuiteFacts kSuites[] = {
    {CipherSuite::Aes128GcmSha256, ProtocolVersion::Tls13, Hash::Sha256, Cipher::Aes128Gcm, false, "Aes128Gcm13"},
    {CipherSuite::Aes256GcmSha384, ProtocolVersion::Tls13, Hash::Sha384, Cipher::Aes256Gcm, false, "Aes256Gcm13"},
    {CipherSuite::ChaCha20Poly1305Sha256, ProtocolVersion::Tls13, Hash::Sha256, Cipher::ChaCha20Poly1305, false,
     "ChaCha13"},
    {CipherSuite::EcdheEcdsaAes128GcmSha256, ProtocolVersion::Tls12, Hash::Sha256, Cipher::Aes128Gcm, false,
     "EcdsaAes128Gcm12"},
    {CipherSuite::EcdheEcdsaAes256GcmSha384, ProtocolVersion::Tls12, Hash::Sha384, Cipher::Aes256Gcm, false,
     "EcdsaAes256Gcm12"},
    {CipherSuite::EcdheEcdsaChaCha20Poly1305Sha256, ProtocolVersion::Tls12, Hash::Sha256, Cipher::ChaCha20Poly1305,
     false, "EcdsaChaCha12"},
    {CipherSuite::EcdheRsaAes128GcmSha256, ProtocolVersion::Tls12, Hash::Sha256, Cipher::Aes128Gcm, true,
     "RsaAes128Gcm12"},
    {CipherSuite::EcdheRsaAes256GcmSha384, ProtocolVersion::Tls12, Hash::Sha384, Cipher::Aes256Gcm, true,
     "RsaAes256Gcm12"},
    {CipherSuite::EcdheRsaChaCha20Poly1305Sha256, ProtocolVersion::Tls12, Hash::Sha256, Cipher::ChaCha20Poly1305, true,
     "RsaChaCha12"},
};

// A failure of libcrypto here is a broken test machine, not a result.
void require(bool condition) {
  if (!condition) std::abort();
}

const EVP_MD* evp_hash(Hash hash) { return hash == Hash::Sha256 ? EVP_sha256() : EVP_sha384(); }

const EVP_CIPHER* evp_cipher(Cipher cipher) {
  switch (cipher) {
    case Cipher::Aes128Gcm:
      return EVP_aes_128_gcm();
    case Cipher::Aes256Gcm:
      return EVP_aes_256_gcm();
    case Cipher::ChaCha20Poly1305:
      return EVP_chacha20_poly1305();
  }
  std::abort();
}

Key p256_key(View public_point, View scalar) {
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  BIGNUM* number = nullptr;
  require(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
  require(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, public_point.data(),
                                           public_point.size()) == 1);
  if (!scalar.empty()) {
    number = BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr);
    require(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
  }
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  const bool good =
      EVP_PKEY_fromdata_init(context) == 1 &&
      EVP_PKEY_fromdata(context, &key, scalar.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, parameters) == 1;
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  ERR_clear_error();
  return Key(good ? key : nullptr);
}

}  // namespace

std::span<const SuiteFacts> all_suites() { return kSuites; }

const SuiteFacts* suite_facts(std::uint16_t suite) {
  for (const SuiteFacts& facts : kSuites) {
    if (static_cast<std::uint16_t>(facts.suite) == suite) return &facts;
  }
  return nullptr;
}

Bytes digest(Hash hash, View data) {
  Bytes out(hash_size(hash));
  require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, evp_hash(hash), nullptr) == 1);
  return out;
}

Bytes hmac(Hash hash, View key, View data) {
  static constexpr std::uint8_t kNothing = 0;
  Bytes out(hash_size(hash));
  unsigned size = 0;
  require(HMAC(evp_hash(hash), key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()), data.data(),
               data.size(), out.data(), &size) != nullptr);
  return out;
}

Bytes hkdf_extract(Hash hash, View salt, View secret) { return hmac(hash, salt, secret); }

Bytes expand_label(Hash hash, View secret, std::string_view label, View context, std::size_t size) {
  const Bytes info = Writer().u16(size).vector(1, to_bytes("tls13 " + std::string(label))).vector(1, context).bytes();
  Bytes out;
  Bytes block;
  for (std::size_t counter = 1; out.size() < size; ++counter) {
    block = hmac(hash, secret, Writer().raw(block).raw(info).u8(counter).bytes());
    append(out, block);
  }
  out.resize(size);
  return out;
}

Bytes derive_secret(Hash hash, View secret, std::string_view label, View transcript_hash) {
  return expand_label(hash, secret, label, transcript_hash, hash_size(hash));
}

Bytes prf(Hash hash, View secret, std::string_view label, View seed, std::size_t size) {
  const Bytes full_seed = Writer().raw(view_of(label)).raw(seed).bytes();
  Bytes out;
  Bytes chain = full_seed;
  while (out.size() < size) {
    chain = hmac(hash, secret, chain);
    append(out, hmac(hash, secret, Writer().raw(chain).raw(full_seed).bytes()));
  }
  out.resize(size);
  return out;
}

Bytes aead_seal(Cipher cipher, View key, View nonce, View associated_data, View plaintext) {
  Bytes out(plaintext.size() + kTagSize);
  int size = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  require(EVP_EncryptInit_ex(context, evp_cipher(cipher), nullptr, key.data(), nonce.data()) == 1);
  require(EVP_EncryptUpdate(context, nullptr, &size, associated_data.data(),
                            static_cast<int>(associated_data.size())) == 1);
  if (!plaintext.empty()) {
    require(EVP_EncryptUpdate(context, out.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())) == 1);
  }
  require(EVP_EncryptFinal_ex(context, out.data() + plaintext.size(), &size) == 1);
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, out.data() + plaintext.size()) == 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

std::optional<Bytes> aead_open(Cipher cipher, View key, View nonce, View associated_data, View ciphertext) {
  if (ciphertext.size() < kTagSize) return std::nullopt;
  const View body = ciphertext.first(ciphertext.size() - kTagSize);
  Bytes tag = to_bytes(ciphertext.last(kTagSize));
  Bytes out(body.size());
  int size = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  require(EVP_DecryptInit_ex(context, evp_cipher(cipher), nullptr, key.data(), nonce.data()) == 1);
  require(EVP_DecryptUpdate(context, nullptr, &size, associated_data.data(),
                            static_cast<int>(associated_data.size())) == 1);
  if (!body.empty()) {
    require(EVP_DecryptUpdate(context, out.data(), &size, body.data(), static_cast<int>(body.size())) == 1);
  }
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
  std::uint8_t rest[kTagSize];
  const bool good = EVP_DecryptFinal_ex(context, rest, &size) == 1;
  EVP_CIPHER_CTX_free(context);
  ERR_clear_error();
  if (!good) return std::nullopt;
  return out;
}

Bytes Random::bytes(std::size_t size) {
  Bytes out;
  while (out.size() < size) append(out, digest(Hash::Sha256, Writer().u64(seed_).u64(counter_++).bytes()));
  out.resize(size);
  return out;
}

std::size_t Random::below(std::size_t bound) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes(8)) value = value << 8 | byte;
  return static_cast<std::size_t>(value % bound);
}

KeyPair make_key_pair(Group group, Bytes scalar) {
  KeyPair pair{group, std::move(scalar), {}};
  if (group == Group::X25519) {
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, pair.private_key.data(), 32));
    require(key != nullptr);
    std::size_t size = 32;
    pair.public_key.resize(size);
    require(EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.data(), &size) == 1);
    return pair;
  }
  pair.private_key[0] &= 0x7F;   // below the order
  pair.private_key[31] |= 0x01;  // not zero
  EC_GROUP* curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  EC_POINT* point = EC_POINT_new(curve);
  BIGNUM* scalar_number = BN_bin2bn(pair.private_key.data(), 32, nullptr);
  require(EC_POINT_mul(curve, point, scalar_number, nullptr, nullptr, nullptr) == 1);
  pair.public_key.resize(65);
  require(EC_POINT_point2oct(curve, point, POINT_CONVERSION_UNCOMPRESSED, pair.public_key.data(), 65, nullptr) == 65);
  BN_free(scalar_number);
  EC_POINT_free(point);
  EC_GROUP_free(curve);
  return pair;
}

Bytes agree(const KeyPair& pair, View peer) {
  Key own;
  Key other;
  if (pair.group == Group::X25519) {
    if (peer.size() != 32) return {};
    own.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, pair.private_key.data(), 32));
    other.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  } else {
    if (peer.size() != 65 || peer[0] != 4) return {};
    own = p256_key(pair.public_key, pair.private_key);
    other = p256_key(peer, {});
  }
  if (!own || !other) return {};
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(own.get(), nullptr);
  Bytes shared(32);
  std::size_t size = shared.size();
  const bool good = EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, other.get()) == 1 &&
                    EVP_PKEY_derive(context, shared.data(), &size) == 1;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return good ? shared : Bytes{};
}

bool verify_signature(EVP_PKEY* key, SignatureScheme scheme, View message, View signature) {
  const EVP_MD* hash = nullptr;
  bool rsa = true;
  bool pss = false;
  switch (scheme) {
    case SignatureScheme::EcdsaSecp256r1Sha256:
      rsa = false;
      hash = EVP_sha256();
      break;
    case SignatureScheme::RsaPssRsaeSha256:
      pss = true;
      [[fallthrough]];
    case SignatureScheme::RsaPkcs1Sha256:
      hash = EVP_sha256();
      break;
    case SignatureScheme::RsaPssRsaeSha384:
      pss = true;
      [[fallthrough]];
    case SignatureScheme::RsaPkcs1Sha384:
      hash = EVP_sha384();
      break;
    case SignatureScheme::RsaPssRsaeSha512:
      pss = true;
      [[fallthrough]];
    case SignatureScheme::RsaPkcs1Sha512:
      hash = EVP_sha512();
      break;
    default:
      return false;
  }
  if (EVP_PKEY_get_base_id(key) != (rsa ? EVP_PKEY_RSA : EVP_PKEY_EC)) return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  bool good = EVP_DigestVerifyInit(context, &parameters, hash, nullptr, key) == 1;
  if (good && pss) {
    good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good && EVP_DigestVerify(context, signature.data(), signature.size(), message.data(), message.size()) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return good;
}

Key certificate_key(View der) {
  const std::uint8_t* position = der.data();
  X509* certificate = d2i_X509(nullptr, &position, static_cast<long>(der.size()));
  if (certificate == nullptr) return nullptr;
  Key key(X509_get_pubkey(certificate));
  X509_free(certificate);
  return key;
}

}  // namespace breakwater::test
