// X25519 in eight lanes, every unit of it: RFC 7748's vectors, Wycheproof's, and libcrypto's answers, in each lane.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/crypto/support.h"
#include "tests/crypto/wycheproof.h"
#include "tests/crypto/x25519_reference.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;

struct Request {
  Bytes32 scalar, peer;
};

struct Answer {
  Bytes32 shared;
  bool done = false;
};

constexpr std::uint8_t kUntouched = 0xa5;

class X25519LanesTest : public LaneUnitTest<X25519LaneUnit> {
 protected:
  // One to eight requests. Outputs of lanes that are not asked for must stay as they are.
  std::vector<Bytes32> public_keys(const std::vector<Bytes32>& scalars) const {
    std::vector<Bytes32> keys(kLanes);
    for (auto& key : keys) key.fill(kUntouched);
    std::vector<crypto::X25519PublicKeyLane> lanes(kLanes);
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i].public_key = keys[i].data();
    for (std::size_t i = 0; i < scalars.size(); ++i) lanes[i].scalar = scalars[i].data();
    GetParam().functions->public_keys(std::span(lanes).first(scalars.size()));
    expect_untouched(keys, scalars.size());
    keys.resize(scalars.size());
    return keys;
  }

  std::vector<Answer> shared_secrets(const std::vector<Request>& requests) const {
    std::vector<Bytes32> secrets(kLanes);
    for (auto& secret : secrets) secret.fill(kUntouched);
    std::vector<crypto::X25519SharedSecretLane> lanes(kLanes);
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i].shared = secrets[i].data();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      lanes[i].scalar = requests[i].scalar.data();
      lanes[i].peer = requests[i].peer.data();
      lanes[i].done = i % 2 == 0;  // whatever it was
    }
    GetParam().functions->shared_secrets(std::span(lanes).first(requests.size()));
    expect_untouched(secrets, requests.size());
    std::vector<Answer> answers(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) answers[i] = {secrets[i], lanes[i].done};
    return answers;
  }

  // Both functions, against libcrypto.
  void expect_agreement(const std::vector<Request>& requests) const {
    std::vector<Bytes32> scalars;
    for (const Request& request : requests) scalars.push_back(request.scalar);
    const auto keys = public_keys(scalars);
    const auto answers = shared_secrets(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const ReferenceX25519 reference(scalars[i]);
      ASSERT_EQ(keys[i], reference.public_key()) << "lane " << i << ", " << to_hex(scalars[i]);
      const Bytes expected = reference.shared_secret(requests[i].peer);
      ASSERT_EQ(answers[i].done, !expected.empty()) << "lane " << i << ", " << to_hex(requests[i].peer);
      ASSERT_EQ(Bytes(answers[i].shared.begin(), answers[i].shared.end()), expected.empty() ? Bytes(32) : expected)
          << "lane " << i << ", " << to_hex(scalars[i]) << " " << to_hex(requests[i].peer);
    }
  }

  Random random;

 private:
  static void expect_untouched(const std::vector<Bytes32>& outputs, std::size_t from) {
    for (std::size_t i = from; i < kLanes; ++i) {
      for (const std::uint8_t byte : outputs[i]) EXPECT_EQ(byte, kUntouched) << "lane " << i;
    }
  }
};
BREAKWATER_FOR_EACH_UNIT(X25519LanesTest, x25519_lane_units());

