// P-256 (secp256r1) as a table of functions, one for each implementation: key pairs, ECDH with validation of the peer's
// point, ECDSA signing. Constant time. Scalars and coordinates are 32 bytes, big endian; points are 65 bytes,
// 0x04 || X || Y (SEC 1 2.3.3).
#pragma once

#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"
#include "core/port/bytes.h"

namespace breakwater::crypto {

struct P256Functions {
  // public_key = scalar * G. Returns false when the scalar is invalid.
  bool (*public_key)(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept;
  // shared = x(scalar * peer). Returns false when the peer's point is not 0x04 || X || Y with X, Y < p on the curve
  // (SP 800-56A 5.6.2.3.4; the order is prime, so such a point is in the group), or the scalar is invalid.
  bool (*shared_secret)(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[65]) noexcept;
  // ECDSA over a 32-byte digest (FIPS 186-5 6.4.1). The nonce is RFC 6979's with `hedge` mixed in as additional data
  // (RFC 6979 3.6): 32 fresh random bytes in service; an empty span gives the deterministic signature of RFC 6979.
  // Writes r || s, 64 bytes. Returns false when the scalar is invalid.
  bool (*sign)(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
               ConstBytes hedge) noexcept;
};

// One request of a lane function, in the terms of the function above. done is its answer; false wipes the output.
struct P256PublicKeyLane {
  std::uint8_t* public_key = nullptr;
  const std::uint8_t* scalar = nullptr;
  bool done = false;
};

struct P256SharedSecretLane {
  std::uint8_t* shared = nullptr;
  const std::uint8_t* scalar = nullptr;
  const std::uint8_t* peer = nullptr;
  bool done = false;
};

struct P256SignLane {
  std::uint8_t* signature = nullptr;
  const std::uint8_t* scalar = nullptr;
  const std::uint8_t* digest = nullptr;
  ConstBytes hedge;
  bool done = false;
};

// One to kLanes requests at once. What is wrong with one of them changes nothing for the others.
struct P256LaneFunctions {
  void (*public_keys)(std::span<P256PublicKeyLane> lanes) noexcept;
  void (*shared_secrets)(std::span<P256SharedSecretLane> lanes) noexcept;
  void (*sign)(std::span<P256SignLane> lanes) noexcept;
};

extern const P256Functions kP256;  // runs everywhere

// Runs on CPUs with MULX, ADCX and ADOX only.
namespace adx {
extern const P256Functions kP256;
}

// Runs on CPUs with AVX-512 IFMA, MULX, ADCX and ADOX only.
namespace ifma {
extern const P256LaneFunctions kP256Lanes;
}

// Runs everywhere, slowly.
namespace emulated {
extern const P256LaneFunctions kP256Lanes;
}

}  // namespace breakwater::crypto
