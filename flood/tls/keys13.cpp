// TLS 1.3: the key schedule (RFC 8446 7). Application keys are derived when the first record needs them.
#include "flood/tls/client_impl.h"

namespace breakwater::flood {

using namespace protocol;

void Client::Impl::use_secret(RecordKey& key, const Secret& secret) const noexcept {
  Hmac hmac;
  hmac.set_key(suite->hash, secret.view(suite->hash));
  std::uint8_t raw[port::kAeadMaxKeySize];
  std::uint8_t iv[port::kAeadNonceSize];
  expand_label(hmac, "key", {}, {raw, port::aead_key_size(suite->aead)});
  expand_label(hmac, "iv", {}, iv);
  key.set(Version::Tls13, suite->aead, raw, iv);
}

void Client::Impl::update_secret(Secret& secret) const noexcept {
  Hmac hmac;
  hmac.set_key(suite->hash, secret.view(suite->hash));
  expand_label(hmac, "traffic upd", {}, {secret.bytes, hash_size(suite->hash)});
}

void Client::Impl::finished_mac(const Secret& secret, ConstBytes of, std::uint8_t* to) const noexcept {
  Hmac hmac;
  Secret key;
  hmac.set_key(suite->hash, secret.view(suite->hash));
  derive_secret(hmac, "finished", {}, key);
  hmac.set_key(suite->hash, key.view(suite->hash));
  hmac.mac(of, to);
}

// For the hello: the early secret of the session, its binder, and what the handshake secret will be salted with.
void Client::Impl::offer_psk_secrets(HashKind kind, ConstBytes partial_hash, std::uint8_t* binder) noexcept {
  const ScheduleConstants& constants = profile->constants_of(kind);
  const ConstBytes nothing(constants.empty_hash, hash_size(kind));
  Secret secret;
  Hmac hmac;
  extract(constants.zero_salt, {session->secret, hash_size(kind)}, secret);
  hmac.set_key(kind, secret.view(kind));
  derive_secret(hmac, "derived", nothing, derived_early);
  derive_secret(hmac, "res binder", nothing, secret);
  hmac.set_key(kind, secret.view(kind));
  derive_secret(hmac, "finished", {}, secret);
  hmac.set_key(kind, secret.view(kind));
  hmac.mac(partial_hash, binder);
}

void Client::Impl::make_handshake_secrets(ConstBytes shared) noexcept {
  const HashKind kind = suite->hash;
  const ScheduleConstants& constants = profile->constants_of(kind);
  Secret secret;
  Hmac hmac;
  if (resumed) {
    hmac.set_key(kind, derived_early.view(kind));
    extract(hmac, shared, secret);
  } else {
    extract(constants.derived_early, shared, secret);
  }
  hmac.set_key(kind, secret.view(kind));
  std::uint8_t hellos[kMaxHash];
  const std::size_t size = transcript_hash(hellos);
  derive_secret(hmac, "c hs traffic", {hellos, size}, client_handshake);
  derive_secret(hmac, "s hs traffic", {hellos, size}, server_handshake);
  derive_secret(hmac, "derived", {constants.empty_hash, size}, master_salt);
}

void Client::Impl::make_application_secrets() noexcept {
  if (application_secrets) return;
  application_secrets = true;
  const HashKind kind = suite->hash;
  const std::uint8_t zeros[kMaxHash] = {};
  Hmac hmac;
  hmac.set_key(kind, master_salt.view(kind));
  extract(hmac, {zeros, hash_size(kind)}, master13);
  hmac.set_key(kind, master13.view(kind));
  derive_secret(hmac, "c ap traffic", {handshake_hash, hash_size(kind)}, client_application);
  derive_secret(hmac, "s ap traffic", {handshake_hash, hash_size(kind)}, server_application);
}

// RFC 8446 4.6.1: the transcript ends with the client's Finished.
void Client::Impl::resumption_psk(ConstBytes nonce, Secret& to) const noexcept {
  const HashKind kind = suite->hash;
  std::uint8_t digest[kMaxHash];
  const std::size_t size = transcript_hash(digest);
  Hmac hmac;
  Secret resumption;
  hmac.set_key(kind, master13.view(kind));
  derive_secret(hmac, "res master", {digest, size}, resumption);
  hmac.set_key(kind, resumption.view(kind));
  derive_secret(hmac, "resumption", nonce, to);
}

bool Client::Impl::answer_key_update() noexcept {
  const std::uint8_t update[5] = {static_cast<std::uint8_t>(MessageType::KeyUpdate), 0, 0, 1, 0};
  if (!append_record(ContentType::Handshake, update)) return false;
  key_update_owed = false;
  update_secret(client_application);
  use_secret(write, client_application);
  return true;
}

}  // namespace breakwater::flood
