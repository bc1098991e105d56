// The DER form of ECDSA signatures.
#include "core/crypto/p256.h"

namespace breakwater::crypto {

namespace {

// An INTEGER of 32 big-endian bytes, shortest form (X.690 8.3, 10.1): no needless leading zero, one when the top bit
// would otherwise make it negative. At most 35 bytes. Returns the end.
std::uint8_t* write_der_integer(std::uint8_t* out, const std::uint8_t value[32]) noexcept {
  std::size_t skip = 0;
  while (skip < 31 && value[skip] == 0) ++skip;
  const bool padded = (value[skip] & 0x80) != 0;
  *out++ = 0x02;
  *out++ = static_cast<std::uint8_t>(32 - skip + (padded ? 1 : 0));
  if (padded) *out++ = 0x00;
  copy_bytes(out, {value + skip, 32 - skip});
  return out + (32 - skip);
}

}  // namespace

std::size_t ecdsa_signature_to_der(std::uint8_t der[kMaxEcdsaDerSize], const std::uint8_t signature[64]) noexcept {
  der[0] = 0x30;
  std::uint8_t* end = write_der_integer(der + 2, signature);
  end = write_der_integer(end, signature + 32);
  const auto size = static_cast<std::size_t>(end - der);
  der[1] = static_cast<std::uint8_t>(size - 2);  // at most 70: the short form of the length
  return size;
}

}  // namespace breakwater::crypto
