#include "flood/tls/key_exchange.h"

#include <openssl/err.h>

#include <memory>

#include "flood/tls/codes.h"

namespace breakwater::flood::protocol {
namespace {

bool agree_x25519(EVP_PKEY* own, ConstBytes server_share, std::uint8_t shared[32]) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, server_share.data(), server_share.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(own, nullptr),
                                                                            EVP_PKEY_CTX_free);
  std::size_t size = 32;
  const bool good = peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), shared, &size) == 1;
  if (!good) ERR_clear_error();  // the all-zero result among others (RFC 8446 7.4.2)
  return good;
}

}  // namespace

std::size_t share_size(std::uint16_t group) noexcept {
  if (group == kSecp256r1) return sizeof kGenerator;
  return group == kX25519 ? 32 : 0;
}

bool agree(std::uint16_t group, EVP_PKEY* own, ConstBytes server_share, std::uint8_t shared[32]) {
  if (server_share.empty() || server_share.size() != share_size(group)) return false;
  if (group == kX25519) return agree_x25519(own, server_share, shared);
  if (server_share[0] != 4) return false;
  memcpy(shared, server_share.data() + 1, 32);  // 1 times the point is the point
  return true;
}

}  // namespace breakwater::flood::protocol
