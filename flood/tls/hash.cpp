#include "flood/tls/hash.h"

#include <cassert>

namespace breakwater::flood::protocol {

void Hash::start(HashKind kind) noexcept {
  kind_ = kind;
  if (kind == HashKind::Sha256) {
    port::sha256_init(sha256_);
  } else {
    port::sha384_init(sha384_);
  }
}

void Hash::update(ConstBytes data) noexcept {
  if (kind_ == HashKind::Sha256) {
    port::sha256_update(sha256_, data);
  } else {
    port::sha512_update(sha384_, data);
  }
}

void Hash::finish(std::uint8_t* out) noexcept {
  if (kind_ == HashKind::Sha256) {
    port::sha256_final(sha256_, out);
  } else {
    port::sha384_final(sha384_, out);
  }
}

void Hmac::set_key(HashKind kind, ConstBytes key) noexcept {
  std::uint8_t pad[128];
  const std::size_t block = kind == HashKind::Sha256 ? 64 : 128;
  assert(key.size() <= block);
  memset(pad, 0x36, block);
  for (std::size_t i = 0; i < key.size(); ++i) pad[i] = static_cast<std::uint8_t>(pad[i] ^ key[i]);
  inner_.start(kind);
  inner_.update({pad, block});
  for (std::size_t i = 0; i < block; ++i) pad[i] = static_cast<std::uint8_t>(pad[i] ^ (0x36 ^ 0x5C));
  outer_.start(kind);
  outer_.update({pad, block});
}

void Hmac::finish(Hash& running, std::uint8_t* out) const noexcept {
  running.finish(out);
  Hash outer = outer_;
  outer.update({out, size()});
  outer.finish(out);
}

void Hmac::mac(ConstBytes data, std::uint8_t* out) const noexcept {
  Hash running = inner_;
  running.update(data);
  finish(running, out);
}

}  // namespace breakwater::flood::protocol
