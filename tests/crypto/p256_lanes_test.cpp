// P-256 in eight lanes, every unit of it: edges, Wycheproof's and RFC 6979's vectors in each lane, bad requests beside
// good ones, and many random ones, against libcrypto and the single functions.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <algorithm>
#include <string_view>

#include "core/crypto/cpu.h"
#include "core/crypto/p256.h"
#include "tests/crypto/p256_comb_scalars.h"
#include "tests/crypto/p256_lane_requests.h"
#include "tests/crypto/p256_wycheproof.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;

const ReferenceP256& reference() { return reference_p256(); }

// The fastest single functions that this CPU can run; portable ones where it has no others.
const crypto::P256Functions& single() {
#if defined(__x86_64__)
  if (crypto::detect_cpu().adx) return crypto::adx::kP256;
#endif
  return crypto::kP256;
}

class P256LanesTest : public LaneUnitTest<P256LaneUnit> {
 protected:
  std::vector<P256Answer> ask(const std::vector<P256Request>& requests) const {
    return ask_lanes(*GetParam().functions, requests);
  }

  // Of a good request.
  P256Request request() {
    P256Request made{.scalar = scalar(), .peer = {}, .digest = random_.scalar(), .hedge = hedge()};
    const Bytes32 other = scalar();
    EXPECT_TRUE(single().public_key(made.peer.data(), other.data()));
    return made;
  }
  std::vector<P256Request> some(std::size_t count) {
    std::vector<P256Request> requests;
    for (std::size_t i = 0; i < count; ++i) requests.push_back(request());
    set_hedges(requests);
    return requests;
  }

  // Of one size, which lets nonces be made in lanes, or, every fourth time, of any.
  void set_hedges(std::vector<P256Request>& requests) {
    const bool is_any = random_.word() % 4 == 0;
    const std::size_t size = random_.word() % 33;
    for (P256Request& request : requests) request.hedge = is_any ? hedge() : hedge(size);
  }

  Bytes32 scalar() {
    Bytes32 made;
    do made = random_.scalar();
    while (!crypto::p256_scalar_is_valid(made.data()));
    return made;
  }

  // At most 32 bytes.
  Bytes hedge(std::size_t size) {
    const Bytes32 bytes = random_.bytes();
    return Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  }
  Bytes hedge() { return hedge(random_.word() % 33); }

  // Against libcrypto, and, as the hedged signatures are deterministic, all of it against the portable functions.
  void expect_agreement(const std::vector<P256Request>& requests) const {
    const auto answers = ask(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      SCOPED_TRACE("lane " + std::to_string(i) + ", scalar " + to_hex(requests[i].scalar) + ", peer " +
                   to_hex(requests[i].peer));
      ASSERT_NO_FATAL_FAILURE(expect_right(answers[i], requests[i]));
      ASSERT_EQ(answers[i], ask_single(crypto::kP256, requests[i]));
    }
  }

  // This request in each of the lanes in turn: none of the others must notice.
  void expect_alone(const P256Request& odd) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      auto requests = some(kLanes);
      requests[lane] = odd;
      const auto answers = ask(requests);
      ASSERT_NO_FATAL_FAILURE(expect_right(answers[lane], odd)) << "lane " << lane;
      for (std::size_t i = 0; i < kLanes; ++i) {
        ASSERT_EQ(answers[i], ask_single(single(), requests[i])) << "lane " << i << ", the odd one is " << lane;
      }
    }
  }

  Random random_;
};
BREAKWATER_FOR_EACH_UNIT(P256LanesTest, p256_lane_units());

TEST_P(P256LanesTest, OneToEightRequests) {
  for (std::size_t count = 1; count <= kLanes; ++count) {
    ASSERT_NO_FATAL_FAILURE(expect_agreement(some(count))) << count;
  }
}

TEST_P(P256LanesTest, EdgeScalarsAndDigests) {
  const auto edges = edge_values(reference().n());  // refused ones among them
  std::vector<P256Request> requests;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    requests.push_back(request());
    requests.back().scalar = edges[i];
    requests.back().digest = edges[edges.size() - 1 - i];
    if (requests.size() < kLanes && i + 1 < edges.size()) continue;
    ASSERT_NO_FATAL_FAILURE(expect_agreement(requests));
    requests.clear();
  }
}

