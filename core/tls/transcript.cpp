#include "core/tls/transcript.h"

#include "core/tls/registry.h"

namespace breakwater::tls {

void Transcript::start() noexcept {
  port::sha256_init(sha256_);
  port::sha384_init(sha384_);
  kind_ = HashKind::Sha256;
  settled_ = false;
}

void Transcript::update(ConstBytes data) noexcept {
  if (data.empty()) return;
  if (!settled_ || kind_ == HashKind::Sha256) port::sha256_update(sha256_, data);
  if (!settled_ || kind_ == HashKind::Sha384) port::sha512_update(sha384_, data);
}

void Transcript::settle(HashKind kind) noexcept {
  kind_ = kind;
  settled_ = true;
}

TranscriptHash Transcript::hash(HashKind kind) const noexcept {
  TranscriptHash result;
  if (kind == HashKind::Sha256) {
    port::Sha256State fork = sha256_;
    port::sha256_final(fork, result.bytes);
  } else {
    port::Sha512State fork = sha384_;
    port::sha384_final(fork, result.bytes);
  }
  result.size = static_cast<std::uint8_t>(digest_size(kind));
  return result;
}

void Transcript::replace_by_message_hash() noexcept {
  const TranscriptHash first_hello = hash();
  const std::uint8_t header[4] = {static_cast<std::uint8_t>(HandshakeType::MessageHash), 0, 0, first_hello.size};
  if (kind_ == HashKind::Sha256) {
    port::sha256_init(sha256_);
  } else {
    port::sha384_init(sha384_);
  }
  update(header);
  update(first_hello.view());
}

}  // namespace breakwater::tls
