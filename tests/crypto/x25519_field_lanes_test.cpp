// The field of Curve25519 in lanes, every unit of it, against libcrypto's big numbers, at the limits of its bounds.
// What is computed with it: x25519_lanes_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/crypto/lane_units.h"
#include "tests/crypto/support.h"
#include "tests/crypto/x25519_field_lane_functions.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::Limb;
using Limbs51 = std::array<Limb, 5>;

constexpr Limb kMask = (Limb{1} << 51) - 1;
constexpr Limb kMost = (Limb{1} << 51) + (Limb{1} << 15) - 1;  // what an element's limbs may be

struct FieldUnit {
  std::string name;
  const X25519FieldLaneFunctions* functions;
};

void PrintTo(const FieldUnit& unit, std::ostream* out) { *out << unit.name; }  // for GoogleTest

std::vector<FieldUnit> field_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &ifma::kField},
#endif
        {"emulated", &emulated::kField},
  };
}

Bignum bignum(const Limbs51& limbs) {
  Bignum value(BN_new());
  for (std::size_t i = 5; i-- > 0;) {
    BN_lshift(value.get(), value.get(), 51);
    BN_add_word(value.get(), limbs[i]);
  }
  return value;
}

std::string text(const Limbs51& limbs) {
  std::string all;
  for (const Limb limb : limbs) all += " " + std::to_string(limb);
  return all;
}

class X25519FieldLanesTest : public LaneUnitTest<FieldUnit> {
 protected:
  const X25519FieldLaneFunctions& field() const { return *GetParam().functions; }
  BN_CTX* context() const { return reference_p256().context(); }
  const BIGNUM* p() const { return p_.get(); }

  Bytes32 reduced(Bignum value) const {
    BN_nnmod(value.get(), value.get(), p(), context());
    return to_bytes32(value.get());
  }

  static Limbs51 lane(const LaneLimbs& limbs, std::size_t i) {
    return {limbs[0][i], limbs[1][i], limbs[2][i], limbs[3][i], limbs[4][i]};
  }
  static void set(LaneLimbs& limbs, std::size_t i, const Limbs51& value) {
    for (std::size_t limb = 0; limb < 5; ++limb) limbs[limb][i] = value[limb];
  }

  // An element's bounds, and its value.
  void expect_element(const LaneLimbs& got, std::size_t i, Bignum expected, const Limbs51& a, const Limbs51& b) const {
    for (const Limb limb : lane(got, i)) ASSERT_LE(limb, kMost) << "lane " << i << text(a) << text(b);
    ASSERT_EQ(reduced(bignum(lane(got, i))), reduced(std::move(expected))) << "lane " << i << text(a) << text(b);
  }

  // All operations of two arguments, and those of one on the left one.
  void check(const LaneLimbs& left, const LaneLimbs& right) const {
    LaneLimbs product, square, sum, difference, small;
    field().product(product, left, right);
    field().square(square, left);
    field().sum(sum, left, right);
    field().difference(difference, left, right);
    const Limb factor = (Limb{1} << 17) - 1;
    field().times_small(small, left, factor);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Limbs51 l = lane(left, i), r = lane(right, i);
      const Bignum a = bignum(l), b = bignum(r);
      Bignum ab(BN_new()), aa(BN_new()), bb(BN_new());
      BN_mul(ab.get(), a.get(), b.get(), context());
      BN_sqr(aa.get(), a.get(), context());
      BN_sqr(bb.get(), b.get(), context());
      Bignum plus(BN_new()), minus(BN_new()), times(BN_dup(a.get()));
      BN_add(plus.get(), aa.get(), bb.get());
      BN_sub(minus.get(), aa.get(), bb.get());
      BN_mul_word(times.get(), factor);
      ASSERT_NO_FATAL_FAILURE(expect_element(product, i, std::move(ab), l, r));
      ASSERT_NO_FATAL_FAILURE(expect_element(square, i, std::move(aa), l, r));
      ASSERT_NO_FATAL_FAILURE(expect_element(sum, i, std::move(plus), l, r));
      ASSERT_NO_FATAL_FAILURE(expect_element(difference, i, std::move(minus), l, r));
      ASSERT_NO_FATAL_FAILURE(expect_element(small, i, std::move(times), l, r));
    }
  }

  // Limbs at the bounds, and any below.
  Limbs51 edge_limbs() {
    static constexpr Limb kEdges[] = {0,         1,     18,        19,        kMask - 19, kMask - 18,
                                      kMask - 1, kMask, kMask + 1, kMost - 1, kMost};
    Limbs51 limbs{};
    const bool all_alike = random.word() % 4 == 0;
    for (Limb& limb : limbs) {
      limb = random.word() % 4 == 0 ? random.word() % (kMost + 1) : kEdges[random.word() % std::size(kEdges)];
      if (all_alike) limb = limbs[0];
    }
    return limbs;
  }
  LaneLimbs edges() {
    LaneLimbs all;
    for (std::size_t i = 0; i < kLanes; ++i) set(all, i, edge_limbs());
    return all;
  }

  Random random;

 private:
  Bignum p_ = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
};
BREAKWATER_FOR_EACH_UNIT(X25519FieldLanesTest, field_units());

