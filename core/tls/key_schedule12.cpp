#include "core/tls/key_schedule12.h"

namespace breakwater::tls {
namespace {

using crypto::kLanes;

// Of one connection.
struct KeyBlock {
  std::uint8_t bytes[kMaxPrfOutput];
};

ConstBytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::size_t iv_size_of(port::Aead aead) noexcept { return aead == port::Aead::ChaCha20Poly1305 ? 12 : 4; }

MutableBytes room_in(KeyBlock& block, port::Aead aead) noexcept {
  return MutableBytes(block.bytes).first(2 * (port::aead_key_size(aead) + iv_size_of(aead)));
}

void cut(const KeyBlock& block, port::Aead aead, TrafficKey& client, TrafficKey& server) noexcept {
  const std::size_t key_size = port::aead_key_size(aead), iv_size = iv_size_of(aead);
  const std::uint8_t* next = block.bytes;
  for (TrafficKey* const key : {&client, &server}) {
    copy_bytes(key->key, {next, key_size});
    next += key_size;
    key->sequence = 0;
    key->generation = 0;
  }
  for (TrafficKey* const key : {&client, &server}) {
    copy_bytes(key->iv, {next, iv_size});
    next += iv_size;
  }
}

}  // namespace

void prf(HashKind kind, HashLanes lanes, std::span<const Prf> work) noexcept {
  const std::size_t size = digest_size(kind);
  HmacGroup group(kind, lanes);
  ScopedArray<Secret, 2 * kLanes> links(work.size()), next(work.size());  // A(i), and the one behind it
  for (std::size_t i = 0; i < work.size(); ++i) {
    group.add(*work[i].secret, {bytes_of(work[i].label), work[i].seed1, work[i].seed2}, {links[i].bytes, size});
  }
  group.run();
  bool more = true;
  for (std::size_t done = 0; more; done += size) {
    more = false;
    for (std::size_t i = 0; i < work.size(); ++i) {
      const Prf& one = work[i];
      if (one.out.size() <= done) continue;
      const MutableBytes rest = one.out.subspan(done);
      const MutableBytes out = rest.first(rest.size() < size ? rest.size() : size);
      group.add(*one.secret, {links[i].view(kind), bytes_of(one.label), one.seed1, one.seed2}, out);
      if (rest.size() <= size) continue;
      group.add(*one.secret, {links[i].view(kind)}, {next[i].bytes, size});
      more = true;
    }
    group.run();
    for (std::size_t i = 0; more && i < work.size(); ++i) links[i] = next[i];
  }
}

void prf(HashKind kind, ConstBytes secret, std::string_view label, ConstBytes seed1, ConstBytes seed2,
         MutableBytes out) noexcept {
  ScopedArray<HmacKey, 1> key;
  HmacGroup group(kind, {});
  group.add_key(key[0], secret);
  group.run();
  const Prf work[] = {{&key[0], label, seed1, seed2, out}};
  prf(kind, {}, work);
}

void derive_handshake_keys12(HashKind kind, HashLanes lanes, std::span<const HandshakeKeys12> work) noexcept {
  const std::size_t count = work.size();
  HmacGroup group(kind, lanes);
  ScopedArray<HmacKey, kLanes> keys(count);
  ScopedArray<KeyBlock, kLanes> blocks(count);
  Prf prfs[2 * kLanes];

  for (std::size_t i = 0; i < count; ++i) group.add_key(keys[i], work[i].premaster);
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    const HandshakeKeys12& one = work[i];
    const MutableBytes out(one.master->bytes, kMasterSecretSize);
    prfs[i] = one.extended ? Prf{&keys[i], "extended master secret", one.session_hash, {}, out}
                           : Prf{&keys[i], "master secret", one.client_random, one.server_random, out};
  }
  prf(kind, lanes, std::span(prfs).first(count));

  for (std::size_t i = 0; i < count; ++i) group.add_key(keys[i], {work[i].master->bytes, kMasterSecretSize});
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    const HandshakeKeys12& one = work[i];
    prfs[i] = {&keys[i], "key expansion", one.server_random, one.client_random, room_in(blocks[i], one.aead)};
    prfs[count + i] = {&keys[i], "client finished", one.session_hash, {}, {one.client_verify_data, kVerifyDataSize}};
  }
  prf(kind, lanes, std::span(prfs).first(2 * count));
  for (std::size_t i = 0; i < count; ++i) cut(blocks[i], work[i].aead, *work[i].client_key, *work[i].server_key);
}

void derive_traffic_keys12(HashKind kind, port::Aead aead, const Secret& master, ConstBytes client_random,
                           ConstBytes server_random, TrafficKey& client, TrafficKey& server) noexcept {
  ScopedArray<KeyBlock, 1> block;
  prf(kind, {master.bytes, kMasterSecretSize}, "key expansion", server_random, client_random, room_in(block[0], aead));
  cut(block[0], aead, client, server);
}

void finished_verify_data12(HashKind kind, const Secret& master, std::string_view label, ConstBytes transcript_hash,
                            std::uint8_t out[kVerifyDataSize]) noexcept {
  prf(kind, {master.bytes, kMasterSecretSize}, label, transcript_hash, {}, {out, kVerifyDataSize});
}

}  // namespace breakwater::tls
