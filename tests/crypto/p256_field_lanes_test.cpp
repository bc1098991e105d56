// The field of P-256 in lanes, every unit of it, against the portable one, at the limits of its bounds.
// What is computed with it: p256_lanes_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/crypto/p256_curve.h"
#include "core/crypto/p256_field_portable.h"
#include "tests/crypto/lane_units.h"
#include "tests/crypto/p256_field_lane_functions.h"
#include "tests/crypto/residues.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::Limb;
using crypto::Limbs;
using Portable = crypto::P256FieldPortable;
using Limbs52 = std::array<Limb, 5>;

constexpr Limb kMask = (Limb{1} << 52) - 1;
// Of an element, whose value is below 2^257 + 2^231: the top limb stands for 2^208.
constexpr Limb kMostTop = (Limb{1} << 49) + (Limb{1} << 23) - 1;
constexpr unsigned kMostTerms = 30;

constexpr Limbs52 kPrime{kMask, (Limb{1} << 44) - 1, 0, Limb{1} << 36, (Limb{1} << 48) - (Limb{1} << 16)};
constexpr Limbs52 kTwicePrime{kMask - 1, (Limb{1} << 45) - 1, 0, Limb{1} << 37, (Limb{1} << 49) - (Limb{1} << 17)};

struct FieldUnit {
  std::string name;
  const P256FieldLaneFunctions* functions;
};

std::vector<FieldUnit> field_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &ifma::kP256Field},
#endif
        {"emulated", &emulated::kP256Field},
  };
}

std::string text(const Limbs52& limbs) {
  std::string all;
  for (const Limb limb : limbs) all += " " + std::to_string(limb);
  return all;
}

Portable power_of_two(unsigned exponent) {
  Portable power = Portable::one();
  for (unsigned i = 0; i < exponent; ++i) power = power + power;
  return power;
}

// The value of any limbs modulo p.
Portable value_of(const Limbs52& limbs) {
  static const Portable kRadix = power_of_two(52);
  Portable value = Portable::zero();
  for (std::size_t i = 5; i-- > 0;) value = value * kRadix + Portable::from_integer({limbs[i], 0, 0, 0});
  return value;
}

// What an element in Montgomery form stands for: its value over 2^260.
Portable residue_of(const Limbs52& limbs) {
  static const Portable kOverR = power_of_two(260).inverse();
  return value_of(limbs) * kOverR;
}

Limbs52 lane(const P256LaneLimbs& limbs, std::size_t i) {
  return {limbs[0][i], limbs[1][i], limbs[2][i], limbs[3][i], limbs[4][i]};
}
void set(P256LaneLimbs& limbs, std::size_t i, const Limbs52& value) {
  for (std::size_t limb = 0; limb < 5; ++limb) limbs[limb][i] = value[limb];
}

Portable times(unsigned count, const Portable& value) { return Portable::from_integer({count, 0, 0, 0}) * value; }

class P256FieldLanesTest : public LaneUnitTest<FieldUnit> {
 protected:
  const P256FieldLaneFunctions& field() const { return *GetParam().functions; }

  // Limbs within an element's bounds, most of them at the bounds.
  Limbs52 edge_limbs() {
    static constexpr Limb kEdges[] = {0, 1, kMask - 1, kMask, Limb{1} << 51, (Limb{1} << 44) - 1, Limb{1} << 36};
    static constexpr Limb kTops[] = {0,
                                     1,
                                     (Limb{1} << 48) - 1,
                                     Limb{1} << 48,
                                     (Limb{1} << 49) - 1,
                                     Limb{1} << 49,
                                     kPrime[4],
                                     kPrime[4] - 1,
                                     kTwicePrime[4],
                                     kMostTop};
    switch (random_.word() % 8) {
      case 0:
        return near(Limbs52{});
      case 1:
        return near(kPrime);
      case 2:
        return near(kTwicePrime);
      case 3:
        return {kMask, kMask, kMask, kMask, kMostTop};
      default:
        break;
    }
    Limbs52 limbs{};
    const bool any = random_.word() % 4 == 0;
    for (std::size_t i = 0; i < 4; ++i) {
      limbs[i] = any ? random_.word() & kMask : kEdges[random_.word() % std::size(kEdges)];
    }
    limbs[4] = any ? random_.word() % (kMostTop + 1) : kTops[random_.word() % std::size(kTops)];
    return limbs;
  }
  P256LaneLimbs edges() {
    P256LaneLimbs all;
    for (std::size_t i = 0; i < kLanes; ++i) set(all, i, edge_limbs());
    return all;
  }

