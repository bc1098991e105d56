#include "tests/crypto/x25519_reference.h"

namespace breakwater::test {

ReferenceX25519::ReferenceX25519(const Bytes32& scalar)
    : key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, scalar.data(), scalar.size())) {}

Bytes32 ReferenceX25519::public_key() const {
  Bytes32 bytes;
  std::size_t size = bytes.size();
  EXPECT_EQ(EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &size), 1);
  return bytes;
}

Bytes ReferenceX25519::shared_secret(const Bytes32& peer) const {
  const std::unique_ptr<EVP_PKEY, FreeKey> peer_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key_.get(), nullptr);
  Bytes shared(32);
  std::size_t size = shared.size();
  EXPECT_EQ(EVP_PKEY_derive_init(context), 1);
  EXPECT_EQ(EVP_PKEY_derive_set_peer_ex(context, peer_key.get(), 0), 1);
  if (EVP_PKEY_derive(context, shared.data(), &size) != 1) shared.clear();
  EVP_PKEY_CTX_free(context);
  return shared;
}

std::vector<X25519LaneUnit> x25519_lane_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &crypto::ifma::kX25519Lanes, 12'500},
#endif
        {"emulated", &crypto::emulated::kX25519Lanes, 100},
  };
}

}  // namespace breakwater::test
