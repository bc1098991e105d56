// The group of edwards25519 and its comb tables, against libcrypto's big numbers. What is computed with them:
// x25519_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/edwards_comb_table.h"
#include "core/crypto/edwards_group.h"
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_scalar.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::Limb;
using crypto::Limbs;
using Field = crypto::X25519FieldPortable;
using Point = crypto::EdwardsPoint<Field>;

// Affine points by libcrypto's big numbers.
struct AffinePoint {
  Bignum x, y;
};

class EdwardsTest : public testing::Test {
 protected:
  EdwardsTest() {
    const Bignum numerator = from_word(121665);
    BN_sub(numerator.get(), p(), numerator.get());
    d_ = quotient(numerator, from_word(121666));
  }

  const BIGNUM* p() const { return p_.get(); }
  BN_CTX* context() const { return reference_p256().context(); }

  static Bignum from_word(BN_ULONG value) {
    Bignum number(BN_new());
    BN_set_word(number.get(), value);
    return number;
  }
  Bignum sum(const Bignum& left, const Bignum& right) const {
    Bignum result(BN_new());
    BN_mod_add(result.get(), left.get(), right.get(), p(), context());
    return result;
  }
  Bignum difference(const Bignum& left, const Bignum& right) const {
    Bignum result(BN_new());
    BN_mod_sub(result.get(), left.get(), right.get(), p(), context());
    return result;
  }
  Bignum product(const Bignum& left, const Bignum& right) const {
    Bignum result(BN_new());
    BN_mod_mul(result.get(), left.get(), right.get(), p(), context());
    return result;
  }
  Bignum quotient(const Bignum& left, const Bignum& right) const {
    Bignum inverse(BN_new());
    EXPECT_NE(BN_mod_inverse(inverse.get(), right.get(), p(), context()), nullptr);
    return product(left, inverse);
  }

  // The law of addition of twisted Edwards curves, a = -1 (Bernstein and others, "Twisted Edwards Curves", 6).
  AffinePoint add(const AffinePoint& left, const AffinePoint& right) const {
    const Bignum one = from_word(1);
    const Bignum all = product(product(d_, product(left.x, right.x)), product(left.y, right.y));
    return {quotient(sum(product(left.x, right.y), product(left.y, right.x)), sum(one, all)),
            quotient(sum(product(left.y, right.y), product(left.x, right.x)), difference(one, all))};
  }
  AffinePoint negative(const AffinePoint& point) const {
    return {difference(from_word(0), point.x), Bignum(BN_dup(point.y.get()))};
  }
  static AffinePoint neutral() { return {from_word(0), from_word(1)}; }
  static AffinePoint copy(const AffinePoint& point) {
    return {Bignum(BN_dup(point.x.get())), Bignum(BN_dup(point.y.get()))};
  }

  bool is_on_curve(const AffinePoint& point) const {
    const Bignum xx = product(point.x, point.x), yy = product(point.y, point.y);
    return BN_cmp(difference(yy, xx).get(), sum(from_word(1), product(d_, product(xx, yy))).get()) == 0;
  }

  // y = 4/5, and of the two x the even one (RFC 8032 5.1), out of the curve's equation.
  AffinePoint base_point() const {
    AffinePoint point;
    point.y = quotient(from_word(4), from_word(5));
    const Bignum yy = product(point.y, point.y);
    const Bignum xx = quotient(difference(yy, from_word(1)), sum(product(d_, yy), from_word(1)));
    point.x.reset(BN_mod_sqrt(nullptr, xx.get(), p(), context()));
    if (BN_is_odd(point.x.get())) point = negative(point);
    EXPECT_TRUE(is_on_curve(point));
    return point;
  }