  // An element's bounds, and what it stands for.
  static void expect_element(const P256LaneLimbs& got, std::size_t i, const Portable& expected, const char* what) {
    const Limbs52 limbs = lane(got, i);
    for (std::size_t limb = 0; limb < 4; ++limb) ASSERT_LE(limbs[limb], kMask) << what << ", lane " << i;
    ASSERT_LE(limbs[4], kMostTop) << what << ", lane " << i;
    ASSERT_NE(equal(residue_of(limbs), expected), 0U) << what << ", lane " << i << text(limbs);
  }

  // A product before its carries: limbs below 2^57, the value below 2^256 + 2^255.
  static void expect_open_product(const P256LaneLimbs& got, std::size_t i, const Portable& expected) {
    Limbs52 limbs = lane(got, i);
    for (const Limb limb : limbs) ASSERT_EQ(limb >> 57, 0U) << "lane " << i << text(limbs);
    ASSERT_NE(equal(residue_of(limbs), expected), 0U) << "lane " << i << text(limbs);
    for (std::size_t limb = 0; limb < 4; ++limb) limbs[limb + 1] += limbs[limb] >> 52;
    ASSERT_LT(limbs[4], (Limb{1} << 48) + (Limb{1} << 47)) << "lane " << i << text(limbs);
  }

  // All operations of two arguments, and those of one on the left one.
  void check(const P256LaneLimbs& left, const P256LaneLimbs& right) const {
    P256LaneLimbs product, square, sum, difference, negative, nested, open, open_square, squares, products;
    field().product(product, left, right);
    field().square(square, left);
    field().sum(sum, left, right);
    field().difference(difference, left, right);
    field().negate(negative, left);
    field().nested(nested, left, right);
    field().open_product(open, left, right);
    field().open_square(open_square, left);
    field().square_less_squares(squares, left, right);
    field().product_less_product(products, left, right);
    const unsigned zero = field().is_zero(left), same = field().difference_is_zero(left, right);
    for (std::size_t i = 0; i < kLanes; ++i) {
      SCOPED_TRACE(text(lane(left, i)) + "," + text(lane(right, i)));
      const Portable a = residue_of(lane(left, i)), b = residue_of(lane(right, i));
      ASSERT_NO_FATAL_FAILURE(expect_element(product, i, a * b, "product"));
      ASSERT_NO_FATAL_FAILURE(expect_element(square, i, a * a, "square"));
      ASSERT_NO_FATAL_FAILURE(expect_element(sum, i, a + b, "sum"));
      ASSERT_NO_FATAL_FAILURE(expect_element(difference, i, a - b, "difference"));
      ASSERT_NO_FATAL_FAILURE(expect_element(negative, i, Portable::zero() - a, "negate"));
      ASSERT_NO_FATAL_FAILURE(expect_element(nested, i, (a - b) * (b - a) - a * a, "nested"));
      ASSERT_NO_FATAL_FAILURE(expect_element(squares, i, a * a - b * b - b * b, "square_less_squares"));
      ASSERT_NO_FATAL_FAILURE(expect_element(products, i, a * b - b * b, "product_less_product"));
      ASSERT_NO_FATAL_FAILURE(expect_open_product(open, i, a * b));
      ASSERT_NO_FATAL_FAILURE(expect_open_product(open_square, i, a * a));
      ASSERT_EQ((zero >> i & 1) != 0, a.is_zero() != 0);
      ASSERT_EQ((same >> i & 1) != 0, equal(a, b) != 0);
    }
  }

  void check_sum(const P256LaneLimbs& left, const P256LaneLimbs& right, const P256SumTerms& terms) const {
    P256LaneLimbs sum;
    field().sum_of(sum, left, right, terms);
    for (std::size_t i = 0; i < kLanes; ++i) {
      SCOPED_TRACE(text(lane(left, i)) + "," + text(lane(right, i)));
      const Portable a = residue_of(lane(left, i)), b = residue_of(lane(right, i));
      const Portable expected = times(terms.plus_elements, a) - times(terms.minus_elements, b) +
                                times(terms.plus_products, a * b) - times(terms.minus_squares, b * b);
      ASSERT_NO_FATAL_FAILURE(expect_element(sum, i, expected, "sum of many"));
    }
  }

  Random random_;

 private:
  // Two below to two above, where that is an element.
  Limbs52 near(Limbs52 limbs) {
    const Limb offset = random_.word() % 5;
    if (limbs[0] + offset < 2) return limbs;
    limbs[0] += offset - 2;
    for (std::size_t i = 0; i < 4; ++i) {
      limbs[i + 1] += limbs[i] >> 52;
      limbs[i] &= kMask;
    }
    return limbs;
  }
};
BREAKWATER_FOR_EACH_UNIT(P256FieldLanesTest, field_units());

