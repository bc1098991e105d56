#include "core/tls/judge.h"

#include "core/port/bytes.h"

namespace breakwater::tls {
namespace {

// SEC 2 2.4.2: the x coordinate, which G and -G share.
constexpr std::uint8_t kP256GeneratorX[32] = {
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
};
constexpr std::uint8_t kX25519Base[32] = {9};  // RFC 7748 4.1, little endian

}  // namespace

bool is_generator(Group group, const std::uint8_t share[batch::kMaxPublicKeySize]) noexcept {
  switch (group) {
    case Group::Secp256r1:  // 0x04, X, Y
      return memcmp(share + 1, kP256GeneratorX, sizeof kP256GeneratorX) == 0;
    case Group::X25519:
      return memcmp(share, kX25519Base, sizeof kX25519Base) == 0;
    case Group::None:
      break;
  }
  return false;
}

}  // namespace breakwater::tls
