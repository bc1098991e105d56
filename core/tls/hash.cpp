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

}  // namespace breakwater::tls
