// The arithmetic of signatures and key exchange: one table for each kind of CPU it is written for. All give the same
// results, in constant time. The host picks one at start (best_working) and hands it to what runs jobs.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/crypto/cpu.h"
#include "core/crypto/known_answers_rsa.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/sha512_functions.h"
#include "core/crypto/x25519_functions.h"

namespace breakwater::crypto {

// The functions are documented in p256.h, x25519.h and rsa_functions.h. Lane functions: null where there are none.
struct Implementation {
  const char* name;  // as in options and measurements
  const P256Functions* p256;
  const X25519Functions* x25519;
  const RsaFunctions* rsa;
  const P256LaneFunctions* p256_lanes;
  const X25519LaneFunctions* x25519_lanes;
  const RsaLaneFunctions* rsa_lanes;
  const Sha512LaneFunctions* sha512_lanes;
};

extern const Implementation kPortable;  // runs everywhere
extern const Implementation kEmulated;  // runs everywhere: kPortable, and lanes in plain C++, for tests
#if defined(__x86_64__)
extern const Implementation kAdx;           // where CpuFeatures::adx is set
extern const Implementation kIfma;          // where CpuFeatures::ifma is set: kAdx, and eight lanes of AVX-512 IFMA
extern const Implementation kIfmaTwoPorts;  // the same, faster with CpuFeatures::two_vector_ports and slower without
#endif

// Some implementations, the fastest first.
class ImplementationList {
 public:
  using Pointer = const Implementation*;
  constexpr void add(const Implementation& implementation) noexcept { list_[count_++] = &implementation; }
  constexpr const Pointer* begin() const noexcept { return list_.data(); }
  constexpr const Pointer* end() const noexcept { return list_.data() + count_; }

 private:
  std::array<Pointer, 4> list_{};
  std::size_t count_ = 0;
};

#if defined(__x86_64__)
// The faster one of those with lanes of AVX-512, for a CPU that has them.
const Implementation& ifma_for(const CpuFeatures& cpu) noexcept;
#endif

// Those that such a CPU can run, but for kEmulated. The last is kPortable.
ImplementationList implementations_for(const CpuFeatures& cpu) noexcept;

// Whether it computes known answers: RFC 7748 6.1, RFC 5903 8.1, RFC 6979 A.2.5, an RSA signature, and refuses what
// must be refused. For a compiler or a CPU that gets it wrong: nothing may be signed or agreed on with it. Takes some
// milliseconds.
[[nodiscard]] bool gives_known_answers(const Implementation& implementation, RsaSelfTestRoom& room) noexcept;

struct Selection {
  const Implementation* chosen = nullptr;    // null: none of them works
  const Implementation* rejected = nullptr;  // the first that gave a wrong answer, null: none did
};

// The first of the list that gives the known answers.
Selection best_working(std::span<const Implementation* const> candidates, RsaSelfTestRoom& room) noexcept;

}  // namespace breakwater::crypto