TEST_P(P256FieldLanesTest, Constants) {
  P256LaneLimbs zero, initial, one, b, integer;
  for (auto& limb : initial) limb.fill(1);
  field().zero(zero);
  field().initial(initial);
  field().one(one);
  field().curve_b(b);
  field().from_integer(integer, crypto::kP256GeneratorX);
  for (std::size_t i = 0; i < kLanes; ++i) {
    EXPECT_EQ(lane(zero, i), Limbs52{});
    EXPECT_EQ(lane(initial, i), Limbs52{});
    expect_element(one, i, Portable::one(), "one");
    expect_element(b, i, Portable::from_integer(crypto::kP256CurveB), "b");
    expect_element(integer, i, Portable::from_integer(crypto::kP256GeneratorX), "from_integer");
  }
}

TEST_P(P256FieldLanesTest, AnyLimbsWithinBounds) {
  P256LaneLimbs most, none{};
  for (std::size_t i = 0; i < kLanes; ++i) set(most, i, {kMask, kMask, kMask, kMask, kMostTop});
  ASSERT_NO_FATAL_FAILURE(check(most, most));  // the largest carries of all
  ASSERT_NO_FATAL_FAILURE(check(most, none));
  ASSERT_NO_FATAL_FAILURE(check(none, most));  // the most negative difference
  for (int i = 0; i < rounds(2'000); ++i) ASSERT_NO_FATAL_FAILURE(check(edges(), edges()));
}

// Up to thirty terms, all of one kind and mixed, and the most a sum may hold of either sign.
TEST_P(P256FieldLanesTest, SumsOfManyTerms) {
  P256LaneLimbs most, none{};
  for (std::size_t i = 0; i < kLanes; ++i) set(most, i, {kMask, kMask, kMask, kMask, kMostTop});
  for (unsigned count = 0; count <= kMostTerms; ++count) {
    for (const P256SumTerms& terms : {P256SumTerms{.plus_elements = count}, P256SumTerms{.minus_elements = count},
                                      P256SumTerms{.plus_products = count}, P256SumTerms{.minus_squares = count}}) {
      for (int i = 0; i < 4; ++i) ASSERT_NO_FATAL_FAILURE(check_sum(edges(), edges(), terms));
      ASSERT_NO_FATAL_FAILURE(check_sum(most, most, terms));
      ASSERT_NO_FATAL_FAILURE(check_sum(none, none, terms));
    }
  }
  for (int i = 0; i < rounds(2'000); ++i) {
    P256SumTerms terms;
    const std::uint64_t count = random_.word() % (kMostTerms + 1);
    for (std::uint64_t term = 0; term < count; ++term) {
      unsigned* const kinds[] = {&terms.plus_elements, &terms.minus_elements, &terms.plus_products,
                                 &terms.minus_squares};
      ++*kinds[random_.word() % 4];
    }
    ASSERT_NO_FATAL_FAILURE(check_sum(edges(), edges(), terms));
  }
}

// Results are operands again, so that what exceeds the bounds by a little would build up.
TEST_P(P256FieldLanesTest, ChainsStayInBounds) {
  P256LaneLimbs left = edges(), right = edges();
  for (int i = 0; i < rounds(300); ++i) {
    ASSERT_NO_FATAL_FAILURE(check(left, right));
    P256LaneLimbs next;
    const P256SumTerms terms{.plus_elements = 7, .minus_elements = 8, .plus_products = 7, .minus_squares = 8};
    ASSERT_NO_FATAL_FAILURE(check_sum(left, right, terms));
    field().sum_of(next, left, right, terms);
    if (i % 2 == 0) {
      field().difference(right, next, left);
    } else {
      field().negate(right, left);
    }
    left = next;
  }
}

// Zero, p and 2 p are zero; nothing next to them is.
TEST_P(P256FieldLanesTest, IsZero) {
  P256LaneLimbs values;
  for (const auto& [value, expected] : std::vector<std::pair<Limbs52, bool>>{
           {{}, true},
           {kPrime, true},
           {kTwicePrime, true},
           {{1, 0, 0, 0, 0}, false},
           {{kPrime[0] - 1, kPrime[1], kPrime[2], kPrime[3], kPrime[4]}, false},
           {{0, kPrime[1] + 1, kPrime[2], kPrime[3], kPrime[4]}, false},
           {{kTwicePrime[0] - 1, kTwicePrime[1], kTwicePrime[2], kTwicePrime[3], kTwicePrime[4]}, false},
           {{kTwicePrime[0] + 1, kTwicePrime[1], kTwicePrime[2], kTwicePrime[3], kTwicePrime[4]}, false},
           {{kMask, kMask, kMask, kMask, kMostTop}, false}}) {
    for (std::size_t at = 0; at < kLanes; ++at) {
      for (std::size_t i = 0; i < kLanes; ++i) set(values, i, i == at ? value : Limbs52{kMask, i, 0, 0, i});
      EXPECT_EQ(field().is_zero(values), expected ? 1U << at : 0U) << text(value);
    }
  }
  // A zero that a sum arrives at: p from above, and from below.
  for (int i = 0; i < rounds(500); ++i) {
    const P256LaneLimbs value = edges();
    P256LaneLimbs negative, sum, difference;
    field().negate(negative, value);
    field().sum(sum, value, negative);
    EXPECT_EQ(field().is_zero(sum), 0xff);
    field().difference(difference, value, value);
    EXPECT_EQ(field().is_zero(difference), 0xff);
    EXPECT_EQ(field().difference_is_zero(value, value), 0xff);
  }
}

// One representative for each value, below p.
TEST_P(P256FieldLanesTest, ToIntegers) {
  for (int i = 0; i < rounds(3'000); ++i) {
    const P256LaneLimbs values = edges();
    P256LaneIntegers integers;
    field().to_integers(integers, values);
    for (std::size_t at = 0; at < kLanes; ++at) {
      ASSERT_EQ(integers[at], residue_of(lane(values, at)).to_integer()) << text(lane(values, at));
    }
    // And of what a sum gives.
    P256LaneLimbs sum;
    const P256LaneLimbs other = edges();
    field().sum(sum, values, other);
    field().to_integers(integers, sum);
    for (std::size_t at = 0; at < kLanes; ++at) {
      ASSERT_EQ(integers[at], (residue_of(lane(values, at)) + residue_of(lane(other, at))).to_integer());
    }
  }
}

TEST_P(P256FieldLanesTest, TakesAnyInteger) {
  std::vector<Bytes32> values = edge_values(reference_p256().p());
  for (int i = 0; i < 200; ++i) values.push_back(random_.scalar());
  for (std::size_t first = 0; first + kLanes <= values.size(); ++first) {
    P256LaneIntegers integers, back;
    for (std::size_t i = 0; i < kLanes; ++i) integers[i] = crypto::limbs_from_bytes(values[first + i].data());
    P256LaneLimbs elements, copies;
    field().from_integers(elements, integers);
    field().to_integers(back, elements);
    field().from_integer(copies, integers[0]);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Portable expected = Portable::from_integer(integers[i]);
      ASSERT_NO_FATAL_FAILURE(expect_element(elements, i, expected, "from_integers")) << to_hex(values[first + i]);
      ASSERT_EQ(back[i], expected.to_integer()) << to_hex(values[first + i]);
      ASSERT_EQ(lane(copies, i), lane(elements, 0));
    }
  }
}

// Entries in Montgomery form with R = 2^256, below p, at every index in every lane.
TEST_P(P256FieldLanesTest, FromColumns) {
  auto values = edge_values(reference_p256().p());
  std::erase_if(values, [](const Bytes32& value) { return BN_cmp(bignum(value).get(), reference_p256().p()) >= 0; });
  for (int i = 0; i < 200; ++i) {
    std::array<std::array<Limb, 16>, 4> columns;
    std::array<Portable, 16> entries;
    for (std::size_t entry = 0; entry < 16; ++entry) {
      const Limbs limbs = crypto::limbs_from_bytes(values[random_.word() % values.size()].data());
      entries[entry] = Portable::from_montgomery(limbs);
      for (std::size_t word = 0; word < 4; ++word) columns[word][entry] = limbs[word];
    }
    std::array<Limb, kLanes> index;
    for (std::size_t at = 0; at < kLanes; ++at) index[at] = (static_cast<Limb>(i) + 3 * at) % 16;
    P256LaneLimbs found;
    field().from_columns(found, columns, index);
    for (std::size_t at = 0; at < kLanes; ++at) {
      ASSERT_NO_FATAL_FAILURE(expect_element(found, at, entries[index[at]], "from_columns"));
    }
  }
}

TEST_P(P256FieldLanesTest, Selects) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    const P256LaneLimbs left = edges(), right = edges();
    P256LaneLimbs got;
    field().select(got, static_cast<std::uint8_t>(mask), left, right);
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_EQ(lane(got, i), (mask >> i & 1) != 0 ? lane(left, i) : lane(right, i));
    }
  }
}

}  // namespace
}  // namespace breakwater::test
