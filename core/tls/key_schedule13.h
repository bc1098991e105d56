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

// RFC 8446 7.1, label without the "tls13 " prefix; out.size() <= digest_size(kind).
void hkdf_expand_label(HashKind kind, const Secret& secret, std::string_view label, ConstBytes context,
                       MutableBytes out) noexcept;

// RFC 8446 7.1: Derive-Secret with the transcript hash already made.
void derive_secret(HashKind kind, const Secret& secret, std::string_view label, ConstBytes transcript_hash,
                   Secret& out) noexcept;

// Derive-Secret(secret, "derived", "") then HKDF-Extract with the next input (empty: zeros).
void next_stage(HashKind kind, const Secret& secret, ConstBytes input, Secret& out) noexcept;

// RFC 8446 4.4.4: verify_data of Finished, and of a binder, made from its base secret.
void finished_verify_data(HashKind kind, const Secret& base, ConstBytes transcript_hash, std::uint8_t* out) noexcept;

// RFC 8446 7.3: key and iv of one direction.
void derive_traffic_key(HashKind kind, port::Aead aead, const Secret& secret, TrafficKey& out) noexcept;

// RFC 8446 7.2: the next generation of an application traffic secret, in place.
void update_traffic_secret(HashKind kind, Secret& secret) noexcept;

}  // namespace breakwater::tls
