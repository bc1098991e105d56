#include "core/tls/key_schedule12.h"

namespace breakwater::tls {

void prf(HashKind kind, ConstBytes secret, std::string_view label, ConstBytes seed1, ConstBytes seed2,
         MutableBytes out) noexcept {
  const ConstBytes label_bytes(reinterpret_cast<const std::uint8_t*>(label.data()), label.size());
  const std::size_t size = digest_size(kind);
  const Hmac keyed(kind, secret);  // the two key blocks are hashed once
  std::uint8_t a[kMaxDigestSize];
  std::uint8_t block[kMaxDigestSize];

  Hmac first = keyed;  // A(1) = HMAC(secret, label + seed)
  first.update(label_bytes);
  first.update(seed1);
  first.update(seed2);
  first.finish(a);
  for (std::size_t done = 0; done < out.size(); done += size) {
    Hmac output = keyed;
    output.update({a, size});
    output.update(label_bytes);
    output.update(seed1);
    output.update(seed2);
    output.finish(block);
    const std::size_t rest = out.size() - done;
    copy_bytes(out.data() + done, {block, rest < size ? rest : size});
    if (rest <= size) break;
    Hmac next = keyed;  // A(i + 1) = HMAC(secret, A(i))
    next.update({a, size});
    next.finish(a);
  }
  wipe(a, sizeof a);
  wipe(block, sizeof block);
}

void extended_master_secret(HashKind kind, ConstBytes premaster, ConstBytes session_hash, MutableBytes out) noexcept {
  prf(kind, premaster, "extended master secret", session_hash, {}, out);
}

void master_secret(HashKind kind, ConstBytes premaster, ConstBytes client_random, ConstBytes server_random,
                   MutableBytes out) noexcept {
  prf(kind, premaster, "master secret", client_random, server_random, out);
}

void derive_traffic_keys12(HashKind kind, port::Aead aead, ConstBytes master, ConstBytes client_random,
                           ConstBytes server_random, TrafficKey& client, TrafficKey& server) noexcept {
  const std::size_t key_size = port::aead_key_size(aead);
  const std::size_t iv_size = aead == port::Aead::ChaCha20Poly1305 ? 12 : 4;
  std::uint8_t block[2 * (32 + 12)];
  prf(kind, master, "key expansion", server_random, client_random, {block, 2 * (key_size + iv_size)});
  const std::uint8_t* next = block;
  for (TrafficKey* key : {&client, &server}) {
    copy_bytes(key->key, {next, key_size});
    next += key_size;
    key->sequence = 0;
    key->generation = 0;
  }
  for (TrafficKey* key : {&client, &server}) {
    copy_bytes(key->iv, {next, iv_size});
    next += iv_size;
  }
  wipe(block, sizeof block);
}

void finished_verify_data12(HashKind kind, ConstBytes master, std::string_view label, ConstBytes transcript_hash,
                            std::uint8_t out[kVerifyDataSize]) noexcept {
  prf(kind, master, label, transcript_hash, {}, {out, kVerifyDataSize});
}

}  // namespace breakwater::tls
