#include "flood/tls/profile.h"

#include <openssl/rand.h>

#include <stdexcept>
#include <utility>

#include "flood/tls/key_exchange.h"
#include "flood/tls/record.h"
#include "library/port/initialise.h"

namespace breakwater::flood {
namespace {

using namespace protocol;

constexpr std::size_t kMlKem768PublicKey = 1184;

// The shared part of RFC 8446 7.1, up to Derive-Secret(early secret, "derived", "").
ScheduleConstants make_constants(HashKind kind) {
  ScheduleConstants made;
  Hash nothing;
  nothing.start(kind);
  nothing.finish(made.empty_hash);
  made.zero_salt.set_key(kind, {});
  const std::uint8_t zeros[kMaxHash] = {};
  Secret early;
  extract(made.zero_salt, {zeros, hash_size(kind)}, early);
  Hmac key;
  key.set_key(kind, early.view(kind));
  Secret derived;
  derive_secret(key, "derived", {made.empty_hash, hash_size(kind)}, derived);
  made.derived_early.set_key(kind, derived.view(kind));
  return made;
}

// The X25519MLKEM768 share looks right, though nothing can be decrypted with it: a server that takes it up cannot be
// talked to any further.
Shares make_shares(EVP_PKEY* x25519) {
  Shares shares;
  shares.secp256r1.assign(std::begin(kGenerator), std::end(kGenerator));
  shares.x25519.resize(32);
  std::size_t size = 32;
  shares.x25519_ml_kem_768.resize(kMlKem768PublicKey);
  if (EVP_PKEY_get_raw_public_key(x25519, shares.x25519.data(), &size) != 1 ||
      RAND_bytes(shares.x25519_ml_kem_768.data(), kMlKem768PublicKey) != 1) {
    throw std::runtime_error("libcrypto could not make a key pair");
  }
  shares.x25519_ml_kem_768.insert(shares.x25519_ml_kem_768.end(), shares.x25519.begin(), shares.x25519.end());
  return shares;
}

}  // namespace

Profile::Profile(ClientSettings settings) : impl_(std::make_unique<Impl>()) {
  port::initialise();
  impl_->settings = std::move(settings);
  impl_->x25519.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  if (!impl_->x25519) throw std::runtime_error("libcrypto could not make a key pair");
  impl_->shares = make_shares(impl_->x25519.get());
  impl_->hello = make_hello(impl_->settings, impl_->shares);
  impl_->constants = {make_constants(HashKind::Sha256), make_constants(HashKind::Sha384)};
}

Profile::~Profile() = default;
Profile::Profile(Profile&&) noexcept = default;
Profile& Profile::operator=(Profile&&) noexcept = default;

const ClientSettings& Profile::settings() const noexcept { return impl_->settings; }

std::size_t Profile::hello_size() const noexcept {
  const HelloTemplate& hello = impl_->hello.bytes;
  return kHeaderSize + 4 + 2 + 32 + 1 + (hello.session_id ? 32 : 0) + hello.rest.size();
}

}  // namespace breakwater::flood
