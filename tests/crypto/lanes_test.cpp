// The functions of the lane layer, every unit of it, against words of 64 bits: on edge words, random ones and every
// count, index and mask there is.
#include <gtest/gtest.h>

#include <vector>

#include "tests/crypto/lane_functions.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::Limb;
using crypto::WideLimb;

struct LaneUnit {
  std::string name;
  const LaneFunctions* functions;
};

std::vector<LaneUnit> lane_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &ifma::kLaneFunctions},
#endif
        {"emulated", &emulated::kLaneFunctions},
  };
}

constexpr Limb kLow52 = (Limb{1} << 52) - 1;

class LanesTest : public LaneUnitTest<LaneUnit> {
 protected:
  const LaneFunctions& lanes() const { return *GetParam().functions; }

  // Words at the borders of 32, 52 and 64 bits and of signs, and any others.
  Limb edge_word() {
    const Limb power = Limb{1} << (random_.word() % 64);
    switch (random_.word() % 8) {
      case 0:
        return power;
      case 1:
        return power - 1;
      case 2:
        return ~power;
      case 3:
        return Limb{0} - power;
      case 4:
        return random_.word() % 3 - 1;
      case 5:
        return kLow52 - random_.word() % 2;
      default:
        return random_.word();
    }
  }
  LaneWords edge_words() {
    LaneWords words;
    for (Limb& word : words) word = edge_word();
    return words;
  }
  // Often with lanes that are equal to the other's.
  LaneWords edge_words_like(const LaneWords& other) {
    LaneWords words = edge_words();
    const Limb kept = random_.word();
    for (std::size_t i = 0; i < kLanes; ++i) {
      if ((kept >> i & 1) != 0) words[i] = other[i];
    }
    return words;
  }

  template <class Expected>
  static void expect_words(const LaneWords& got, Expected&& expected, const char* what) {
    for (std::size_t i = 0; i < kLanes; ++i) ASSERT_EQ(got[i], expected(i)) << what << ", lane " << i;
  }

  Random random_;
};
BREAKWATER_FOR_EACH_UNIT(LanesTest, lane_units());

bool bit(unsigned mask, std::size_t lane) { return (mask >> lane & 1) != 0; }

TEST_P(LanesTest, Constants) {
  LaneWords words;
  words.fill(1);
  lanes().initial(words);
  EXPECT_EQ(words, LaneWords{});
  words.fill(1);
  lanes().zero(words);
  EXPECT_EQ(words, LaneWords{});
  for (int i = 0; i < 100; ++i) {
    const Limb word = edge_word();
    lanes().broadcast(words, word);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        words, [&](std::size_t) { return word; }, "broadcast"));
  }
}

TEST_P(LanesTest, ArithmeticAndBits) {
  for (int i = 0; i < rounds(20'000); ++i) {
    const LaneWords a = edge_words(), b = edge_words_like(a);
    LaneWords out;
    lanes().add(out, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return a[j] + b[j]; }, "+"));
    lanes().subtract(out, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return a[j] - b[j]; }, "-"));
    lanes().bit_and(out, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return a[j] & b[j]; }, "&"));
    lanes().bit_or(out, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return a[j] | b[j]; }, "|"));
    lanes().bit_xor(out, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return a[j] ^ b[j]; }, "^"));
    const unsigned equal = lanes().equal(a, b), less = lanes().less(a, b);
    for (std::size_t j = 0; j < kLanes; ++j) {
      ASSERT_EQ(bit(equal, j), a[j] == b[j]) << a[j] << " " << b[j];
      ASSERT_EQ(bit(less, j), a[j] < b[j]) << a[j] << " " << b[j];
    }
  }
}

