// A secret (or digest) as long as the suite's hash, in place. It is wiped where its owner says so.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/tls/hash.h"

namespace breakwater::tls {

struct Secret {
  std::uint8_t bytes[kMaxSuiteDigestSize];

  ConstBytes view(HashKind kind) const noexcept { return {bytes, digest_size(kind)}; }
  void clear() noexcept { wipe(bytes, sizeof bytes); }
};

// A secret on the stack that is wiped when it goes out of scope.
struct ScopedSecret : Secret {
  ScopedSecret() noexcept = default;
  ScopedSecret(const ScopedSecret&) = delete;
  ScopedSecret& operator=(const ScopedSecret&) = delete;
  ~ScopedSecret() { clear(); }
};

// Several things on the stack that are wiped when they go out of scope: those that are used.
template <class T, std::size_t kCapacity>
class ScopedArray {
 public:
  // count <= kCapacity
  explicit ScopedArray(std::size_t count = kCapacity) noexcept : count_(count) {}
  ScopedArray(const ScopedArray&) = delete;
  ScopedArray& operator=(const ScopedArray&) = delete;
  ~ScopedArray() { wipe(items_, count_ * sizeof(T)); }

  T& operator[](std::size_t i) noexcept { return items_[i]; }
  const T& operator[](std::size_t i) const noexcept { return items_[i]; }

 private:
  T items_[kCapacity];
  std::size_t count_;
};

}  // namespace breakwater::tls
