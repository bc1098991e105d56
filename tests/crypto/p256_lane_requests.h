// Requests to the lane functions of P-256, with everything that can go wrong with an output watched: what they answer,
// and that nothing is written beyond the requests.
#pragma once

#include <string>
#include <vector>

#include "core/crypto/p256_functions.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/support.h"

namespace breakwater::test {

struct P256LaneUnit {
  std::string name;
  const crypto::P256LaneFunctions* functions;
  int rounds;            // of eight lanes, in a test that takes as long as the unit allows
  std::size_t step = 1;  // of eight vectors in a row to the next: 1 takes each of them to every lane
};

// All there are, whatever the CPU.
std::vector<P256LaneUnit> p256_lane_units();

using Signature64 = std::array<std::uint8_t, 64>;

// Something for each of the three functions.
struct P256Request {
  Bytes32 scalar{};
  Point65 peer{};
  Bytes32 digest{};
  Bytes hedge;
};

struct P256Answer {
  bool key_done = false, secret_done = false, signature_done = false;
  Point65 key{};
  Bytes32 secret{};
  Signature64 signature{};

  friend bool operator==(const P256Answer&, const P256Answer&) = default;
};

// All three functions on one to eight requests.
std::vector<P256Answer> ask_lanes(const crypto::P256LaneFunctions& functions, const std::vector<P256Request>& requests);

// The same by single functions.
P256Answer ask_single(const crypto::P256Functions& functions, const P256Request& request);

// Fails the current test unless the answer is libcrypto's, its signature one that libcrypto verifies.
void expect_right(const P256Answer& answer, const P256Request& request);

}  // namespace breakwater::test
