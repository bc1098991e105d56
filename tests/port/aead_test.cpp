// The AEAD seam against libcrypto: every size a short record can have, every way to cut it, every kind of forgery.
#include <gtest/gtest.h>

#include "library/port/initialise.h"
#include "tests/port/sealed_text.h"

namespace breakwater::port_test {
namespace {

class AeadTest : public testing::TestWithParam<port::Aead> {
 protected:
  static void SetUpTestSuite() { port::initialise(); }
};

TEST_P(AeadTest, agrees_with_evp_for_every_size) {
  for (std::size_t size = 0; size <= 600; ++size) {
    const Case input = make_case(GetParam(), size % 41, static_cast<unsigned>(size));
    const Bytes text = pattern(size, 7);
    const Sealed sealed = seal(input, text);
    ASSERT_EQ(sealed, seal_by_evp(input, text)) << size;
    const Opened opened = open(input, sealed);
    ASSERT_TRUE(opened.right) << size;
    ASSERT_EQ(opened.text, text) << size;
  }
}

TEST_P(AeadTest, agrees_with_evp_for_a_full_record) {
  const Case input = make_case(GetParam(), 13, 99);
  const Bytes text = pattern(16384 + 1, 8);
  const Sealed expected = seal_by_evp(input, text);
  EXPECT_EQ(seal(input, text), expected);
  for (const std::size_t first : std::initializer_list<std::size_t>{1, 5, 1400, 8192, 16383, 16384}) {
    EXPECT_EQ(seal(input, text, {first}), expected) << first;
    EXPECT_EQ(open(input, expected, {first}).text, text) << first;
  }
}

TEST_P(AeadTest, every_two_way_cut_gives_the_same_answer) {
  const Case input = make_case(GetParam(), 5, 3);
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 15, 16, 17, 63, 64, 65, 128, 300}) {
    const Bytes text = pattern(size, 9);
    const Sealed expected = seal_by_evp(input, text);
    for (std::size_t first = 0; first <= size; ++first) {
      ASSERT_EQ(seal(input, text, {first}), expected) << first << " of " << size;
      const Opened opened = open(input, expected, {first});
      ASSERT_TRUE(opened.right) << first << " of " << size;
      ASSERT_EQ(opened.text, text) << first << " of " << size;
    }
  }
}

TEST_P(AeadTest, every_three_way_cut_gives_the_same_answer) {
  const Case input = make_case(GetParam(), 13, 4);
  const Bytes text = pattern(70, 10);
  const Sealed expected = seal_by_evp(input, text);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = 0; first + second <= text.size(); ++second) {
      ASSERT_EQ(seal(input, text, {first, second}), expected) << first << " " << second;
      ASSERT_EQ(open(input, expected, {first, second}).text, text) << first << " " << second;
    }
  }
}

TEST_P(AeadTest, empty_pieces_change_nothing) {
  const Case input = make_case(GetParam(), 13, 5);
  const Bytes text = pattern(50, 11);
  const Sealed expected = seal_by_evp(input, text);
  for (const auto& sizes : std::vector<std::vector<std::size_t>>{
           {0}, {50}, {0, 50}, {50, 0}, {0, 0, 50, 0}, {20, 0, 0, 10}, {0, 20, 0, 30, 0}}) {
    EXPECT_EQ(seal(input, text, sizes), expected);
    const Opened opened = open(input, expected, sizes);
    EXPECT_TRUE(opened.right);
    EXPECT_EQ(opened.text, text);
  }
}

TEST_P(AeadTest, a_text_of_no_bytes_has_a_tag) {
  for (const std::size_t associated_size : std::initializer_list<std::size_t>{0, 1, 13, 16, 17}) {
    const Case input = make_case(GetParam(), associated_size, 6);
    const Sealed expected = seal_by_evp(input, {});
    port::AeadKey key;
    port::aead_expand(key, input.aead, input.key.data());
    const MutableBytes nothing;
    for (const std::span<const MutableBytes> pieces : {std::span<const MutableBytes>{}, {&nothing, 1}}) {
      Tag tag{};
      port::aead_seal(key, input.aead, input.nonce.data(), input.associated_data, pieces, tag.data());
      EXPECT_EQ(tag, expected.tag) << associated_size;
      EXPECT_TRUE(
          port::aead_open(key, input.aead, input.nonce.data(), input.associated_data, pieces, expected.tag.data()));
      tag[0] ^= 1;
      EXPECT_FALSE(port::aead_open(key, input.aead, input.nonce.data(), input.associated_data, pieces, tag.data()));
    }
  }
}

