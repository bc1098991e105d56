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

// The key Derive-Secret(HKDF-Extract(0, 0), "derived", ""), hashed as far as HmacKey says.
constexpr port::Sha256Chain kSalt256Inner{
    0x8b35051c, 0x8324ce6f, 0xd35fd442, 0x05006b0b,
    0x11f653de, 0x87170024, 0x53923a72, 0x1a2e89f5};
constexpr port::Sha256Chain kSalt256Outer{
    0x22b91d2f, 0xa7f9ba55, 0xba705a48, 0xa6bef047,
    0xf5ba9b91, 0xc425b796, 0xdb8072a6, 0x9037dbc2};
constexpr port::Sha512Chain kSalt384Inner{
    0x9540faa284271b10, 0x940f9b21f2567a8c, 0x43d6380a7b89a867, 0xedb7635f9865feb1,
    0x7c8b33059f3e823e, 0x9eb66f676065f021, 0x79f7d919bede4e6d, 0x80ad994f8a39c726};
constexpr port::Sha512Chain kSalt384Outer{
    0x9dcd6bc600f811e3, 0xc556680dbba9586e, 0x987fb78efb62dcb7, 0xb639835d0b42573a,
    0x81cf02b2e173ad99, 0x30a7f1029298d495, 0x8aa72679937f7672, 0xd31f72c4ad9a4b4c};
// clang-format on

ConstBytes empty_hash(HashKind kind) noexcept {
  return kind == HashKind::Sha256 ? ConstBytes(kEmptySha256) : ConstBytes(kEmptySha384);
}

ConstBytes or_zeros(HashKind kind, ConstBytes bytes) noexcept {
  return bytes.empty() ? ConstBytes(kZeros, digest_size(kind)) : bytes;
}

ConstBytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void hkdf_extract(HashKind kind, ConstBytes salt, ConstBytes key, Secret& out) noexcept {
  hmac(kind, or_zeros(kind, salt), {or_zeros(kind, key)}, {out.bytes, digest_size(kind)});
}

void add_extraction(HmacGroup& group, const HmacKey& salt, ConstBytes key, Secret& out) noexcept {
  group.add(salt, {or_zeros(group.kind(), key)}, {out.bytes, digest_size(group.kind())});
}

void add_expansion(HmacGroup& group, const HmacKey& secret, std::string_view label, ConstBytes context,
                   MutableBytes out) noexcept {
  constexpr std::string_view kPrefix = "tls13 ";
  const std::uint8_t head[3] = {static_cast<std::uint8_t>(out.size() >> 8), static_cast<std::uint8_t>(out.size()),
                                static_cast<std::uint8_t>(kPrefix.size() + label.size())};
  const std::uint8_t context_size[] = {static_cast<std::uint8_t>(context.size())};
  constexpr std::uint8_t kCounter[] = {1};
  group.add(secret, {head, bytes_of(kPrefix), bytes_of(label), context_size, context, kCounter}, out);
}

void add_derivation(HmacGroup& group, const HmacKey& secret, std::string_view label, ConstBytes transcript_hash,
                    Secret& out) noexcept {
  add_expansion(group, secret, label, transcript_hash, {out.bytes, digest_size(group.kind())});
}

void add_derived(HmacGroup& group, const HmacKey& secret, Secret& out) noexcept {
  add_derivation(group, secret, "derived", empty_hash(group.kind()), out);
}

void add_traffic_key(HmacGroup& group, const HmacKey& secret, port::Aead aead, TrafficKey& out) noexcept {
  add_expansion(group, secret, "key", {}, {out.key, port::aead_key_size(aead)});
  add_expansion(group, secret, "iv", {}, out.iv);
  out.sequence = 0;
  out.generation = 0;
}

HmacKey salt_without_psk(HashKind kind) noexcept {
  HmacKey salt;
  if (kind == HashKind::Sha256) {
    salt.inner.sha256 = kSalt256Inner;
    salt.outer.sha256 = kSalt256Outer;
  } else {
    salt.inner.sha512 = kSalt384Inner;
    salt.outer.sha512 = kSalt384Outer;
  }
  return salt;
}

Expander::Expander(HashKind kind, const Secret& secret) noexcept : kind_(kind) {
  HmacGroup group(kind, {});
  group.add_key(keyed_, secret.view(kind));
  group.run();
}

void Expander::expand(std::string_view label, ConstBytes context, MutableBytes out) const noexcept {
  HmacGroup group(kind_, {});
  add_expansion(group, keyed_, label, context, out);
  group.run();
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
  hmac(kind_, key.view(kind_), {transcript_hash}, {out, digest_size(kind_)});
}

void Expander::traffic_key(port::Aead aead, TrafficKey& out) const noexcept {
  HmacGroup group(kind_, {});
  add_traffic_key(group, keyed_, aead, out);
  group.run();
}

void update_traffic_secret(HashKind kind, Secret& secret) noexcept {
  ScopedSecret next;
  Expander(kind, secret).expand("traffic upd", {}, {next.bytes, digest_size(kind)});
  secret = next;
}

}  // namespace breakwater::tls