  // What the tables have of a point.
  Limbs half_sum(const AffinePoint& point) const { return to_limbs(quotient(sum(point.y, point.x), two()).get()); }
  Limbs half_difference(const AffinePoint& point) const {
    return to_limbs(quotient(difference(point.y, point.x), two()).get());
  }
  Limbs scaled_product(const AffinePoint& point) const {
    return to_limbs(product(d_, product(point.x, point.y)).get());
  }
  static Bignum two() { return from_word(2); }

  crypto::EdwardsMultiple<Field> multiple(const AffinePoint& point) const {
    return {Field::from_integer(half_sum(point)), Field::from_integer(half_difference(point)),
            Field::from_integer(scaled_product(point))};
  }

  // x, y and x y all agree.
  void expect_equal(const Point& got, const AffinePoint& expected) const {
    const Field inverse_z = got.z.inverse();
    ASSERT_EQ((got.x * inverse_z).to_integer(), to_limbs(expected.x.get()));
    ASSERT_EQ((got.y * inverse_z).to_integer(), to_limbs(expected.y.get()));
    ASSERT_EQ((got.t * inverse_z).to_integer(), to_limbs(product(expected.x, expected.y).get()));
  }

 private:
  Bignum p_ = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  Bignum d_;
};

TEST_F(EdwardsTest, CombTables) {
  AffinePoint base = base_point();
  for (std::size_t i = 0; i < crypto::kEdwardsCombTableCount; ++i) {
    AffinePoint point = neutral();
    for (std::size_t j = 0; j < crypto::kDigitMost; ++j) {
      point = add(point, base);
      const crypto::EdwardsLimbs& entry = crypto::kEdwardsCombTables[i][j];
      ASSERT_EQ(entry.half_sum, half_sum(point)) << i << " " << j;
      ASSERT_EQ(entry.half_difference, half_difference(point)) << i << " " << j;
      ASSERT_EQ(entry.product, scaled_product(point)) << i << " " << j;
    }
    for (unsigned k = 0; k < 2 * crypto::kDigitBits; ++k) base = add(base, base);
  }
}

// Complete: what is equal, opposite, neutral or of small order is no special case.
TEST_F(EdwardsTest, AdditionAndDoubling) {
  const AffinePoint base = base_point();
  std::vector<AffinePoint> points;
  points.push_back(neutral());
  points.push_back({from_word(0), Bignum(BN_dup(p()))});  // (0, -1), of order 2
  BN_sub_word(points.back().y.get(), 1);
  AffinePoint of_order_4{Bignum(BN_new()), from_word(0)};  // (sqrt(-1), 0)
  BN_mod_sqrt(of_order_4.x.get(), points.back().y.get(), p(), context());
  points.push_back(copy(of_order_4));
  points.push_back(copy(base));
  points.push_back(negative(base));
  points.push_back(add(base, base));
  points.push_back(add(base, of_order_4));
  for (int i = 0; i < 10; ++i) points.push_back(add(points.back(), points[points.size() - 2]));
  for (const AffinePoint& left : points) {
    ASSERT_TRUE(is_on_curve(left));
    const Point first = crypto::add(Point{}, multiple(left));
    ASSERT_NO_FATAL_FAILURE(expect_equal(first, left));
    ASSERT_NO_FATAL_FAILURE(expect_equal(crypto::twice(first), add(left, left)));
    for (const AffinePoint& right : points) {
      const Point both = crypto::add(first, multiple(right));
      ASSERT_NO_FATAL_FAILURE(expect_equal(both, add(left, right)));
      ASSERT_NO_FATAL_FAILURE(expect_equal(crypto::twice(both), add(add(left, right), add(left, right))));
    }
  }
}

