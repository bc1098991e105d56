#include "core/crypto/rfc6979.h"

#include "core/crypto/p256_scalar.h"

namespace breakwater::crypto {

void Rfc6979::rekey(std::uint8_t separator, ConstBytes data, ConstBytes more) noexcept {
  Secret<Bytes> key;
  HmacSha256 hmac(key_);
  hmac.update(value_.value);
  hmac.update({&separator, 1});
  hmac.update(data);
  hmac.update(more);
  hmac.final(key.value.data());
  key_.set(key.value.data());
  advance();
}

void Rfc6979::advance() noexcept {
  HmacSha256 hmac(key_);
  hmac.update(value_.value);
  hmac.final(value_.value.data());
}

Rfc6979::Rfc6979(const std::uint8_t scalar[32], const std::uint8_t digest[32], ConstBytes hedge,
                 const HmacSha256Key& zero_key) noexcept
    : key_(zero_key) {
  value_.value.fill(0x01);

  Secret<std::array<std::uint8_t, 64>> input;  // the scalar, and the digest (public) reduced modulo n
  for (std::size_t i = 0; i < 32; ++i) input.value[i] = scalar[i];
  limbs_to_bytes(input.value.data() + 32, P256Scalar::from_integer(limbs_from_bytes(digest)).to_integer());
  rekey(0x00, input.value, hedge);
  rekey(0x01, input.value, hedge);
}

void Rfc6979::next(Limbs& candidate) noexcept {
  if (used_) rekey(0x00, {}, {});
  used_ = true;
  advance();  // one block of output is the whole candidate: n has as many bits as the hash
  candidate = limbs_from_bytes(value_.value.data());
}

}  // namespace breakwater::crypto
