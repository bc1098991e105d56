// RSA private-key operations as a table of functions, one for each implementation (implementation.h). Padding is the
// caller's: rsa_padding.h makes the message representative.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/lane_count.h"
#include "core/port/entropy.h"

namespace breakwater::crypto {

class RsaPrivateKey;  // rsa_private_key.h
struct RsaBlinding;   // rsa_blinding.h

// Room for the intermediate values of one call, too much for a kernel's stack: whoever runs jobs owns one, usually one
// for each thread. What is in it before a call does not matter; each call wipes what it has used.
inline constexpr std::size_t kRsaScratchSize = std::size_t{128} * 1024;
struct alignas(64) RsaScratch {
  std::uint8_t bytes[kRsaScratchSize];
};

// One signature: message^d modulo n (RFC 8017 5.2.1), by the Chinese remainder theorem, blinded in base and exponent,
// and given out only when the public key confirms it.
struct RsaSignRequest {
  std::uint8_t* signature = nullptr;  // key->size() bytes; may be message
  const RsaPrivateKey* key = nullptr;
  const std::uint8_t* message = nullptr;  // key->size() bytes, big endian, below n
  RsaBlinding* blinding = nullptr;        // of this key; the caller's thread has it for itself
  bool done = false;                      // the answer; false (a computing fault, message >= n) wipes the signature
};

struct RsaFunctions {
  void (*sign)(RsaSignRequest& request, const Entropy& random, RsaScratch& scratch) noexcept;
};

// One to kLanes requests at once, all of keys of one size (else all are refused); the keys may differ, and requests of
// one key may share its blinding. A request that fails changes nothing for the others. Up to half of kLanes take half
// the time of a full batch.
struct RsaLaneFunctions {
  void (*sign)(std::span<RsaSignRequest> requests, const Entropy& random, RsaScratch& scratch) noexcept;
};

extern const RsaFunctions kRsaPortable;  // runs everywhere

namespace adx {
extern const RsaFunctions kRsa;  // MULX, ADCX and ADOX
}
// kRsaLanesSchoolbook: where CpuFeatures::two_vector_ports is set (rsa_lane_schoolbook.h).
namespace ifma {
extern const RsaLaneFunctions kRsaLanes;  // AVX-512 IFMA, MULX, ADCX and ADOX
extern const RsaLaneFunctions kRsaLanesSchoolbook;
}  // namespace ifma
namespace emulated {
extern const RsaLaneFunctions kRsaLanes;  // runs everywhere, slowly
extern const RsaLaneFunctions kRsaLanesSchoolbook;
}  // namespace emulated

}  // namespace breakwater::crypto
