#include "core/crypto/rfc6979.h"

#include "core/crypto/p256_scalar.h"

namespace breakwater::crypto {

template <class... Data>
void Rfc6979::rekey(std::uint8_t separator, const Data&... data) noexcept {
  HmacSha256 hmac(key_.value.data());
  hmac.update(value_.value);
  hmac.update({&separator, 1});
  (hmac.update(data), ...);
  hmac.final(key_.value.data());
  advance();
}

void Rfc6979::advance() noexcept {
  HmacSha256 hmac(key_.value.data());
  hmac.update(value_.value);
  hmac.final(value_.value.data());
}

Rfc6979::Rfc6979(const std::uint8_t scalar[32], const std::uint8_t digest[32], ConstBytes hedge) noexcept {
  value_.value.fill(0x01);
  key_.value.fill(0x00);

  Bytes reduced{};  // of the digest, which is public
  limbs_to_bytes(reduced.data(), P256Scalar::from_integer(limbs_from_bytes(digest)).to_integer());

  const ConstBytes secret(scalar, 32);
  rekey(0x00, secret, ConstBytes(reduced), hedge);
  rekey(0x01, secret, ConstBytes(reduced), hedge);
}

void Rfc6979::next(Limbs& candidate) noexcept {
  if (used_) rekey(0x00);
  used_ = true;
  advance();  // one block of output is the whole candidate: n has as many bits as the hash
  candidate = limbs_from_bytes(value_.value.data());
}

}  // namespace breakwater::crypto
