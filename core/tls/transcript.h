// The running transcript hash (RFC 8446 4.4.1, RFC 5246 7.4.9). Until the suite is settled both hashes run; mostly it
// is before there is much to hash (Call::unhashed_hello).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/port/hash.h"
#include "core/tls/hash.h"

namespace breakwater::tls {

struct TranscriptHash {
  std::uint8_t bytes[kMaxSuiteDigestSize];
  std::uint8_t size = 0;

  ConstBytes view() const noexcept { return {bytes, size}; }
};

class Transcript {
 public:
  void start() noexcept;
  void update(ConstBytes data) noexcept;

  // From now on only this hash runs: SHA-256 or SHA-384.
  void settle(HashKind kind) noexcept;

  // The hash of everything so far; the transcript goes on.
  TranscriptHash hash() const noexcept { return hash(kind_); }
  TranscriptHash hash(HashKind kind) const noexcept;  // before settle() as well

  // RFC 8446 4.4.1: replaces ClientHello1 by a message_hash message. Settled transcripts only.
  void replace_by_message_hash() noexcept;

 private:
  port::Sha256State sha256_;
  port::Sha512State sha384_;
  HashKind kind_;
  bool settled_;
};

}  // namespace breakwater::tls
