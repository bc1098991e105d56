// SHA-256 and HMAC-SHA256 in eight lanes, every unit of them: the standards' vectors in each lane, and every size of
// message up to four blocks against libcrypto.
#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>

#include "tests/crypto/sha256_lane_messages.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using Messages = std::array<Bytes, kLanes>;
using Digests = std::array<Bytes32, kLanes>;

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

class Sha256LanesTest : public LaneUnitTest<Sha256LaneUnit> {
 protected:
  const Sha256LaneFunctions& functions() const { return *GetParam().functions; }

  Digests digests(const Messages& messages) const {
    LaneDigest result;
    const auto blocks = lane_blocks(messages);
    functions().digest(result, blocks.data(), blocks.size());
    return split(result);
  }

  Digests hmacs(const Digests& keys, const Messages& messages) const {
    LaneDigest result;
    const auto blocks = lane_blocks(messages, SHA256_CBLOCK);
    functions().hmac(result, lane_digest(keys), blocks.data(), blocks.size());
    return split(result);
  }

  static Digests split(const LaneDigest& digest) {
    Digests result;
    for (std::size_t i = 0; i < kLanes; ++i) result[i] = digest_of_lane(digest, i);
    return result;
  }

  Bytes random_bytes(std::size_t size) {
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.word());
    return bytes;
  }
  Messages random_messages(std::size_t size) {
    Messages messages;
    for (Bytes& message : messages) message = random_bytes(size);
    return messages;
  }
  Digests random_keys() {
    Digests keys;
    for (Bytes32& key : keys) key = random_.bytes();
    return keys;
  }

  Random random_;
};
BREAKWATER_FOR_EACH_UNIT(Sha256LanesTest, sha256_lane_units());

Bytes32 reference_digest(const Bytes& message) {
  Bytes32 digest;
  SHA256(message.data(), message.size(), digest.data());
  return digest;
}

Bytes32 reference_hmac(const Bytes32& key, std::span<const std::uint8_t> message) {
  Bytes32 mac;
  unsigned size = 32;
  EXPECT_NE(HMAC(EVP_sha256(), key.data(), 32, message.data(), message.size(), mac.data(), &size), nullptr);
  return mac;
}

TEST_P(Sha256LanesTest, NoBlockLeavesTheInitialState) {
  LaneDigest result;
  functions().digest(result, nullptr, 0);
  for (const Bytes32& state : split(result)) {
    EXPECT_EQ(to_hex(state), "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19");
  }
}

// The examples that go with FIPS 180-4: of one block, each in each lane beside the other, and of two.
TEST_P(Sha256LanesTest, PublishedExamples) {
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  for (const std::size_t turn : {0U, 1U}) {
    Messages messages;
    for (std::size_t i = turn; i < kLanes; i += 2) messages[i] = bytes_of("abc");
    const Digests result = digests(messages);
    for (std::size_t i = 0; i < kLanes; ++i) EXPECT_EQ(to_hex(result[i]), i % 2 == turn ? abc : empty) << i;
  }
  Messages messages;
  messages.fill(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
  for (const Bytes32& digest : digests(messages)) {
    EXPECT_EQ(to_hex(digest), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
}

TEST_P(Sha256LanesTest, EverySizeAgreesWithLibcrypto) {
  for (std::size_t size = 0; size <= 4 * SHA256_CBLOCK - 9; ++size) {
    const Messages messages = random_messages(size);
    const Digests result = digests(messages);
    for (std::size_t i = 0; i < kLanes; ++i) ASSERT_EQ(result[i], reference_digest(messages[i])) << size << " " << i;
  }
}

// Of RFC 4231, the tests whose keys are no longer than ours; shorter keys are padded with zeros anyway. All at once,
// each in each lane.
TEST_P(Sha256LanesTest, HmacRfc4231) {
  struct Case {
    Bytes key, data;
    std::string mac;
  };
  Bytes counting(25);
  for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::uint8_t>(i + 1);
  const std::array<Case, 5> cases{{
      {Bytes(20, 0x0b), bytes_of("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {bytes_of("Jefe"), bytes_of("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, Bytes(50, 0xcd), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(20, 0x0c), bytes_of("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
  }};
  for (std::size_t turn = 0; turn < kLanes; ++turn) {
    Messages messages;
    Digests keys{};
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Case& one = cases[(i + turn) % cases.size()];
      messages[i] = one.data;
      std::ranges::copy(one.key, keys[i].begin());
    }
    const Digests macs = hmacs(keys, messages);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::string& mac = cases[(i + turn) % cases.size()].mac;
      EXPECT_EQ(to_hex(macs[i]).substr(0, mac.size()), mac) << turn << " " << i;
    }
  }
}

TEST_P(Sha256LanesTest, HmacAgreesWithLibcrypto) {
  for (std::size_t size = 0; size <= 4 * SHA256_CBLOCK - 9; ++size) {
    const Messages messages = random_messages(size);
    const Digests keys = random_keys(), macs = hmacs(keys, messages);
    for (std::size_t i = 0; i < kLanes; ++i) {
      ASSERT_EQ(macs[i], reference_hmac(keys[i], messages[i])) << size << " " << i;
    }
  }
}

TEST_P(Sha256LanesTest, HmacOfADigest) {
  for (int round = 0; round < rounds(20); ++round) {
    const Digests keys = random_keys(), values = random_keys();
    LaneDigest mac = lane_digest(values), mac_of_zeros = mac;
    functions().hmac_of_digest(mac, lane_digest(keys));
    functions().hmac_of_digest_with_zeros(mac_of_zeros);
    for (std::size_t i = 0; i < kLanes; ++i) {
      ASSERT_EQ(digest_of_lane(mac, i), reference_hmac(keys[i], values[i])) << i;
      ASSERT_EQ(digest_of_lane(mac_of_zeros, i), reference_hmac(Bytes32{}, values[i])) << i;
    }
  }
}

}  // namespace
}  // namespace breakwater::test
