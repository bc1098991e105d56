// The self-test of RSA functions (implementation.h).
#pragma once

#include <array>
#include <cstdint>

#include "core/crypto/lane_count.h"
#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::crypto {

// Room for the test, too much for a kernel's stack (about 145 KiB). It holds no secret.
struct RsaSelfTestRoom {
  RsaScratch scratch;
  RsaPrivateKey key;
  RsaBlinding blinding;
  std::array<std::array<std::uint8_t, 256>, kLanes> messages;
};

// Whether they give a signature of a 2048-bit key as known, alone and in every lane, and refuse a message that is not
// below the modulus, without harm to the other lanes. Null: passed over.
[[nodiscard]] bool rsa_gives_known_answers(const RsaFunctions* single, const RsaLaneFunctions* lanes,
                                           RsaSelfTestRoom& room) noexcept;

}  // namespace breakwater::crypto