TEST_P(X25519LanesTest, Rfc7748Section5) {
  const Request first{bytes32("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                      bytes32("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")};
  const Request second{bytes32("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                       bytes32("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")};
  for (const std::size_t turn : {0U, 1U}) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < kLanes; ++i) requests.push_back(i % 2 == turn ? first : second);
    const auto answers = shared_secrets(requests);
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_TRUE(answers[i].done);
      EXPECT_EQ(to_hex(answers[i].shared), i % 2 == turn
                                               ? "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
                                               : "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
    }
  }
}

// The chain of RFC 7748 5.2 in one lane after another, chains of other starts in the others; all of it, or as much as
// the unit has time for.
TEST_P(X25519LanesTest, Rfc7748Iterated) {
  std::vector<Request> requests(kLanes);
  for (auto& request : requests) request = {random.bytes(), random.bytes()};
  Request chain{{9}, {9}};
  for (int i = 1; i <= std::min(GetParam().rounds, 1000); ++i) {
    const std::size_t lane = static_cast<std::size_t>(i) % kLanes;
    requests[lane] = chain;
    const Bytes expected = ReferenceX25519(chain.scalar).shared_secret(chain.peer);
    const auto answers = shared_secrets(requests);
    for (std::size_t j = 0; j < kLanes; ++j) requests[j] = {answers[j].shared, requests[j].scalar};
    chain = requests[lane];
    ASSERT_EQ(Bytes(chain.scalar.begin(), chain.scalar.end()), expected);
    if (i == 1) {
      ASSERT_EQ(to_hex(chain.scalar), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
    if (i == 1000) {
      ASSERT_EQ(to_hex(chain.scalar), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    }
  }
}

// RFC 7748 6.1
TEST_P(X25519LanesTest, DiffieHellman) {
  const Bytes32 alice = bytes32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Bytes32 bob = bytes32("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const auto keys = public_keys({alice, bob, alice, bob, bob, alice, bob, alice});
  for (const std::size_t i : {0U, 2U, 5U, 7U}) {
    EXPECT_EQ(to_hex(keys[i]), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  }
  for (const std::size_t i : {1U, 3U, 4U, 6U}) {
    EXPECT_EQ(to_hex(keys[i]), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  }
  for (const Answer& answer : shared_secrets({{alice, keys[1]}, {bob, keys[0]}})) {
    EXPECT_TRUE(answer.done);
    EXPECT_EQ(to_hex(answer.shared), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  }
}

// Every test in each of the lanes, beside those that come before and after it.
TEST_P(X25519LanesTest, Wycheproof) {
  std::vector<Request> requests;
  std::vector<Bytes32> expected;
  const auto take = [&](const auto&, const auto& test) {
    requests.push_back({bytes32(test.at("private").template get<std::string>()),
                        bytes32(test.at("public").template get<std::string>())});
    expected.push_back(bytes32(test.at("shared").template get<std::string>()));
  };
  BREAKWATER_FOR_EACH_WYCHEPROOF("x25519_test.json", take);
  ASSERT_GT(requests.size(), kLanes);
  for (std::size_t first = 0; first < requests.size(); ++first) {
    std::vector<Request> batch;
    for (std::size_t i = 0; i < kLanes; ++i) batch.push_back(requests[(first + i) % requests.size()]);
    const auto answers = shared_secrets(batch);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Bytes32& shared = expected[(first + i) % requests.size()];
      // A zero result, of points of small order, must be refused; the rest of "acceptable" is plain X25519.
      EXPECT_EQ(answers[i].done, shared != Bytes32{}) << "lane " << i;
      EXPECT_EQ(answers[i].shared, shared) << "lane " << i << " " << to_hex(batch[i].peer);
    }
  }
}

// A peer of small order makes its own lane fail, in any of the lanes; all of them bad is no special case.
TEST_P(X25519LanesTest, RefusesSmallOrderAlone) {
  std::vector<Request> all_bad;
  for (const char* peer : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0100000000000000000000000000000000000000000000000000000000000000",
                           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    const Request bad{random.bytes(), bytes32(peer)};
    all_bad.push_back(bad);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      std::vector<Request> requests;
      for (std::size_t i = 0; i < kLanes; ++i) {
        requests.push_back(i == lane ? bad : Request{random.bytes(), random.bytes()});
      }
      const auto answers = shared_secrets(requests);
      EXPECT_FALSE(answers[lane].done) << peer;
      EXPECT_EQ(answers[lane].shared, Bytes32{}) << peer;
      ASSERT_NO_FATAL_FAILURE(expect_agreement(requests)) << peer;
    }
  }
  for (const Answer& answer : shared_secrets(all_bad)) {
    EXPECT_FALSE(answer.done);
    EXPECT_EQ(answer.shared, Bytes32{});
  }
}

TEST_P(X25519LanesTest, OneToEightLanes) {
  for (std::size_t count = 1; count <= kLanes; ++count) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < count; ++i) requests.push_back({random.scalar(), random.scalar()});
    ASSERT_NO_FATAL_FAILURE(expect_agreement(requests)) << count;
  }
}

TEST_P(X25519LanesTest, AgreesWithLibcryptoOnEdges) {
  const Bignum p = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  auto edges = edge_values(p.get());
  for (auto& edge : edges) std::ranges::reverse(edge);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < edges.size(); ++i) {  // each edge as scalar, as peer, as both
    requests.push_back({edges[i], random.bytes()});
    requests.push_back({random.bytes(), edges[i]});
    requests.push_back({edges[i], edges[edges.size() - 1 - i]});
    if (requests.size() < kLanes) continue;
    ASSERT_NO_FATAL_FAILURE(expect_agreement({requests.begin(), requests.begin() + kLanes}));
    requests.erase(requests.begin(), requests.begin() + kLanes);
  }
  ASSERT_NO_FATAL_FAILURE(expect_agreement(requests));
}

TEST_P(X25519LanesTest, AgreesWithLibcryptoOnRandom) {
  std::vector<Request> requests(kLanes);
  for (int i = 0; i < long_rounds(GetParam().rounds); ++i) {
    for (auto& request : requests) request = {random.scalar(), random.scalar()};
    ASSERT_NO_FATAL_FAILURE(expect_agreement(requests));
  }
}

TEST_P(X25519LanesTest, OutputsMayBeInputs) {
  std::vector<Request> requests(kLanes);
  for (auto& request : requests) request = {random.bytes(), random.bytes()};
  const auto expected = shared_secrets(requests);
  std::vector<Bytes32> bytes(kLanes);
  for (std::size_t i = 0; i < kLanes; ++i) bytes[i] = requests[(i + 1) % kLanes].peer;
  // A lane writes where another lane's peer stands.
  std::vector<crypto::X25519SharedSecretLane> lanes(kLanes);
  for (std::size_t i = 0; i < kLanes; ++i) {
    lanes[i] = {bytes[i].data(), requests[i].scalar.data(), bytes[(i + kLanes - 1) % kLanes].data(), false};
  }
  GetParam().functions->shared_secrets(lanes);
  for (std::size_t i = 0; i < kLanes; ++i) EXPECT_EQ(bytes[i], expected[i].shared) << i;
}

}  // namespace
}  // namespace breakwater::test
