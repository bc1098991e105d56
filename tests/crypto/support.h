// What the crypto tests share: bytes and hex, seeded randomness, edge values, and libcrypto as the reference.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/limbs.h"

namespace breakwater::test {

using Bytes = std::vector<std::uint8_t>;
using Bytes32 = std::array<std::uint8_t, 32>;
using Point65 = std::array<std::uint8_t, 65>;

Bytes from_hex(std::string_view hex);
std::string to_hex(std::span<const std::uint8_t> bytes);
Bytes32 bytes32(std::string_view hex);

// How many times a loop runs: count, or 50 times that when BREAKWATER_NIGHTLY=1.
int rounds(int count);
// Of comparisons with libcrypto, some 10^5 operations of each layer: 100 times that, hours, when BREAKWATER_NIGHTLY=1.
int long_rounds(int count);
// Each how manieth of a long list of values is tried, when all of them run the same instructions: 1, or 10 with a
// sanitizer unless BREAKWATER_NIGHTLY=1.
std::size_t thinning();

// Replayable: the seed is fixed, or BREAKWATER_SEED, or fresh in nightly runs; it is printed when the test starts.
class Random {
 public:
  Random();
  Bytes32 bytes();
  std::uint64_t word() { return engine_(); }
  // An edge value, or random bytes, or runs of ones and zeros of random lengths.
  Bytes32 scalar();

 private:
  std::mt19937_64 engine_;
};

// 0, 1, 2, m - 2 .. m + 2, all ones, single bits, long runs of ones and zeros, limb boundaries: below 2^256, big
// endian.
std::vector<Bytes32> edge_values(const BIGNUM* modulus);

struct Free {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
};
using Bignum = std::unique_ptr<BIGNUM, Free>;

Bignum bignum(std::span<const std::uint8_t> big_endian);
Bignum bignum(const crypto::Limbs& limbs);
Bignum bignum_hex(const char* hex);
Bytes32 to_bytes32(const BIGNUM* value);
crypto::Limbs to_limbs(const BIGNUM* value);

// P-256 by libcrypto.
class ReferenceP256 {
 public:
  ReferenceP256();
  const BIGNUM* p() const { return p_.get(); }
  const BIGNUM* n() const { return n_.get(); }
  const BIGNUM* b() const { return b_.get(); }
  BN_CTX* context() const { return context_.get(); }

  // scalar * G for any scalar; empty for the neutral element.
  Bytes multiply_generator(const BIGNUM* scalar) const;
  // scalar * point (65 bytes, valid); empty for the neutral element.
  Bytes multiply(std::span<const std::uint8_t> point, const BIGNUM* scalar) const;
  Bytes add(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) const;  // empty: neutral
  bool is_on_curve(std::span<const std::uint8_t> point) const;
  // Whether the DER signature of the digest verifies under the public key.
  bool verify(std::span<const std::uint8_t> public_key, const Bytes32& digest, std::span<const std::uint8_t> der) const;

 private:
  using Point = std::unique_ptr<EC_POINT, Free>;
  Point decode(std::span<const std::uint8_t> point) const;
  Bytes encode(const EC_POINT* point) const;

  std::unique_ptr<BN_CTX, Free> context_;
  std::unique_ptr<EC_GROUP, Free> group_;
  Bignum p_, n_, b_;
};

const ReferenceP256& reference_p256();

}  // namespace breakwater::test
