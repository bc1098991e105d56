// The TLS 1.3 key schedule (RFC 8446 7). All outputs are at most one hash long, so HKDF-Expand is one HMAC.
#pragma once

#include <string_view>

#include "core/port/bytes.h"
#include "core/tls/hash.h"
#include "core/tls/hmac.h"
#include "core/tls/secret.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

// RFC 5869 2.2. An empty salt or key stands for a string of zeros as long as the hash.
void hkdf_extract(HashKind kind, ConstBytes salt, ConstBytes key, Secret& out) noexcept;

// The same for a group: the salt is hashed already. key must stay until the group has run.
void add_extraction(HmacGroup& group, const HmacKey& salt, ConstBytes key, Secret& out) noexcept;

// HKDF-Expand-Label (RFC 8446 7.1) for a group, label without the "tls13 " prefix, of 12 characters at most;
// context.size() and out.size() <= digest_size(kind).
void add_expansion(HmacGroup& group, const HmacKey& secret, std::string_view label, ConstBytes context,
                   MutableBytes out) noexcept;

// Derive-Secret with the transcript hash already made.
void add_derivation(HmacGroup& group, const HmacKey& secret, std::string_view label, ConstBytes transcript_hash,
                    Secret& out) noexcept;

// Derive-Secret(secret, "derived", "").
void add_derived(HmacGroup& group, const HmacKey& secret, Secret& out) noexcept;

// RFC 8446 7.3: key and iv of one direction.
void add_traffic_key(HmacGroup& group, const HmacKey& secret, port::Aead aead, TrafficKey& out) noexcept;

// The salt that the handshake secret is extracted with when there is no PSK: a constant.
HmacKey salt_without_psk(HashKind kind) noexcept;

// What is derived from one secret, one after the other.
class Expander {
 public:
  Expander(HashKind kind, const Secret& secret) noexcept;
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;
  ~Expander() { wipe(&keyed_, sizeof keyed_); }

  HashKind kind() const noexcept { return kind_; }

  // As add_expansion and add_derivation.
  void expand(std::string_view label, ConstBytes context, MutableBytes out) const noexcept;
  void derive(std::string_view label, ConstBytes transcript_hash, Secret& out) const noexcept;

  // Derive-Secret(secret, "derived", "") then HKDF-Extract with the next input (empty: zeros).
  void next_stage(ConstBytes input, Secret& out) const noexcept;

  // RFC 8446 4.4.4: verify_data of Finished, and of a binder, made from its base secret.
  void finished_verify_data(ConstBytes transcript_hash, std::uint8_t* out) const noexcept;

  void traffic_key(port::Aead aead, TrafficKey& out) const noexcept;

 private:
  HmacKey keyed_;
  HashKind kind_;
};

// RFC 8446 7.2: the next generation of an application traffic secret, in place.
void update_traffic_secret(HashKind kind, Secret& secret) noexcept;

}  // namespace breakwater::tls
