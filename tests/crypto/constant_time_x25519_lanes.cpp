#include "tests/crypto/constant_time_x25519_lanes.h"

#include "core/crypto/x25519_functions.h"
#include "tests/crypto/constant_time_support.h"

namespace breakwater::test::constant_time {

void check_x25519_lanes() {
  constexpr std::size_t kLanes = crypto::kLanes, kBad = 3;
  const crypto::X25519LaneFunctions& x25519 = crypto::emulated::kX25519Lanes;
  std::array<Bytes32, kLanes> scalars, keys, secrets;
  for (std::size_t i = 0; i < kLanes; ++i) scalars[i] = counting(static_cast<std::uint8_t>(29 * i));
  poison(scalars);

  std::array<crypto::X25519PublicKeyLane, kLanes> key_lanes;
  for (std::size_t i = 0; i < kLanes; ++i) key_lanes[i] = {keys[i].data(), scalars[i].data()};
  x25519.public_keys(key_lanes);
  for (const Bytes32& key : keys) expect(is_poisoned(key), "lanes: the public key depends on the scalar");
  declassify(keys);  // sent to the peers

  keys[kBad] = {1};  // of small order
  std::array<crypto::X25519SharedSecretLane, kLanes> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = {secrets[i].data(), scalars[i].data(), keys[i].data(), false};
  for (const std::size_t count : {kLanes, kLanes - 3}) {
    x25519.shared_secrets(std::span(lanes).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      expect(lanes[i].done == (i != kBad), "lanes: whose peer is refused");  // depends on the peer's point alone
      expect(is_poisoned(secrets[i]), "lanes: the shared secret depends on the scalar");
    }
  }
}

}  // namespace breakwater::test::constant_time
