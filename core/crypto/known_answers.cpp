// The self-test of an implementation.
#include <array>
#include <cstdint>

#include "core/crypto/implementation.h"

namespace breakwater::crypto {

namespace {

// clang-format off

// RFC 7748 6.1
constexpr std::array<std::uint8_t, 32> kAlicePrivate{
    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
    0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
constexpr std::array<std::uint8_t, 32> kBobPrivate{
    0x5d, 0xab, 0x08, 0x7e, 0x62, 0x4a, 0x8a, 0x4b, 0x79, 0xe1, 0x7f, 0x8b, 0x83, 0x80, 0x0e, 0xe6,
    0x6f, 0x3b, 0xb1, 0x29, 0x26, 0x18, 0xb6, 0xfd, 0x1c, 0x2f, 0x8b, 0x27, 0xff, 0x88, 0xe0, 0xeb};
constexpr std::array<std::uint8_t, 32> kBobPublic{
    0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61, 0xc2, 0xec, 0xe4, 0x35, 0x37,
    0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78, 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f};
constexpr std::array<std::uint8_t, 32> kX25519Shared{
    0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35, 0x0f, 0x25,
    0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42};

// RFC 5903 8.1: the initiator's and the responder's private keys, the responder's public key
constexpr std::array<std::uint8_t, 32> kInitiatorPrivate{
    0xc8, 0x8f, 0x01, 0xf5, 0x10, 0xd9, 0xac, 0x3f, 0x70, 0xa2, 0x92, 0xda, 0xa2, 0x31, 0x6d, 0xe5,
    0x44, 0xe9, 0xaa, 0xb8, 0xaf, 0xe8, 0x40, 0x49, 0xc6, 0x2a, 0x9c, 0x57, 0x86, 0x2d, 0x14, 0x33};
constexpr std::array<std::uint8_t, 32> kResponderPrivate{
    0xc6, 0xef, 0x9c, 0x5d, 0x78, 0xae, 0x01, 0x2a, 0x01, 0x11, 0x64, 0xac, 0xb3, 0x97, 0xce, 0x20,
    0x88, 0x68, 0x5d, 0x8f, 0x06, 0xbf, 0x9b, 0xe0, 0xb2, 0x83, 0xab, 0x46, 0x47, 0x6b, 0xee, 0x53};
constexpr std::array<std::uint8_t, 65> kResponderPublic{
    0x04, 0xd1, 0x2d, 0xfb, 0x52, 0x89, 0xc8, 0xd4, 0xf8, 0x12, 0x08, 0xb7, 0x02, 0x70, 0x39, 0x8c,
    0x34, 0x22, 0x96, 0x97, 0x0a, 0x0b, 0xcc, 0xb7, 0x4c, 0x73, 0x6f, 0xc7, 0x55, 0x44, 0x94, 0xbf,
    0x63, 0x56, 0xfb, 0xf3, 0xca, 0x36, 0x6c, 0xc2, 0x3e, 0x81, 0x57, 0x85, 0x4c, 0x13, 0xc5, 0x8d,
    0x6a, 0xac, 0x23, 0xf0, 0x46, 0xad, 0xa3, 0x0f, 0x83, 0x53, 0xe7, 0x4f, 0x33, 0x03, 0x98, 0x72,
    0xab};
constexpr std::array<std::uint8_t, 32> kP256Shared{
    0xd6, 0x84, 0x0f, 0x6b, 0x42, 0xf6, 0xed, 0xaf, 0xd1, 0x31, 0x16, 0xe0, 0xe1, 0x25, 0x65, 0x20,
    0x2f, 0xef, 0x8e, 0x9e, 0xce, 0x7d, 0xce, 0x03, 0x81, 0x24, 0x64, 0xd0, 0x4b, 0x94, 0x42, 0xde};

// RFC 6979 A.2.5: the key, the SHA-256 of "sample", the signature
constexpr std::array<std::uint8_t, 32> kSigningKey{
    0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
    0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21};
constexpr std::array<std::uint8_t, 32> kDigest{
    0xaf, 0x2b, 0xdb, 0xe1, 0xaa, 0x9b, 0x6e, 0xc1, 0xe2, 0xad, 0xe1, 0xd6, 0x94, 0xf4, 0x1f, 0xc7,
    0x1a, 0x83, 0x1d, 0x02, 0x68, 0xe9, 0x89, 0x15, 0x62, 0x11, 0x3d, 0x8a, 0x62, 0xad, 0xd1, 0xbf};
constexpr std::array<std::uint8_t, 64> kSignature{
    0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6,
    0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16,
    0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65,
    0xf3, 0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8};

// FIPS 180-4 5.3.4, and the SHA-384 of "abc" and "abd": the digest is the first six words of the chaining value
constexpr port::Sha512Chain kSha384Start{
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
constexpr std::array<std::uint64_t, 6> kSha384Abc{
    0xcb00753f45a35e8b, 0xb5a03d699ac65007, 0x272c32ab0eded163, 0x1a8b605a43ff5bed,
    0x8086072ba1e7cc23, 0x58baeca134c825a7};
constexpr std::array<std::uint64_t, 6> kSha384Abd{
    0x5d15bcebb965fa77, 0x926c23471c96e3a3, 0x26b363f5f105c3ef, 0x17cfd033b9734fa4,
    0x6556f81a26bb3044, 0xd2dda50481325ef7};

// clang-format on

// Not constant time: the answers are in print.
template <class Array>
bool same(const Array& left, const Array& right) noexcept {
  return memcmp(left.data(), right.data(), left.size()) == 0;
}

bool x25519_is_right(const X25519Functions& x25519) noexcept {
  std::array<std::uint8_t, 32> result{};
  x25519.public_key(result.data(), kBobPrivate.data());
  if (!same(result, kBobPublic)) return false;
  if (!x25519.shared_secret(result.data(), kAlicePrivate.data(), kBobPublic.data())) return false;
  if (!same(result, kX25519Shared)) return false;
  constexpr std::array<std::uint8_t, 32> kSmallOrder{};
  return !x25519.shared_secret(result.data(), kAlicePrivate.data(), kSmallOrder.data());
}

bool p256_is_right(const P256Functions& p256) noexcept {
  std::array<std::uint8_t, 65> point{};
  if (!p256.public_key(point.data(), kResponderPrivate.data()) || !same(point, kResponderPublic)) return false;
  std::array<std::uint8_t, 32> shared{};
  if (!p256.shared_secret(shared.data(), kInitiatorPrivate.data(), point.data())) return false;
  if (!same(shared, kP256Shared)) return false;
  point[64] ^= 1;  // off the curve
  if (p256.shared_secret(shared.data(), kInitiatorPrivate.data(), point.data())) return false;
  std::array<std::uint8_t, 64> signature{};
  return p256.sign(signature.data(), kSigningKey.data(), kDigest.data(), {}) && same(signature, kSignature);
}

// One lane of eight is given a scalar that is none, or a point of small order, and another one a point off the curve:
// the others must not mind.
constexpr std::size_t kBadLane = 3;
constexpr std::size_t kBadPeerLane = 5;
constexpr std::array<std::uint8_t, 32> kZero{};

bool x25519_lanes_are_right(const X25519LaneFunctions& x25519) noexcept {
  std::array<std::array<std::uint8_t, 32>, kLanes> results{};
  std::array<X25519PublicKeyLane, kLanes> keys;
  std::array<X25519SharedSecretLane, kLanes> secrets;
  for (std::size_t i = 0; i < kLanes; ++i) {
    keys[i] = {results[i].data(), kBobPrivate.data()};
    secrets[i] = {results[i].data(), kAlicePrivate.data(), i == kBadLane ? kZero.data() : kBobPublic.data()};
  }
  x25519.public_keys(keys);
  for (const auto& result : results) {
    if (!same(result, kBobPublic)) return false;
  }
  x25519.shared_secrets(secrets);
  for (std::size_t i = 0; i < kLanes; ++i) {
    if (secrets[i].done == (i == kBadLane) || !same(results[i], i == kBadLane ? kZero : kX25519Shared)) return false;
  }
  return true;
}

bool p256_lanes_are_right(const P256LaneFunctions& p256) noexcept {
  std::array<std::array<std::uint8_t, 65>, kLanes> points{};
  std::array<std::array<std::uint8_t, 32>, kLanes> secrets{};
  std::array<std::array<std::uint8_t, 64>, kLanes> signatures{};
  std::array<P256PublicKeyLane, kLanes> make;
  std::array<P256SharedSecretLane, kLanes> agree;
  std::array<P256SignLane, kLanes> sign;
  std::array<std::uint8_t, 65> off_curve = kResponderPublic;
  off_curve[64] ^= 1;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const bool bad = i == kBadLane;
    const auto& peer = i == kBadPeerLane ? off_curve : kResponderPublic;
    make[i] = {points[i].data(), bad ? kZero.data() : kResponderPrivate.data()};
    agree[i] = {secrets[i].data(), bad ? kZero.data() : kInitiatorPrivate.data(), peer.data()};
    sign[i] = {signatures[i].data(), bad ? kZero.data() : kSigningKey.data(), kDigest.data(), {}};
  }
  p256.public_keys(make);
  p256.shared_secrets(agree);
  p256.sign(sign);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const bool bad = i == kBadLane, bad_peer = bad || i == kBadPeerLane;
    if (make[i].done == bad || !same(points[i], bad ? std::array<std::uint8_t, 65>{} : kResponderPublic)) return false;
    if (agree[i].done == bad_peer || !same(secrets[i], bad_peer ? kZero : kP256Shared)) return false;
    if (sign[i].done == bad || !same(signatures[i], bad ? std::array<std::uint8_t, 64>{} : kSignature)) return false;
  }
  return true;
}

// One lane has another message.
bool sha512_lanes_are_right(const Sha512LaneFunctions& sha512) noexcept {
  std::array<port::Sha512Chain, kLanes> chains;
  std::array<std::array<std::uint8_t, 128>, kLanes> blocks{};
  std::array<Sha512Block, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) {
    chains[i] = kSha384Start;
    blocks[i] = {'a', 'b', static_cast<std::uint8_t>(i == kBadLane ? 'd' : 'c'), 0x80};
    blocks[i][127] = 24;  // bits
    lanes[i] = {&chains[i], blocks[i].data()};
  }
  sha512.compress(lanes);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const auto& answer = i == kBadLane ? kSha384Abd : kSha384Abc;
    if (memcmp(chains[i].data(), answer.data(), sizeof answer) != 0) return false;
  }
  return true;
}

}  // namespace

bool gives_known_answers(const Implementation& implementation, RsaSelfTestRoom& room) noexcept {
  const auto* const x25519_lanes = implementation.x25519_lanes;
  const auto* const p256_lanes = implementation.p256_lanes;
  const auto* const sha512_lanes = implementation.sha512_lanes;
  return x25519_is_right(*implementation.x25519) && p256_is_right(*implementation.p256) &&
         (x25519_lanes == nullptr || x25519_lanes_are_right(*x25519_lanes)) &&
         (p256_lanes == nullptr || p256_lanes_are_right(*p256_lanes)) &&
         (sha512_lanes == nullptr || sha512_lanes_are_right(*sha512_lanes)) &&
         rsa_gives_known_answers(implementation.rsa, implementation.rsa_lanes, room);
}

}  // namespace breakwater::crypto
