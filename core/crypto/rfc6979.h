// Nonces for ECDSA over P-256 with SHA-256 (RFC 6979 3.2), with additional data mixed in (3.6).
#pragma once

#include <array>
#include <cstdint>

#include "core/crypto/hmac_sha256.h"
#include "core/crypto/limbs.h"

namespace breakwater::crypto {

class Rfc6979 {
 public:
  // scalar: the secret key, below n, big endian. digest: any 32 bytes; reduced modulo n here (bits2octets, 2.3.4).
  // hedge: k' of 3.6, empty for the deterministic nonce.
  // zero_key: of kZeroKey, for those who make many.
  Rfc6979(const std::uint8_t scalar[32], const std::uint8_t digest[32], ConstBytes hedge,
          const HmacSha256Key& zero_key = HmacSha256Key(kZeroKey)) noexcept;

  static constexpr std::uint8_t kZeroKey[HmacSha256Key::kSize] = {};  // K of 3.2 c

  // The next candidate, any value below 2^256: the caller takes the first one that is in range and yields a signature
  // (3.2 h).
  void next(Limbs& candidate) noexcept;

 private:
  using Bytes = std::array<std::uint8_t, 32>;

  // K = HMAC_K(V || separator || data || more), then V = HMAC_K(V).
  void rekey(std::uint8_t separator, ConstBytes data, ConstBytes more) noexcept;
  void advance() noexcept;

  HmacSha256Key key_;    // K
  Secret<Bytes> value_;  // V
  bool used_ = false;
};

}  // namespace breakwater::crypto
