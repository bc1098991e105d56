// X25519 by libcrypto, and this program's tables of X25519 in lanes.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/crypto/x25519_functions.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/support.h"

namespace breakwater::test {

class ReferenceX25519 {
 public:
  explicit ReferenceX25519(const Bytes32& scalar);
  Bytes32 public_key() const;
  // Empty when libcrypto refuses the peer.
  Bytes shared_secret(const Bytes32& peer) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

struct X25519LaneUnit {
  std::string name;
  const crypto::X25519LaneFunctions* functions;
  int rounds;  // of eight lanes, in a test that takes as long as the unit allows
};

inline void PrintTo(const X25519LaneUnit& unit, std::ostream* out) { *out << unit.name; }  // for GoogleTest

// All there are, whatever the CPU.
std::vector<X25519LaneUnit> x25519_lane_units();

}  // namespace breakwater::test
