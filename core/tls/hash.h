// SHA-2 of a kind chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/port/hash.h"

namespace breakwater::tls {

enum class HashKind : std::uint8_t { Sha256, Sha384, Sha512 };

inline constexpr std::size_t kMaxDigestSize = 64;
inline constexpr std::size_t kMaxSuiteDigestSize = 48;  // no cipher suite uses SHA-512

constexpr std::size_t digest_size(HashKind kind) noexcept {
  return kind == HashKind::Sha256 ? 32 : kind == HashKind::Sha384 ? 48 : 64;
}
constexpr std::size_t block_size(HashKind kind) noexcept { return kind == HashKind::Sha256 ? 64 : 128; }

// A running hash. Copying it forks it.
class RunningHash {
 public:
  RunningHash() noexcept : RunningHash(HashKind::Sha256) {}
  explicit RunningHash(HashKind kind) noexcept;

  void update(ConstBytes data) noexcept;
  void finish(std::uint8_t* out) noexcept;  // digest_size(kind()) bytes; the hash is spent afterwards
  HashKind kind() const noexcept { return kind_; }

 private:
  union {
    port::Sha256State sha256_;
    port::Sha512State sha512_;
  };
  HashKind kind_;
};

}  // namespace breakwater::tls