TEST_P(AeadTest, any_flipped_bit_is_a_forgery) {
  const Case input = make_case(GetParam(), 13, 7);
  const Sealed sealed = seal(input, pattern(37, 12));
  for (const auto& sizes : std::vector<std::vector<std::size_t>>{{}, {11}}) {
    ASSERT_TRUE(open(input, sealed, sizes).right);
    for (std::size_t bit = 0; bit < 8 * sealed.tag.size(); ++bit) {
      Sealed forged = sealed;
      forged.tag[bit / 8] = static_cast<std::uint8_t>(forged.tag[bit / 8] ^ (1 << bit % 8));
      ASSERT_FALSE(open(input, forged, sizes).right) << "tag bit " << bit;
    }
    for (std::size_t bit = 0; bit < 8 * sealed.text.size(); ++bit) {
      Sealed forged = sealed;
      forged.text[bit / 8] = static_cast<std::uint8_t>(forged.text[bit / 8] ^ (1 << bit % 8));
      ASSERT_FALSE(open(input, forged, sizes).right) << "text bit " << bit;
    }
    for (std::size_t bit = 0; bit < 8 * input.associated_data.size(); ++bit) {
      Case forged = input;
      forged.associated_data[bit / 8] = static_cast<std::uint8_t>(forged.associated_data[bit / 8] ^ (1 << bit % 8));
      ASSERT_FALSE(open(forged, sealed, sizes).right) << "associated data bit " << bit;
    }
    for (std::size_t bit = 0; bit < 8 * input.nonce.size(); ++bit) {
      Case forged = input;
      forged.nonce[bit / 8] = static_cast<std::uint8_t>(forged.nonce[bit / 8] ^ (1 << bit % 8));
      ASSERT_FALSE(open(forged, sealed, sizes).right) << "nonce bit " << bit;
    }
  }
}

TEST_P(AeadTest, bytes_around_the_pieces_stay) {
  const Case input = make_case(GetParam(), 5, 8);
  port::AeadKey key;
  port::aead_expand(key, input.aead, input.key.data());
  for (std::size_t size = 1; size <= 130; ++size) {
    Bytes memory(2 * size + 96, 0xa5);
    const std::array pieces{MutableBytes(memory).subspan(32, size), MutableBytes(memory).subspan(64 + size, size)};
    Tag tag{};
    port::aead_seal(key, input.aead, input.nonce.data(), input.associated_data, pieces, tag.data());
    for (std::size_t i = 0; i < 32; ++i) {
      ASSERT_EQ(memory[i], 0xa5) << size;
      ASSERT_EQ(memory[32 + size + i], 0xa5) << size;
      ASSERT_EQ(memory[64 + 2 * size + i], 0xa5) << size;
    }
  }
}

TEST_P(AeadTest, an_expanded_key_may_be_copied) {
  const Case input = make_case(GetParam(), 13, 9);
  const Bytes text = pattern(100, 13);
  port::AeadKey key;
  port::aead_expand(key, input.aead, input.key.data());
  const port::AeadKey copy = key;
  wipe(&key, sizeof key);
  Sealed sealed{text, {}};
  port::aead_seal(copy, input.aead, input.nonce.data(), input.associated_data, cut(sealed.text, {}), sealed.tag.data());
  EXPECT_EQ(sealed, seal_by_evp(input, text));
}

INSTANTIATE_TEST_SUITE_P(Port, AeadTest,
                         testing::Values(port::Aead::Aes128Gcm, port::Aead::Aes256Gcm, port::Aead::ChaCha20Poly1305),
                         [](const testing::TestParamInfo<port::Aead>& info) -> std::string {
                           switch (info.param) {
                             case port::Aead::Aes128Gcm:
                               return "aes_128_gcm";
                             case port::Aead::Aes256Gcm:
                               return "aes_256_gcm";
                             case port::Aead::ChaCha20Poly1305:
                               return "chacha20_poly1305";
                           }
                           return "unknown";
                         });

}  // namespace
}  // namespace breakwater::port_test
