// A running SHA-256 or SHA-384, and HMAC whose key is hashed once (RFC 2104). Copying a Hash forks it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/port/hash.h"

namespace breakwater::flood::protocol {

enum class HashKind : std::uint8_t { Sha256, Sha384 };

inline constexpr std::size_t kMaxHash = 48;

constexpr std::size_t hash_size(HashKind kind) noexcept { return kind == HashKind::Sha256 ? 32 : 48; }

class Hash {
 public:
  void start(HashKind kind) noexcept;
  void update(ConstBytes data) noexcept;
  // Writes hash_size(kind()) bytes; the state is spent.
  void finish(std::uint8_t* out) noexcept;
  HashKind kind() const noexcept { return kind_; }

 private:
  union {
    port::Sha256State sha256_;
    port::Sha512State sha384_;
  };
  HashKind kind_;
};

// The states behind the inner and the outer pad: every MAC under one key saves two blocks, or four with a new Hmac.
class Hmac {
 public:
  // Keys longer than a block (64, 128 bytes) do not occur in TLS and are not supported.
  void set_key(HashKind kind, ConstBytes key) noexcept;
  HashKind kind() const noexcept { return inner_.kind(); }
  std::size_t size() const noexcept { return hash_size(kind()); }

  // MAC over what is hashed between the two calls; `out` gets size() bytes.
  Hash begin() const noexcept { return inner_; }
  void finish(Hash& running, std::uint8_t* out) const noexcept;
  void mac(ConstBytes data, std::uint8_t* out) const noexcept;

 private:
  Hash inner_;
  Hash outer_;
};

}  // namespace breakwater::flood::protocol