// The digits in the order in which they come are those of the scalar.
TEST_F(EdwardsTest, Digits) {
  const auto value_of = [](const Limbs& scalar) {
    Bignum value(BN_new());
    const auto take_all = [&](crypto::CombDigits<Limb> digits, unsigned first) {
      for (unsigned i = first; i < crypto::kDigitCount; i += 2) {
        const crypto::CombDigit<Limb> digit = digits.take();
        EXPECT_LE(digit.magnitude, crypto::kDigitMost);
        for (Limb j = 0; j <= crypto::kDigitMost; ++j) {
          EXPECT_EQ(digit.has_magnitude(j), j == digit.magnitude ? ~Limb{0} : 0);
        }
        Bignum part = from_word(digit.magnitude);
        BN_lshift(part.get(), part.get(), static_cast<int>(i * crypto::kDigitBits));
        if (digit.negative != 0) BN_set_negative(part.get(), 1);
        BN_add(value.get(), value.get(), part.get());
      }
    };
    take_all(crypto::CombDigits<Limb>::odd(scalar), 1);
    take_all(crypto::CombDigits<Limb>::even(scalar), 0);
    return to_limbs(value.get());
  };
  std::vector<Bytes32> scalars = edge_values(p());
  Random random;
  for (int i = 0; i < rounds(1'000); ++i) scalars.push_back(random.scalar());
  for (auto& bytes : scalars) {
    bytes[0] &= 0x7f;
    const Limbs scalar = crypto::limbs_from_bytes(bytes.data());
    ASSERT_EQ(value_of(scalar), scalar) << to_hex(bytes);
  }
}

// In lanes they are the same, and so are the changes of the ladder's bits.
TEST_F(EdwardsTest, DigitsAndBitsInLanes) {
  using crypto::emulated::Lanes;
  Random random;
  for (int round = 0; round < rounds(50); ++round) {
    crypto::Words<std::array<Limb, crypto::kLanes>> transposed;
    std::array<Limbs, crypto::kLanes> scalars;
    for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
      Bytes32 bytes = random.scalar();
      bytes[0] &= 0x7f;
      scalars[lane] = crypto::limbs_from_bytes(bytes.data());
      for (std::size_t i = 0; i < 4; ++i) transposed[i][lane] = scalars[lane][i];
    }
    const crypto::Words<Lanes> words{Lanes::load(transposed[0]), Lanes::load(transposed[1]), Lanes::load(transposed[2]),
                                     Lanes::load(transposed[3])};
    for (const bool odd : {false, true}) {
      auto digits = odd ? crypto::CombDigits<Lanes>::odd(words) : crypto::CombDigits<Lanes>::even(words);
      std::array<std::vector<crypto::CombDigit<Limb>>, crypto::kLanes> expected;
      for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
        auto single =
            odd ? crypto::CombDigits<Limb>::odd(scalars[lane]) : crypto::CombDigits<Limb>::even(scalars[lane]);
        for (std::size_t i = 0; i < crypto::kEdwardsCombTableCount; ++i) expected[lane].push_back(single.take());
      }
      for (std::size_t i = 0; i < crypto::kEdwardsCombTableCount; ++i) {
        const crypto::CombDigit<Lanes> digit = digits.take();
        std::array<Limb, crypto::kLanes> magnitudes;
        digit.magnitude.store(magnitudes);
        for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
          ASSERT_EQ(magnitudes[lane], expected[lane][i].magnitude);
          ASSERT_EQ(digit.negative.bits() >> lane & 1, static_cast<int>(expected[lane][i].negative & 1));
        }
      }
    }
    const crypto::BitChanges<Lanes> changes(words);
    for (unsigned bit = 0; bit < 255; ++bit) {
      for (std::size_t lane = 0; lane < crypto::kLanes; ++lane) {
        const auto at = [&](unsigned position) { return scalars[lane][position / 64] >> position % 64 & 1; };
        ASSERT_EQ(changes.at(bit).bits() >> lane & 1, static_cast<int>(at(bit) ^ at(bit + 1))) << bit;
        ASSERT_EQ(crypto::BitChanges<Limb>(scalars[lane]).at(bit) & 1, at(bit) ^ at(bit + 1)) << bit;
      }
    }
  }
}

}  // namespace
}  // namespace breakwater::test
