// Wycheproof's ECDH tests over P-256: the peers' points that TLS can carry.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/crypto/support.h"
#include "tests/crypto/wycheproof.h"

namespace breakwater::test {

inline constexpr const char* kEcdhPointsFile = "ecdh_secp256r1_ecpoint_test.json";
inline constexpr const char* kEcdhKeysFile = "ecdh_secp256r1_test.json";

// The 65 bytes of the peer's point. Nothing for compressed points and malformed encodings, which their size alone
// refuses, in the executor.
inline std::optional<Point65> ecdh_point(const nlohmann::json& test) {
  // In front of a point in a SubjectPublicKeyInfo of the named curve.
  const Bytes prefix = from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
  Bytes bytes = from_hex(test.at("public").get<std::string>());
  if (bytes.size() == prefix.size() + 65 && std::equal(prefix.begin(), prefix.end(), bytes.begin())) {
    bytes.erase(bytes.begin(), bytes.end() - 65);
  }
  if (bytes.size() != 65) return std::nullopt;
  Point65 point;
  std::ranges::copy(bytes, point.begin());
  return point;
}

// The scalar, which is written as an integer: sometimes shorter than 32 bytes, or with leading zeros.
inline Bytes32 ecdh_scalar(const nlohmann::json& test) {
  Bytes bytes = from_hex(test.at("private").get<std::string>());
  while (bytes.size() > 32 && bytes.front() == 0) bytes.erase(bytes.begin());
  Bytes32 scalar{};
  EXPECT_LE(bytes.size(), 32U);
  std::ranges::copy(bytes, scalar.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size(), 32)));
  return scalar;
}

}  // namespace breakwater::test