// The multiplications near the special cases of addition, see p256_multiply.h.
TEST_P(P256LanesTest, CombScalars) {
  const auto scalars = comb_scalars();
  const Point65 peer = request().peer;
  for (std::size_t first = 0; first < scalars.size(); first += kLanes * thinning()) {
    const std::size_t count = std::min(kLanes, scalars.size() - first);
    std::array<Point65, kLanes> keys;
    std::array<Bytes32, kLanes> secrets;
    std::array<crypto::P256PublicKeyLane, kLanes> make;
    std::array<crypto::P256SharedSecretLane, kLanes> agree;
    for (std::size_t i = 0; i < count; ++i) {
      make[i] = {keys[i].data(), scalars[first + i].data()};
      agree[i] = {secrets[i].data(), scalars[first + i].data(), peer.data()};
    }
    GetParam().functions->public_keys(std::span(make).first(count));
    GetParam().functions->shared_secrets(std::span(agree).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes32& scalar = scalars[first + i];
      SCOPED_TRACE("lane " + std::to_string(i) + ", " + to_hex(scalar));
      ASSERT_TRUE(make[i].done && agree[i].done);
      ASSERT_EQ(Bytes(keys[i].begin(), keys[i].end()), reference().multiply_generator(bignum(scalar).get()));
      const Bytes shared = reference().multiply(peer, bignum(scalar).get());
      ASSERT_EQ(Bytes(secrets[i].begin(), secrets[i].end()), Bytes(shared.begin() + 1, shared.begin() + 33));
    }
  }
}