TEST_P(X25519FieldLanesTest, AnyLimbsWithinBounds) {
  LaneLimbs most, none{};
  for (auto& limb : most) limb.fill(kMost);
  ASSERT_NO_FATAL_FAILURE(check(most, most));  // the largest carries of all
  ASSERT_NO_FATAL_FAILURE(check(most, none));
  ASSERT_NO_FATAL_FAILURE(check(none, most));  // the difference needs all of what is added to it
  for (int i = 0; i < rounds(2'000); ++i) ASSERT_NO_FATAL_FAILURE(check(edges(), edges()));
}

TEST_P(X25519FieldLanesTest, WritesTheOneRepresentative) {
  for (int i = 0; i < rounds(2'000); ++i) {
    const LaneLimbs value = edges();
    LaneIntegers integers;
    field().to_integer(integers, value);
    for (std::size_t lane_index = 0; lane_index < kLanes; ++lane_index) {
      const Limbs51 limbs = lane(value, lane_index);
      const crypto::Limbs integer{integers[0][lane_index], integers[1][lane_index], integers[2][lane_index],
                                  integers[3][lane_index]};
      ASSERT_EQ(to_bytes32(test::bignum(integer).get()), reduced(bignum(limbs))) << text(limbs);
    }
  }
}

TEST_P(X25519FieldLanesTest, TakesAnyInteger) {
  std::vector<Bytes32> values = edge_values(p());
  for (int i = 0; i < 100; ++i) values.push_back(random.scalar());
  for (auto& value : values) value[0] &= 0x7f;
  for (std::size_t first = 0; first + kLanes <= values.size(); ++first) {
    LaneIntegers integers;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const crypto::Limbs limbs = crypto::limbs_from_bytes(values[first + i].data());
      for (std::size_t word = 0; word < 4; ++word) integers[word][i] = limbs[word];
    }
    LaneLimbs got;
    field().from_integer(got, integers);
    for (std::size_t i = 0; i < kLanes; ++i) {
      for (const Limb limb : lane(got, i)) ASSERT_LE(limb, kMask);
      ASSERT_EQ(to_bytes32(bignum(lane(got, i)).get()), values[first + i]);
    }
  }
}

// Zeros, p among them, in any set of lanes: they give zero, and the others what they would without them.
TEST_P(X25519FieldLanesTest, Inverts) {
  constexpr Limbs51 kP{kMask - 18, kMask, kMask, kMask, kMask};
  for (unsigned zeros = 0; zeros < 256; ++zeros) {
    LaneLimbs value, inverse;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool zero = (zeros >> i & 1) != 0;
      set(value, i, !zero ? edge_limbs() : random.word() % 2 == 0 ? kP : Limbs51{});
    }
    field().inverse(inverse, value);
    for (std::size_t i = 0; i < kLanes; ++i) {
      Bignum expected = bignum(lane(value, i));
      BN_nnmod(expected.get(), expected.get(), p(), context());
      if (!BN_is_zero(expected.get())) BN_mod_inverse(expected.get(), expected.get(), p(), context());
      ASSERT_NO_FATAL_FAILURE(expect_element(inverse, i, std::move(expected), lane(value, i), {}));
    }
  }
}

TEST_P(X25519FieldLanesTest, Selects) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    const LaneLimbs left = edges(), right = edges();
    LaneLimbs got;
    field().select(got, static_cast<std::uint8_t>(mask), left, right);
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(lane(got, i), (mask >> i & 1) != 0 ? lane(left, i) : lane(right, i));
    }
  }
}

}  // namespace
}  // namespace breakwater::test
