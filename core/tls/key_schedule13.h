// The TLS 1.3 key schedule (RFC 8446 7). All outputs are at most one hash long, so HKDF-Expand is one HMAC.
#pragma once

#include <string_view>

#include "core/port/bytes.h"
#include "core/tls/hash.h"
#include "core/tls/secret.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

// RFC 5869 2.2. An empty salt or key stands for a string of zeros as long as the hash.
void hkdf_extract(HashKind kind, ConstBytes salt, ConstBytes key, Secret& out) noexcept;

// What is derived from one secret (RFC 8446 7.1). The secret is hashed into the key blocks of HMAC once, for all of it.
class Expander {
 public:
  Expander(HashKind kind, const Secret& secret) noexcept : keyed_(kind, secret.view(kind)), kind_(kind) {}

  HashKind kind() const noexcept { return kind_; }

  // HKDF-Expand-Label, label without the "tls13 " prefix; out.size() <= digest_size(kind).
  void expand(std::string_view label, ConstBytes context, MutableBytes out) const noexcept;

  // Derive-Secret with the transcript hash already made.
  void derive(std::string_view label, ConstBytes transcript_hash, Secret& out) const noexcept;

  // Derive-Secret(secret, "derived", "") then HKDF-Extract with the next input (empty: zeros).
  void next_stage(ConstBytes input, Secret& out) const noexcept;

  // RFC 8446 4.4.4: verify_data of Finished, and of a binder, made from its base secret.
  void finished_verify_data(ConstBytes transcript_hash, std::uint8_t* out) const noexcept;

  // RFC 8446 7.3: key and iv of one direction.
  void traffic_key(port::Aead aead, TrafficKey& out) const noexcept;

 private:
  Hmac keyed_;
  HashKind kind_;
};

// The handshake secret of a handshake without a PSK: its early secret, and what is derived from that, are constants.
void handshake_secret_without_psk(HashKind kind, ConstBytes shared_secret, Secret& out) noexcept;

// RFC 8446 7.2: the next generation of an application traffic secret, in place.
void update_traffic_secret(HashKind kind, Secret& secret) noexcept;

}  // namespace breakwater::tls
