// The emulated lanes run the algorithm of AVX-512's: valgrind knows no AVX-512.
#include "tests/crypto/constant_time_p256_lanes.h"

#include "core/crypto/lane_count.h"
#include "core/crypto/p256_functions.h"
#include "tests/crypto/constant_time_support.h"

namespace breakwater::test::constant_time {

namespace {

using crypto::kLanes;
using Point65 = std::array<std::uint8_t, 65>;
using Signature64 = std::array<std::uint8_t, 64>;

constexpr std::size_t kBadLane = 5;

// Scalars of all lanes, marked. That of the bad lane is none, which may be known.
std::array<Bytes32, kLanes> secret_scalars() {
  std::array<Bytes32, kLanes> scalars;
  for (std::size_t i = 0; i < kLanes; ++i) scalars[i] = counting(static_cast<std::uint8_t>(i * 0x1d));
  scalars[kBadLane].fill(0xff);
  poison(scalars);
  return scalars;
}

// The answer must be free of marks: the caller branches on it.
void expect_done(bool done, std::size_t lane, const char* what) {
  expect(!is_poisoned(done), "whether a lane was done is known");
  declassify(done);
  expect(done == (lane != kBadLane), what);
}

// A peer, and the public keys on the way.
Point65 check_public_keys(const crypto::P256LaneFunctions& p256) {
  const auto scalars = secret_scalars();
  std::array<Point65, kLanes> keys;
  std::array<crypto::P256PublicKeyLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {keys[i].data(), scalars[i].data()};
  p256.public_keys(lanes);
  for (std::size_t i = 0; i < kLanes; ++i) {
    expect_done(lanes[i].done, i, "public_keys");
    if (i != kBadLane) expect(is_poisoned(keys[i]), "the public key depends on the scalar");
  }
  declassify(keys[0]);  // sent to the peer
  return keys[0];
}

void check_shared_secrets(const crypto::P256LaneFunctions& p256, const Point65& peer) {
  const auto scalars = secret_scalars();
  std::array<Bytes32, kLanes> secrets;
  std::array<crypto::P256SharedSecretLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {secrets[i].data(), scalars[i].data(), peer.data()};
  p256.shared_secrets(lanes);
  for (std::size_t i = 0; i < kLanes; ++i) {
    expect_done(lanes[i].done, i, "shared_secrets");
    if (i != kBadLane) expect(is_poisoned(secrets[i]), "the shared secret depends on the scalar");
  }
  Point65 off = peer;  // a peer that is no point fails alone
  off[64] ^= 1;
  lanes[0].peer = off.data();
  p256.shared_secrets(std::span(lanes).first(3));
  bool refused = !lanes[0].done && lanes[1].done && lanes[2].done;
  expect(!is_poisoned(refused) && refused, "a peer off the curve is refused");
}

// All with a hedge, for which nonces are made in lanes, or one of them without, for which they are made one by one.
void check_sign(const crypto::P256LaneFunctions& p256, bool all_hedged) {
  const auto scalars = secret_scalars();
  std::array<Bytes32, kLanes> digests, hedges;  // digests are public
  std::array<Signature64, kLanes> signatures;
  std::array<crypto::P256SignLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) {
    digests[i] = counting(static_cast<std::uint8_t>(i));
    hedges[i] = counting(static_cast<std::uint8_t>(99 + i));
  }
  poison(hedges);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const ConstBytes hedge = i == 2 && !all_hedged ? ConstBytes() : ConstBytes(hedges[i]);
    lanes[i] = {signatures[i].data(), scalars[i].data(), digests[i].data(), hedge};
  }
  p256.sign(lanes);
  for (std::size_t i = 0; i < kLanes; ++i) {
    expect_done(lanes[i].done, i, "sign");
    if (i != kBadLane) expect(is_poisoned(signatures[i]), "the signature depends on the scalar");
  }
}

}  // namespace

void check_p256_lanes() {
  const crypto::P256LaneFunctions& p256 = crypto::emulated::kP256Lanes;
  check_shared_secrets(p256, check_public_keys(p256));
  check_sign(p256, true);
  check_sign(p256, false);
}

}  // namespace breakwater::test::constant_time
