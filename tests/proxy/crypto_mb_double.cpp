#include "tests/proxy/crypto_mb_double.h"

#include <cstdint>

namespace breakwater::test {

CryptoMbDouble& crypto_mb_double() {
  static CryptoMbDouble state;
  return state;
}

}  // namespace breakwater::test

// As declared in crypto_mb's headers.
extern "C" int mbx_is_crypto_mb_applicable(std::uint64_t features);
extern "C" std::uint32_t mbx_x25519_public_key_mb8(std::uint8_t* const* public_keys,
                                                   const std::uint8_t* const* private_keys);

int mbx_is_crypto_mb_applicable(std::uint64_t features) {
  return features == 0 ? breakwater::test::crypto_mb_double().is_applicable : -1;
}

std::uint32_t mbx_x25519_public_key_mb8(std::uint8_t* const* /*public_keys*/,
                                        const std::uint8_t* const* /*private_keys*/) {
  ++breakwater::test::crypto_mb_double().calls;
  return 0;
}