TEST_P(LanesTest, ShiftsByEveryCount) {
  for (int i = 0; i < rounds(200); ++i) {
    const LaneWords a = edge_words();
    LaneWords out;
    for (unsigned count = 0; count < 64; ++count) {
      const auto left = [&](std::size_t j) { return a[j] << count; };
      const auto right = [&](std::size_t j) { return a[j] >> count; };
      lanes().left_by[count](out, a);
      ASSERT_NO_FATAL_FAILURE(expect_words(out, left, "shift_left")) << count;
      lanes().shift_left(out, a, count);
      ASSERT_NO_FATAL_FAILURE(expect_words(out, left, "shift_left at run time")) << count;
      lanes().right_by[count](out, a);
      ASSERT_NO_FATAL_FAILURE(expect_words(out, right, "shift_right")) << count;
      lanes().shift_right(out, a, count);
      ASSERT_NO_FATAL_FAILURE(expect_words(out, right, "shift_right at run time")) << count;
      lanes().signed_right_by[count](out, a);
      // Towards minus infinity: what is shifted in are copies of the sign.
      const auto signed_right = [&](std::size_t j) { return (a[j] >> 63) != 0 ? ~(~a[j] >> count) : a[j] >> count; };
      ASSERT_NO_FATAL_FAILURE(expect_words(out, signed_right, "shift_right_signed")) << count;
    }
  }
}

// Bits of the factors from 52 up must be ignored, and the sum wraps at 2^64.
TEST_P(LanesTest, MultiplyAdd) {
  for (int i = 0; i < rounds(20'000); ++i) {
    const LaneWords addend = edge_words(), left = edge_words(), right = edge_words();
    const auto product = [&](std::size_t j) { return WideLimb{left[j] & kLow52} * (right[j] & kLow52); };
    LaneWords out;
    lanes().multiply_add_low(out, addend, left, right);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return addend[j] + (static_cast<Limb>(product(j)) & kLow52); }, "multiply_add_low"));
    lanes().multiply_add_high(out, addend, left, right);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return addend[j] + static_cast<Limb>(product(j) >> 52); }, "multiply_add_high"));
  }
}

TEST_P(LanesTest, SelectsByEveryMask) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    const LaneWords a = edge_words(), b = edge_words();
    LaneWords out;
    const auto bits = static_cast<std::uint8_t>(mask);
    lanes().select(out, bits, a, b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return bit(mask, j) ? a[j] : b[j]; }, "select"));
    lanes().select_broadcast(out, bits, a[0], b);
    ASSERT_NO_FATAL_FAILURE(expect_words(
        out, [&](std::size_t j) { return bit(mask, j) ? a[0] : b[j]; }, "select_broadcast"));
  }
}

TEST_P(LanesTest, Masks) {
  EXPECT_EQ(lanes().no_mask(), 0);
  EXPECT_EQ(lanes().initial_mask(), 0);
  for (unsigned left = 0; left < 256; ++left) {
    const auto a = static_cast<std::uint8_t>(left);
    ASSERT_EQ(lanes().mask_not(a), left ^ 0xff);
    for (unsigned right = 0; right < 256; ++right) {
      const auto b = static_cast<std::uint8_t>(right);
      ASSERT_EQ(lanes().mask_and(a, b), left & right);
      ASSERT_EQ(lanes().mask_or(a, b), left | right);
    }
  }
}

// Every index in every lane; bits of the index from 4 up are ignored.
TEST_P(LanesTest, LooksUpEveryIndex) {
  for (int i = 0; i < rounds(50); ++i) {
    std::array<Limb, 16> table;
    for (Limb& entry : table) entry = edge_word();
    for (std::size_t shift = 0; shift < 16; ++shift) {
      LaneWords index, out;
      for (std::size_t j = 0; j < kLanes; ++j) {
        index[j] = (i % 2 == 0 ? 0 : random_.word() & ~Limb{15}) | ((j + shift) % 16);
      }
      lanes().look_up(out, table, index);
      ASSERT_NO_FATAL_FAILURE(expect_words(
          out, [&](std::size_t j) { return table[(j + shift) % 16]; }, "look_up"));
    }
  }
}

}  // namespace
}  // namespace breakwater::test
