#include "core/crypto/rsa_padding.h"

#include <array>

#include "core/crypto/constant_time.h"
#include "core/port/hash.h"

namespace breakwater::crypto {

namespace {

constexpr std::size_t kMinSize = 256;
constexpr std::size_t kMaxDigestSize = 64;
// RFC 8017 9.2, note 1: AlgorithmIdentifier of the hash with NULL parameters, up to the digest itself.
constexpr std::size_t kPrefixSize = 19;

enum class Hash : std::uint8_t { Sha256, Sha384, Sha512 };

Hash hash_of(RsaScheme scheme) noexcept {
  switch (scheme) {
    case RsaScheme::Pkcs1Sha256:
    case RsaScheme::PssSha256:
      return Hash::Sha256;
    case RsaScheme::Pkcs1Sha384:
    case RsaScheme::PssSha384:
      return Hash::Sha384;
    case RsaScheme::Pkcs1Sha512:
    case RsaScheme::PssSha512:
      break;
  }
  return Hash::Sha512;
}

bool is_pss(RsaScheme scheme) noexcept { return scheme >= RsaScheme::PssSha256; }

std::size_t digest_size(Hash hash) noexcept {
  return hash == Hash::Sha256 ? 32 : hash == Hash::Sha384 ? 48 : kMaxDigestSize;
}

// Of up to three pieces, one after the other.
void digest(Hash hash, std::uint8_t* out, std::array<ConstBytes, 3> pieces) noexcept {
  if (hash == Hash::Sha256) {
    port::Sha256State state;
    port::sha256_init(state);
    for (const ConstBytes piece : pieces) port::sha256_update(state, piece);
    port::sha256_final(state, out);
    wipe(&state, sizeof state);
    return;
  }
  port::Sha512State state;
  hash == Hash::Sha384 ? port::sha384_init(state) : port::sha512_init(state);
  for (const ConstBytes piece : pieces) port::sha512_update(state, piece);
  hash == Hash::Sha384 ? port::sha384_final(state, out) : port::sha512_final(state, out);
  wipe(&state, sizeof state);
}

// 00 01 ff .. ff 00 prefix digest
void encode_pkcs1(Hash hash, ConstBytes message_digest, MutableBytes out) noexcept {
  // 2.16.840.1.101.3.4.2.{1,2,3}
  const std::uint8_t size = static_cast<std::uint8_t>(message_digest.size());
  const std::uint8_t algorithm = hash == Hash::Sha256 ? 1 : hash == Hash::Sha384 ? 2 : 3;
  const std::array<std::uint8_t, kPrefixSize> prefix{0x30,      static_cast<std::uint8_t>(kPrefixSize - 2 + size),
                                                     0x30,      0x0d,
                                                     0x06,      0x09,
                                                     0x60,      0x86,
                                                     0x48,      0x01,
                                                     0x65,      0x03,
                                                     0x04,      0x02,
                                                     algorithm, 0x05,
                                                     0x00,      0x04,
                                                     size};
  memset(out.data(), 0xff, out.size());
  out[0] = 0;
  out[1] = 1;
  const MutableBytes info = out.last(kPrefixSize + size);
  out[out.size() - info.size() - 1] = 0;
  copy_bytes(info.data(), prefix);
  copy_bytes(info.data() + kPrefixSize, message_digest);
}

// RFC 8017 9.1.1 with a modulus of a multiple of eight bits, so emBits = 8 out.size() - 1 and one bit is cleared.
void encode_pss(Hash hash, ConstBytes message_digest, MutableBytes out, const Entropy& random) noexcept {
  const std::size_t size = message_digest.size();
  std::uint8_t* const h = out.data() + out.size() - 1 - size;
  const MutableBytes masked = out.first(out.size() - 1 - size);  // zeros, 01, salt
  std::array<std::uint8_t, kMaxDigestSize> salt_storage;
  const MutableBytes salt = MutableBytes(salt_storage).first(size);
  random.fill(salt);

  constexpr std::array<std::uint8_t, 8> kZeros{};
  digest(hash, h, {ConstBytes(kZeros), message_digest, salt});
  memset(masked.data(), 0, masked.size());
  masked[masked.size() - size - 1] = 1;
  copy_bytes(masked.data() + masked.size() - size, salt);

  // MGF1 (RFC 8017 B.2.1).
  std::array<std::uint8_t, kMaxDigestSize> block;
  std::uint8_t counter = 0;  // 4096 bits need fewer than 256 blocks
  for (std::size_t done = 0; done < masked.size(); done += size, ++counter) {
    const std::array<std::uint8_t, 4> number{0, 0, 0, counter};
    digest(hash, block.data(), {ConstBytes(h, size), number, ConstBytes()});
    for (std::size_t i = 0; i < size && done + i < masked.size(); ++i) {
      masked[done + i] = static_cast<std::uint8_t>(masked[done + i] ^ block[i]);
    }
  }
  masked[0] &= 0x7f;
  out.back() = 0xbc;
}

}  // namespace

std::size_t rsa_digest_size(RsaScheme scheme) noexcept { return digest_size(hash_of(scheme)); }

bool rsa_encode(RsaScheme scheme, ConstBytes digest, MutableBytes out, const Entropy& random) noexcept {
  const Hash hash = hash_of(scheme);
  if (digest.size() != digest_size(hash) || out.size() < kMinSize) {
    wipe(out.data(), out.size());
    return false;
  }
  is_pss(scheme) ? encode_pss(hash, digest, out, random) : encode_pkcs1(hash, digest, out);
  return true;
}

}  // namespace breakwater::crypto
