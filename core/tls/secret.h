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

}  // namespace breakwater::tls
