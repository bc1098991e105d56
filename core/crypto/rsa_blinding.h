// The blinding of RSA signatures: what is raised to the secret power is message r^e instead of message, for a random r
// that nobody knows, and the result is multiplied by r^-1.
#pragma once

#include <array>
#include <cstdint>

#include "core/crypto/lane_count.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::crypto {

// The state of one key in one thread, about 8 KiB. Zeros, as at the start, mean that nothing is made yet: the first
// signature makes it, and costs twice as much. It belongs to one key for its whole life; to use its memory for another
// key, assign RsaBlinding{}. Wiped at the end.
struct RsaBlinding {
  // Both modulo one prime, plain integers; each is used for one signature and then squared.
  struct Pair {
    std::array<Limb, kMaxRsaHalfLimbs> forward;   // r^e
    std::array<Limb, kMaxRsaHalfLimbs> backward;  // r^-1
  };
  // Two residues make one r modulo n (Chinese remainders), so r modulo p and modulo q are drawn apart.
  struct Slot {
    std::uint32_t uses_left;  // signatures until it is made anew from a new r; 0: not made yet
    Pair p, q;
  };

  static constexpr std::uint32_t kUses = 64;

  // Request i of a batch uses slot i, so requests of one key never share an r; a single operation uses slot 0.
  std::array<Slot, kLanes> slots{};

  RsaBlinding() noexcept = default;
  RsaBlinding(const RsaBlinding&) noexcept = default;
  RsaBlinding& operator=(const RsaBlinding&) noexcept = default;
  ~RsaBlinding() { wipe(&slots, sizeof slots); }
};

}  // namespace breakwater::crypto