TEST_P(P256LanesTest, Rfc6979SectionA25) {
  P256Request sample = request();
  sample.scalar = bytes32("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  sample.hedge.clear();
  P256Request test = sample;
  SHA256(reinterpret_cast<const std::uint8_t*>("sample"), 6, sample.digest.data());
  SHA256(reinterpret_cast<const std::uint8_t*>("test"), 4, test.digest.data());
  for (const std::size_t turn : {0U, 1U}) {
    std::vector<P256Request> requests;
    for (std::size_t i = 0; i < kLanes; ++i) requests.push_back(i % 2 == turn ? sample : test);
    const auto answers = ask(requests);
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_TRUE(answers[i].signature_done);
      EXPECT_EQ(to_hex(answers[i].key),
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
      EXPECT_EQ(to_hex(answers[i].signature), i % 2 == turn
                                                  ? "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                                    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
                                                  : "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                                                    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
    }
  }
}

// Hedges of unlike sizes, of one size, and longer than any in service.
TEST_P(P256LanesTest, EachLaneHasItsHedge) {
  const auto expect_own = [&](const auto& size_of) {
    std::vector<P256Request> requests(kLanes, request());
    for (std::size_t i = 0; i < kLanes; ++i) requests[i].hedge.assign(size_of(i), static_cast<std::uint8_t>(i));
    const auto answers = ask(requests);
    for (std::size_t i = 0; i < kLanes; ++i) {
      for (std::size_t j = i + 1; j < kLanes; ++j) {
        const bool same = requests[i].hedge == requests[j].hedge;
        EXPECT_EQ(answers[i].signature == answers[j].signature, same) << i << " " << j;
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_agreement(requests));
  };
  expect_own([](std::size_t i) { return i / 2 * 16; });
  for (const std::size_t size : {0U, 1U, 22U, 23U, 32U, 86U, 87U, 200U}) {
    expect_own([&](std::size_t) { return size; });
  }
}

TEST_P(P256LanesTest, BadScalarsAlone) {
  Bytes32 above = to_bytes32(reference().n());
  above[31] = static_cast<std::uint8_t>(above[31] + 1);
  Bytes32 ones;
  ones.fill(0xff);
  for (const Bytes32& bad : {Bytes32{}, to_bytes32(reference().n()), above, ones}) {
    P256Request odd = request();
    odd.scalar = bad;
    ASSERT_NO_FATAL_FAILURE(expect_alone(odd)) << to_hex(bad);
  }
}

// Peers that are no points, and one that just is one.
TEST_P(P256LanesTest, OddPeersAlone) {
  const Point65 good = request().peer;
  const auto with = [&](std::size_t at, const Bytes32& coordinate) {
    Point65 point = good;
    std::ranges::copy(coordinate, point.begin() + static_cast<std::ptrdiff_t>(at));
    return point;
  };
  const Bytes32 p = to_bytes32(reference().p());
  Bytes32 ones;
  ones.fill(0xff);
  // The point with x = 0, whose coordinate also fits as x = p.
  const Bignum root(BN_mod_sqrt(nullptr, reference().b(), reference().p(), reference().context()));
  Point65 x_is_zero{4};
  std::ranges::copy(to_bytes32(root.get()), x_is_zero.begin() + 33);
  Point65 x_is_p = x_is_zero;
  std::ranges::copy(p, x_is_p.begin() + 1);
  Point65 off = good;
  off[64] ^= 1;
  std::vector<Point65> peers{x_is_zero, x_is_p, off, with(1, p), with(33, p), with(1, ones), with(33, ones), Point65{}};
  for (const std::uint8_t prefix : std::array<std::uint8_t, 6>{0, 2, 3, 5, 6, 7}) {
    peers.push_back(good);
    peers.back()[0] = prefix;
  }
  peers.push_back(Point65{4});  // (0, 0)
  for (const Point65& peer : peers) {
    P256Request odd = request();
    odd.peer = peer;
    ASSERT_NO_FATAL_FAILURE(expect_alone(odd)) << to_hex(peer);
  }
}

// Coordinates at the edges of the field, on the curve or not.
TEST_P(P256LanesTest, EdgeCoordinates) {
  const auto edges = edge_values(reference().p());
  std::vector<P256Request> requests;
  for (const Bytes32& x : edges) {
    Bytes compressed(33);
    compressed[0] = 2;
    std::ranges::copy(x, compressed.begin() + 1);
    P256Request made = request();
    made.peer[0] = 4;
    std::ranges::copy(x, made.peer.begin() + 1);
    requests.push_back(made);  // hardly ever on the curve
    if (reference().is_on_curve(compressed)) {
      Point65 on_curve;
      std::ranges::copy(reference().multiply(compressed, BN_value_one()), on_curve.begin());
      made.peer = on_curve;
      requests.push_back(made);
    }
    while (requests.size() >= kLanes) {
      ASSERT_NO_FATAL_FAILURE(expect_agreement({requests.begin(), requests.begin() + kLanes}));
      requests.erase(requests.begin(), requests.begin() + kLanes);
    }
  }
}

TEST_P(P256LanesTest, AllBad) {
  std::vector<P256Request> requests(kLanes, request());
  for (P256Request& bad : requests) bad.scalar.fill(0xff), bad.peer[3] ^= 1;
  for (const P256Answer& answer : ask(requests)) EXPECT_EQ(answer, P256Answer{});
}

// Every test in each of the lanes, or in some where that takes long, beside those that come before and after it.
TEST_P(P256LanesTest, Wycheproof) {
  for (const char* const name : {kEcdhPointsFile, kEcdhKeysFile}) {
    std::vector<std::pair<Bytes32, Point65>> inputs;
    std::vector<std::optional<Bytes32>> expected;
    const auto take = [&](const auto&, const auto& test) {
      const auto point = ecdh_point(test);
      if (!point) return;
      inputs.emplace_back(ecdh_scalar(test), *point);
      expected.emplace_back();
      if (test.at("result") == "valid") expected.back() = bytes32(test.at("shared").template get<std::string>());
    };
    BREAKWATER_FOR_EACH_WYCHEPROOF(name, take);
    ASSERT_GT(inputs.size(), 300U);
    for (std::size_t first = 0; first < inputs.size(); first += GetParam().step) {
      std::array<Bytes32, kLanes> shared;
      std::array<crypto::P256SharedSecretLane, kLanes> lanes;
      for (std::size_t i = 0; i < kLanes; ++i) {
        const auto& [scalar, peer] = inputs[(first + i) % inputs.size()];
        lanes[i] = {shared[i].data(), scalar.data(), peer.data()};
      }
      GetParam().functions->shared_secrets(lanes);
      for (std::size_t i = 0; i < kLanes; ++i) {
        const auto& secret = expected[(first + i) % inputs.size()];
        ASSERT_EQ(lanes[i].done, secret.has_value()) << "lane " << i;
        ASSERT_EQ(shared[i], secret.value_or(Bytes32{})) << "lane " << i << ", test " << (first + i) % inputs.size();
      }
    }
  }
}

// Every set against the single functions, every eighth against libcrypto too, which is slower than all the rest.
TEST_P(P256LanesTest, AgreesOnRandom) {
  std::vector<P256Request> requests = some(kLanes);
  for (int i = 0; i < long_rounds(GetParam().rounds); ++i) {
    const auto answers = ask(requests);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      SCOPED_TRACE("lane " + std::to_string(lane) + ", scalar " + to_hex(requests[lane].scalar) + ", peer " +
                   to_hex(requests[lane].peer));
      ASSERT_EQ(answers[lane], ask_single(single(), requests[lane]));
      if (i % 8 == 0) {
        ASSERT_NO_FATAL_FAILURE(expect_right(answers[lane], requests[lane]));
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {  // a key becomes the peer of another lane
      requests[lane] = {random_.scalar(), requests[lane].peer, random_.scalar(), {}};
      const P256Answer& other = answers[(lane + 1) % kLanes];
      if (other.key_done) requests[lane].peer = other.key;
    }
    set_hedges(requests);
  }
}

}  // namespace
}  // namespace breakwater::test
