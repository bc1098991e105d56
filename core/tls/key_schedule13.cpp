#include "core/tls/key_schedule13.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kZeros[kMaxSuiteDigestSize] = {};

void empty_hash(HashKind kind, std::uint8_t* out) noexcept {
  RunningHash hash(kind);
  hash.finish(out);
}

}  // namespace

void hkdf_extract(HashKind kind, ConstBytes salt, ConstBytes key, Secret& out) noexcept {
  const ConstBytes zeros(kZeros, digest_size(kind));
  Hmac hmac(kind, salt.empty() ? zeros : salt);
  hmac.update(key.empty() ? zeros : key);
  hmac.finish(out.bytes);
}

void hkdf_expand_label(HashKind kind, const Secret& secret, std::string_view label, ConstBytes context,
                       MutableBytes out) noexcept {
  constexpr std::string_view kPrefix = "tls13 ";
  const std::uint8_t head[3] = {static_cast<std::uint8_t>(out.size() >> 8), static_cast<std::uint8_t>(out.size()),
                                static_cast<std::uint8_t>(kPrefix.size() + label.size())};
  const std::uint8_t context_size = static_cast<std::uint8_t>(context.size());
  const std::uint8_t counter = 1;
  Hmac hmac(kind, secret.view(kind));
  hmac.update(head);
  hmac.update({reinterpret_cast<const std::uint8_t*>(kPrefix.data()), kPrefix.size()});
  hmac.update({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
  hmac.update({&context_size, 1});
  hmac.update(context);
  hmac.update({&counter, 1});
  ScopedSecret block;
  hmac.finish(block.bytes);
  copy_bytes(out.data(), {block.bytes, out.size()});
}

void derive_secret(HashKind kind, const Secret& secret, std::string_view label, ConstBytes transcript_hash,
                   Secret& out) noexcept {
  hkdf_expand_label(kind, secret, label, transcript_hash, {out.bytes, digest_size(kind)});
}

void next_stage(HashKind kind, const Secret& secret, ConstBytes input, Secret& out) noexcept {
  std::uint8_t empty[kMaxDigestSize];
  empty_hash(kind, empty);
  ScopedSecret derived;
  derive_secret(kind, secret, "derived", {empty, digest_size(kind)}, derived);
  hkdf_extract(kind, derived.view(kind), input, out);
}

void finished_verify_data(HashKind kind, const Secret& base, ConstBytes transcript_hash, std::uint8_t* out) noexcept {
  ScopedSecret key;
  hkdf_expand_label(kind, base, "finished", {}, {key.bytes, digest_size(kind)});
  Hmac hmac(kind, key.view(kind));
  hmac.update(transcript_hash);
  hmac.finish(out);
}

void derive_traffic_key(HashKind kind, port::Aead aead, const Secret& secret, TrafficKey& out) noexcept {
  hkdf_expand_label(kind, secret, "key", {}, {out.key, port::aead_key_size(aead)});
  hkdf_expand_label(kind, secret, "iv", {}, out.iv);
  out.sequence = 0;
  out.generation = 0;
}

void update_traffic_secret(HashKind kind, Secret& secret) noexcept {
  ScopedSecret next;
  hkdf_expand_label(kind, secret, "traffic upd", {}, {next.bytes, digest_size(kind)});
  secret = next;
}

}  // namespace breakwater::tls
