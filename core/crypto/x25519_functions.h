// X25519 as a table of functions, one for each implementation (implementation.h). What they do: x25519.h.
#pragma once

#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"

namespace breakwater::crypto {

struct X25519Functions {
  void (*public_key)(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept;
  bool (*shared_secret)(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[32]) noexcept;
};

// One request of a lane function, in the terms of the function above. done is its answer.
struct X25519PublicKeyLane {
  std::uint8_t* public_key = nullptr;
  const std::uint8_t* scalar = nullptr;
};

struct X25519SharedSecretLane {
  std::uint8_t* shared = nullptr;
  const std::uint8_t* scalar = nullptr;
  const std::uint8_t* peer = nullptr;
  bool done = false;
};

// One to kLanes requests at once. What is wrong with one of them changes nothing for the others.
struct X25519LaneFunctions {
  void (*public_keys)(std::span<X25519PublicKeyLane> lanes) noexcept;
  void (*shared_secrets)(std::span<X25519SharedSecretLane> lanes) noexcept;
};

// Runs on CPUs with MULX, ADCX and ADOX only.
namespace adx {
extern const X25519Functions kX25519;
}

// Runs on CPUs with AVX-512 IFMA, MULX, ADCX and ADOX only.
namespace ifma {
extern const X25519LaneFunctions kX25519Lanes;
}

// Runs everywhere, slowly.
namespace emulated {
extern const X25519LaneFunctions kX25519Lanes;
}

}  // namespace breakwater::crypto
