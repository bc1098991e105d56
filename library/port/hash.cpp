// SHA-2 by libcrypto's low-level functions. OpenSSL 3 calls them deprecated, yet only they keep a running hash in
// memory of the caller's: the EVP replacement allocates on every init and every copy.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/port/hash.h"

#include <openssl/sha.h>

#include <new>

namespace breakwater::port {
namespace {

static_assert(sizeof(SHA256_CTX) <= sizeof(Sha256State::opaque) && alignof(SHA256_CTX) <= alignof(Sha256State));
static_assert(sizeof(SHA512_CTX) <= sizeof(Sha512State::opaque) && alignof(SHA512_CTX) <= alignof(Sha512State));

SHA256_CTX* context(Sha256State& state) noexcept { return std::launder(reinterpret_cast<SHA256_CTX*>(state.opaque)); }
SHA512_CTX* context(Sha512State& state) noexcept { return std::launder(reinterpret_cast<SHA512_CTX*>(state.opaque)); }

}  // namespace

// None of these calls can fail: their return values are constant in libcrypto 3.

void sha256_init(Sha256State& state) noexcept { SHA256_Init(new (state.opaque) SHA256_CTX); }
void sha384_init(Sha512State& state) noexcept { SHA384_Init(new (state.opaque) SHA512_CTX); }
void sha512_init(Sha512State& state) noexcept { SHA512_Init(new (state.opaque) SHA512_CTX); }

void sha256_update(Sha256State& state, ConstBytes data) noexcept {
  if (!data.empty()) SHA256_Update(context(state), data.data(), data.size());
}
void sha512_update(Sha512State& state, ConstBytes data) noexcept {
  if (!data.empty()) SHA512_Update(context(state), data.data(), data.size());
}

void sha256_final(Sha256State& state, std::uint8_t out[32]) noexcept { SHA256_Final(out, context(state)); }
void sha384_final(Sha512State& state, std::uint8_t out[48]) noexcept { SHA384_Final(out, context(state)); }
void sha512_final(Sha512State& state, std::uint8_t out[64]) noexcept { SHA512_Final(out, context(state)); }

// The context's other members are not looked at.
void sha256_compress(Sha256Chain& chain, const std::uint8_t block[64]) noexcept {
  SHA256_CTX compressing;
  memcpy(compressing.h, chain.data(), sizeof chain);
  SHA256_Transform(&compressing, block);
  memcpy(chain.data(), compressing.h, sizeof chain);
}
void sha512_compress(Sha512Chain& chain, const std::uint8_t block[128]) noexcept {
  SHA512_CTX compressing;
  memcpy(compressing.h, chain.data(), sizeof chain);
  SHA512_Transform(&compressing, block);
  memcpy(chain.data(), compressing.h, sizeof chain);
}

}  // namespace breakwater::port
