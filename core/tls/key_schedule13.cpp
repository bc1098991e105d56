#include "core/tls/key_schedule13.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kZeros[kMaxSuiteDigestSize] = {};

// clang-format off
// Hash("")
constexpr std::uint8_t kEmptySha256[32] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8,
    0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
    0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
constexpr std::uint8_t kEmptySha384[48] = {
    0x38, 0xb0, 0x60, 0xa7, 0x51, 0xac, 0x96, 0x38, 0x4c, 0xd9, 0x32, 0x7e,
    0xb1, 0xb1, 0xe3, 0x6a, 0x21, 0xfd, 0xb7, 0x11, 0x14, 0xbe, 0x07, 0x43,
    0x4c, 0x0c, 0xc7, 0xbf, 0x63, 0xf6, 0xe1, 0xda, 0x27, 0x4e, 0xde, 0xbf,
    0xe7, 0x6f, 0x65, 0xfb, 0xd5, 0x1a, 0xd2, 0xf1, 0x48, 0x98, 0xb9, 0x5b};

// Derive-Secret(HKDF-Extract(0, 0), "derived", "")
constexpr std::uint8_t kDerivedSha256[32] = {
    0x6f, 0x26, 0x15, 0xa1, 0x08, 0xc7, 0x02, 0xc5, 0x67, 0x8f, 0x54, 0xfc,
    0x9d, 0xba, 0xb6, 0x97, 0x16, 0xc0, 0x76, 0x18, 0x9c, 0x48, 0x25, 0x0c,
    0xeb, 0xea, 0xc3, 0x57, 0x6c, 0x36, 0x11, 0xba};
constexpr std::uint8_t kDerivedSha384[48] = {
    0x15, 0x91, 0xda, 0xc5, 0xcb, 0xbf, 0x03, 0x30, 0xa4, 0xa8, 0x4d, 0xe9,
    0xc7, 0x53, 0x33, 0x0e, 0x92, 0xd0, 0x1f, 0x0a, 0x88, 0x21, 0x4b, 0x44,
    0x64, 0x97, 0x2f, 0xd6, 0x68, 0x04, 0x9e, 0x93, 0xe5, 0x2f, 0x2b, 0x16,
    0xfa, 0xd9, 0x22, 0xfd, 0xc0, 0x58, 0x44, 0x78, 0x42, 0x8f, 0x28, 0x2b};
// clang-format on

ConstBytes empty_hash(HashKind kind) noexcept {
  return kind == HashKind::Sha256 ? ConstBytes(kEmptySha256) : ConstBytes(kEmptySha384);
}

}  // namespace

void hkdf_extract(HashKind kind, ConstBytes salt, ConstBytes key, Secret& out) noexcept {
  const ConstBytes zeros(kZeros, digest_size(kind));
  Hmac hmac(kind, salt.empty() ? zeros : salt);
  hmac.update(key.empty() ? zeros : key);
  hmac.finish(out.bytes);
}

void Expander::expand(std::string_view label, ConstBytes context, MutableBytes out) const noexcept {
  constexpr std::string_view kPrefix = "tls13 ";
  const std::uint8_t head[3] = {static_cast<std::uint8_t>(out.size() >> 8), static_cast<std::uint8_t>(out.size()),
                                static_cast<std::uint8_t>(kPrefix.size() + label.size())};
  const std::uint8_t context_size = static_cast<std::uint8_t>(context.size());
  const std::uint8_t counter = 1;
  Hmac hmac = keyed_;
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

void Expander::derive(std::string_view label, ConstBytes transcript_hash, Secret& out) const noexcept {
  expand(label, transcript_hash, {out.bytes, digest_size(kind_)});
}

void Expander::next_stage(ConstBytes input, Secret& out) const noexcept {
  ScopedSecret derived;
  derive("derived", empty_hash(kind_), derived);
  hkdf_extract(kind_, derived.view(kind_), input, out);
}

void Expander::finished_verify_data(ConstBytes transcript_hash, std::uint8_t* out) const noexcept {
  ScopedSecret key;
  expand("finished", {}, {key.bytes, digest_size(kind_)});
  Hmac hmac(kind_, key.view(kind_));
  hmac.update(transcript_hash);
  hmac.finish(out);
}

void Expander::traffic_key(port::Aead aead, TrafficKey& out) const noexcept {
  expand("key", {}, {out.key, port::aead_key_size(aead)});
  expand("iv", {}, out.iv);
  out.sequence = 0;
  out.generation = 0;
}

void handshake_secret_without_psk(HashKind kind, ConstBytes shared_secret, Secret& out) noexcept {
  hkdf_extract(kind, kind == HashKind::Sha256 ? ConstBytes(kDerivedSha256) : ConstBytes(kDerivedSha384), shared_secret,
               out);
}

void update_traffic_secret(HashKind kind, Secret& secret) noexcept {
  ScopedSecret next;
  Expander(kind, secret).expand("traffic upd", {}, {next.bytes, digest_size(kind)});
  secret = next;
}

}  // namespace breakwater::tls
