// HKDF as TLS 1.3 uses it (RFC 5869, RFC 8446 7.1).
#pragma once

#include <string_view>

#include "flood/tls/hash.h"

namespace breakwater::flood::protocol {

// A secret of TLS 1.3: hash_size bytes.
struct Secret {
  std::uint8_t bytes[kMaxHash];
  ConstBytes view(HashKind kind) const noexcept { return {bytes, hash_size(kind)}; }
};

// HKDF-Extract; the salt is the HMAC's key.
inline void extract(const Hmac& salt, ConstBytes input, Secret& out) noexcept { salt.mac(input, out.bytes); }

// HKDF-Expand-Label for outputs of at most one hash, which is all that TLS 1.3 asks for with these suites.
void expand_label(const Hmac& secret, std::string_view label, ConstBytes context, MutableBytes out) noexcept;

// Derive-Secret with the transcript hash already made.
inline void derive_secret(const Hmac& secret, std::string_view label, ConstBytes transcript_hash,
                          Secret& out) noexcept {
  expand_label(secret, label, transcript_hash, {out.bytes, secret.size()});
}

}  // namespace breakwater::flood::protocol
