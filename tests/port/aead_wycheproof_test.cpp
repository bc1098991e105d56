// Wycheproof's AEAD vectors, each sealed and opened whole and with every two-way cut.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "library/port/initialise.h"
#include "tests/port/sealed_text.h"

namespace breakwater::port_test {
namespace {

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// Long texts are cut near block borders and ends only; short ones everywhere.
bool worth_cutting(std::size_t first, std::size_t size) {
  return size <= 200 || first <= 66 || size - first <= 66 || first % 64 <= 1;
}

void check_vector(const Case& input, const Bytes& message, const Sealed& sealed, bool valid) {
  for (std::size_t first = 0; first <= message.size(); ++first) {
    if (!worth_cutting(first, message.size())) continue;
    const Opened opened = open(input, sealed, {first});
    ASSERT_EQ(opened.right, valid) << "cut at " << first;
    if (valid) {
      ASSERT_EQ(opened.text, message) << "cut at " << first;
      ASSERT_EQ(seal(input, message, {first}), sealed) << "cut at " << first;
    } else {
      ASSERT_NE(seal(input, message, {first}), sealed) << "cut at " << first;
    }
  }
}

// Runs the groups with this key size and TLS's nonce and tag size; returns how many vectors there were.
int run_vectors(const std::filesystem::path& path, port::Aead aead) {
  std::ifstream file(path);
  const nlohmann::json document = nlohmann::json::parse(file);
  int count = 0;
  for (const auto& group : document["testGroups"]) {
    if (group["ivSize"] != 96 || group["tagSize"] != 128 || group["keySize"] != 8 * port::aead_key_size(aead)) continue;
    for (const auto& test : group["tests"]) {
      SCOPED_TRACE("tcId " + test["tcId"].dump());
      const Case input{aead, from_hex(test["key"]), from_hex(test["iv"]), from_hex(test["aad"])};
      Sealed sealed{from_hex(test["ct"]), {}};
      const Bytes tag = from_hex(test["tag"]);
      if (tag.size() != sealed.tag.size()) {
        ADD_FAILURE() << "the vector's tag has " << tag.size() << " bytes";
        continue;
      }
      std::copy(tag.begin(), tag.end(), sealed.tag.begin());
      check_vector(input, from_hex(test["msg"]), sealed, test["result"] == "valid");
      ++count;
    }
  }
  return count;
}

class AeadWycheproofTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { port::initialise(); }
  void SetUp() override {
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no Wycheproof vectors at " << folder;
  }
  const std::filesystem::path folder = std::filesystem::path(BREAKWATER_SOURCE_DIR) / "../shared/vectors";
};

TEST_F(AeadWycheproofTest, aes_128_gcm) {
  EXPECT_GT(run_vectors(folder / "aes_gcm_test.json", port::Aead::Aes128Gcm), 50);
}
TEST_F(AeadWycheproofTest, aes_256_gcm) {
  EXPECT_GT(run_vectors(folder / "aes_gcm_test.json", port::Aead::Aes256Gcm), 50);
}
TEST_F(AeadWycheproofTest, chacha20_poly1305) {
  EXPECT_GT(run_vectors(folder / "chacha20_poly1305_test.json", port::Aead::ChaCha20Poly1305), 250);
}

}  // namespace
}  // namespace breakwater::port_test
