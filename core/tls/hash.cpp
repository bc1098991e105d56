#include "core/tls/hash.h"

namespace breakwater::tls {

RunningHash::RunningHash(HashKind kind) noexcept : kind_(kind) {
  switch (kind) {
    case HashKind::Sha256:
      port::sha256_init(sha256_);
      break;
    case HashKind::Sha384:
      port::sha384_init(sha512_);
      break;
    case HashKind::Sha512:
      port::sha512_init(sha512_);
      break;
  }
}

void RunningHash::update(ConstBytes data) noexcept {
  if (data.empty()) return;
  if (kind_ == HashKind::Sha256) {
    port::sha256_update(sha256_, data);
  } else {
    port::sha512_update(sha512_, data);
  }
}

void RunningHash::finish(std::uint8_t* out) noexcept {
  switch (kind_) {
    case HashKind::Sha256:
      port::sha256_final(sha256_, out);
      break;
    case HashKind::Sha384:
      port::sha384_final(sha512_, out);
      break;
    case HashKind::Sha512:
      port::sha512_final(sha512_, out);
      break;
  }
}

Hmac::Hmac(HashKind kind, ConstBytes key) noexcept : inner_(kind), outer_(kind) {
  std::uint8_t block[128] = {};
  if (key.size() > block_size(kind)) {
    RunningHash shortened(kind);
    shortened.update(key);
    shortened.finish(block);
  } else {
    copy_bytes(block, key);
  }
  const MutableBytes pad(block, block_size(kind));
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  inner_.update(pad);
  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
  outer_.update(pad);
  wipe(block, sizeof block);
}

void Hmac::finish(std::uint8_t* out) noexcept {
  const std::size_t size = digest_size(inner_.kind());
  std::uint8_t digest[kMaxDigestSize];
  inner_.finish(digest);
  outer_.update({digest, size});
  outer_.finish(out);
  wipe(digest, sizeof digest);
}

}  // namespace breakwater::tls
