// P-256 key pairs and ECDH, the group formulas beneath them, and the generator's tables.
#include "core/crypto/p256.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_multiply.h"
#include "core/crypto/p256_portable.h"
#include "tests/crypto/implementations.h"
#include "tests/crypto/p256_comb_scalars.h"
#include "tests/crypto/p256_wycheproof.h"
#include "tests/crypto/residues.h"
#include "tests/crypto/support.h"

#if defined(__x86_64__)
#include "core/crypto/p256_field_adx.h"
#endif

namespace breakwater::test {
namespace {

const ReferenceP256& reference() { return reference_p256(); }

bool is_valid_scalar(const BIGNUM* scalar) { return !BN_is_zero(scalar) && BN_cmp(scalar, reference().n()) < 0; }

// A public key, for a scalar known to be valid.
Point65 public_key(const Bytes32& scalar) {
  Point65 point{};
  EXPECT_TRUE(crypto::p256_public_key(point.data(), scalar.data()));
  return point;
}

Bytes32 valid_scalar(Random& random) {
  Bytes32 scalar;
  do scalar = random.scalar();
  while (!crypto::p256_scalar_is_valid(scalar.data()));
  return scalar;
}

// Every operation with each implementation.
class P256Test : public ImplementationTest {
 protected:
  void check_public_key(const Bytes32& scalar) const;
  void check_shared_secret(const Bytes32& scalar, const Point65& peer) const;
  void check_peer(const Point65& peer) const;

  const crypto::P256Functions& p256() const { return *GetParam()->p256; }
};

void P256Test::check_public_key(const Bytes32& scalar) const {
  const Bignum number = bignum(scalar);
  Point65 point;
  point.fill(0xcc);
  const bool accepted = p256().public_key(point.data(), scalar.data());
  ASSERT_EQ(accepted, is_valid_scalar(number.get()));
  ASSERT_EQ(accepted, crypto::p256_scalar_is_valid(scalar.data()));
  if (accepted) {
    ASSERT_EQ(Bytes(point.begin(), point.end()), reference().multiply_generator(number.get()));
  } else {
    ASSERT_EQ(point, Point65{});
  }
}

void P256Test::check_shared_secret(const Bytes32& scalar, const Point65& peer) const {
  const Bignum number = bignum(scalar);
  Bytes32 shared;
  shared.fill(0xcc);
  const bool accepted = p256().shared_secret(shared.data(), scalar.data(), peer.data());
  ASSERT_EQ(accepted, is_valid_scalar(number.get()));
  if (accepted) {
    const Bytes expected = reference().multiply(peer, number.get());
    ASSERT_EQ(Bytes(shared.begin(), shared.end()), Bytes(expected.begin() + 1, expected.begin() + 33));
  } else {
    ASSERT_EQ(shared, Bytes32{});
  }
}

TEST_P(P256Test, EdgeScalars) {
  Random random;
  const Point65 peer = public_key(valid_scalar(random));
  for (const auto& scalar : edge_values(reference().n())) {
    ASSERT_NO_FATAL_FAILURE(check_public_key(scalar)) << to_hex(scalar);
    ASSERT_NO_FATAL_FAILURE(check_shared_secret(scalar, peer)) << to_hex(scalar);
  }
}

TEST_P(P256Test, AgreesWithLibcryptoOnRandom) {
  Random random;
  Point65 peer = public_key(valid_scalar(random));
  for (int i = 0; i < long_rounds(42'000); ++i) {
    const Bytes32 scalar = random.scalar();
    ASSERT_NO_FATAL_FAILURE(check_public_key(scalar)) << to_hex(scalar);
    ASSERT_NO_FATAL_FAILURE(check_shared_secret(scalar, peer)) << to_hex(scalar) << " " << to_hex(peer);
    if (crypto::p256_scalar_is_valid(scalar.data())) peer = public_key(scalar);
  }
}

TEST_P(P256Test, BothSidesAgree) {
  Random random;
  for (int i = 0; i < rounds(500); ++i) {
    const Bytes32 a = valid_scalar(random), b = valid_scalar(random);
    Bytes32 left, right;
    ASSERT_TRUE(p256().shared_secret(left.data(), a.data(), public_key(b).data()));
    ASSERT_TRUE(p256().shared_secret(right.data(), b.data(), public_key(a).data()));
    ASSERT_EQ(left, right);
  }
}

void P256Test::check_peer(const Point65& peer) const {
  const Bytes32 scalar{1, 2, 3};
  Bytes32 shared;
  shared.fill(0xcc);
  const bool expected = reference().is_on_curve(peer);
  ASSERT_EQ(p256().shared_secret(shared.data(), scalar.data(), peer.data()), expected) << to_hex(peer);
  if (!expected) {
    ASSERT_EQ(shared, Bytes32{});
  }
}

TEST_P(P256Test, RefusesWhatIsNotOnTheCurve) {
  Random random;
  const auto edges = edge_values(reference().p());
  for (const auto& x : edges) {
    for (const auto& y : edges) {
      Point65 point{4};
      std::ranges::copy(x, point.begin() + 1);
      std::ranges::copy(y, point.begin() + 33);
      ASSERT_NO_FATAL_FAILURE(check_peer(point));
    }
  }
  for (int i = 0; i < rounds(200); ++i) {
    Point65 point = public_key(valid_scalar(random));
    ASSERT_NO_FATAL_FAILURE(check_peer(point));
    // One flipped bit, the leading byte included: hybrid and compressed forms have other leading bytes.
    const std::size_t bit = random.word() % (65 * 8);
    point[bit / 8] = static_cast<std::uint8_t>(point[bit / 8] ^ (1U << (bit % 8)));
    Bytes32 shared;
    ASSERT_FALSE(p256().shared_secret(shared.data(), Bytes32{1}.data(), point.data())) << to_hex(point);
  }
}

TEST_P(P256Test, RefusesCoordinatesAboveTheField) {
  // The point with x = 0, whose coordinate also fits as x = p: the same residue, but not its encoding (SEC 1 2.3.6).
  Bignum root(BN_mod_sqrt(nullptr, reference().b(), reference().p(), reference().context()));
  Point65 point{4};
  std::ranges::copy(to_bytes32(root.get()), point.begin() + 33);
  ASSERT_NO_FATAL_FAILURE(check_shared_secret(Bytes32{7}, point));
  std::ranges::copy(to_bytes32(reference().p()), point.begin() + 1);
  Bytes32 shared;
  EXPECT_FALSE(p256().shared_secret(shared.data(), Bytes32{7}.data(), point.data()));
}

BREAKWATER_FOR_EACH_SINGLE_IMPLEMENTATION(P256Test);

// The formulas over each layer of the field.
template <class F>
class P256GroupTest : public testing::Test {
 protected:
  using Affine = crypto::AffinePoint<F>;
  using Point = crypto::JacobianPoint<F>;

  void SetUp() override {
    if (!std::is_same_v<F, crypto::P256FieldPortable> && !crypto::detect_cpu().adx) {
      GTEST_SKIP() << "this CPU lacks ADX or BMI2";
    }
  }

  static Affine decode(std::span<const std::uint8_t> point) {
    return {F::from_integer(crypto::limbs_from_bytes(point.data() + 1)),
            F::from_integer(crypto::limbs_from_bytes(point.data() + 33))};
  }

  static Bytes encode(const Point& point) {
    if ((point.x.is_zero() & point.y.is_zero() & point.z.is_zero()) != 0) return {};
    EXPECT_EQ(point.z.is_zero(), 0U);
    const F inverse = point.z.inverse();
    return encode(Affine{affine_x(point, inverse), affine_y(point, inverse)});
  }

  static Bytes encode(const crypto::CombSum<F>& sum) {
    if ((sum.x.is_zero() & sum.y.is_zero() & sum.zz.is_zero() & sum.zzz.is_zero()) != 0) return {};
    EXPECT_EQ(sum.zzz.is_zero(), 0U);
    EXPECT_NE(equal(sum.zzz.square(), sum.zz.square() * sum.zz), 0U);
    const F inverse = sum.zzz.inverse();
    return encode(Affine{affine_x(sum, inverse), affine_y(sum, inverse)});
  }

  static Bytes encode(const Affine& point) {
    Bytes bytes(65);
    bytes[0] = 4;
    crypto::limbs_to_bytes(bytes.data() + 1, point.x.to_integer());
    crypto::limbs_to_bytes(bytes.data() + 33, point.y.to_integer());
    return bytes;
  }

  // With a random Z, so that no formula gets away with Z = 1.
  Point jacobian(const Bytes& bytes) {
    if (bytes.empty()) return Point::neutral();
    const F z = F::from_integer(crypto::limbs_from_bytes(random.bytes().data()));
    const Affine affine = decode(bytes);
    return {affine.x * z.square(), affine.y * z.square() * z, z};
  }

  crypto::CombSum<F> comb_sum(const Bytes& bytes) { return crypto::CombSum<F>::of(jacobian(bytes)); }

  // Points near the neutral one, and any.
  std::vector<Bytes> some_points() {
    std::vector<Bytes> points;
    Bignum scalar(BN_new());
    for (const BN_ULONG small : {1U, 2U, 3U, 16U}) {
      BN_set_word(scalar.get(), small);
      points.push_back(reference().multiply_generator(scalar.get()));
      BN_sub(scalar.get(), reference().n(), scalar.get());
      points.push_back(reference().multiply_generator(scalar.get()));
    }
    for (int i = 0; i < 8; ++i) points.push_back(reference().multiply_generator(bignum(random.bytes()).get()));
    return points;
  }

  Random random;
};

struct LayerNames {
  template <class F>
  static std::string GetName(int) {
    return std::is_same_v<F, crypto::P256FieldPortable> ? "Portable" : "Adx";
  }
};

#if defined(__x86_64__)
using Layers = testing::Types<crypto::P256FieldPortable, crypto::adx::P256FieldAdx>;
#else
using Layers = testing::Types<crypto::P256FieldPortable>;
#endif
TYPED_TEST_SUITE(P256GroupTest, Layers, LayerNames);

// And what comes next is told the new Z.
template <class F>
struct SeenZ {
  F begun{};
  int ended = 0;
  void begin(const F& z) { begun = z; }
  void end() { ++ended; }
};

TYPED_TEST(P256GroupTest, Doublings) {
  auto points = this->some_points();
  points.emplace_back();  // the neutral element stays what it is
  for (const Bytes& point : points) {
    Bytes expected = point;
    for (unsigned count = 1; count <= 6; ++count) {
      if (!point.empty()) expected = reference().add(expected, expected);
      auto doubled = this->jacobian(point);
      SeenZ<TypeParam> seen;
      twice_times(doubled, TypeParam(doubled.z.square()), count, seen);
      EXPECT_EQ(this->encode(doubled), expected);
      EXPECT_NE(equal(seen.begun, doubled.z), 0U);
      EXPECT_EQ(seen.ended, 1);
    }
  }
}

// On a curve whose coefficients are c^4 and c^6 times those of P-256.
TYPED_TEST(P256GroupTest, DoublingsOnAnotherCurve) {
  for (const Bytes& point : this->some_points()) {
    const auto c = TypeParam::from_integer(crypto::limbs_from_bytes(this->random.bytes().data()));
    auto doubled = this->jacobian(point);
    doubled.x = doubled.x * c.square();
    doubled.y = doubled.y * (c.square() * c);
    crypto::NoNext none;
    twice_times(doubled, c.square() * doubled.z.square(), 3, none);
    doubled.z = doubled.z * c;
    Bytes expected = point;
    for (int i = 0; i < 3; ++i) expected = reference().add(expected, expected);
    EXPECT_EQ(this->encode(doubled), expected);
  }
}

// All pairs of some_points() that are neither equal nor opposite.
template <class Check>
void for_each_unlike_pair(const std::vector<Bytes>& points, const Check& check) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (i != j && (i >= 8 || j >= 8 || i / 2 != j / 2)) check(points[i], points[j]);
    }
  }
}

TYPED_TEST(P256GroupTest, SumsOfUnlikePoints) {
  const crypto::Mask yes = crypto::mask_from_bit(1), no = crypto::mask_from_bit(0);
  for_each_unlike_pair(this->some_points(), [&](const Bytes& left, const Bytes& right) {
    const auto point = this->jacobian(left);
    crypto::Addend<TypeParam> addend;
    addend.point = this->decode(right);
    addend.begin(point.z);
    addend.end();
    const auto sum_of = [&](crypto::Mask skip, crypto::Mask first) {
      auto sum = point;
      SeenZ<TypeParam> seen;
      add_unlike(sum, addend, skip, first, seen);
      EXPECT_NE(equal(seen.begun, sum.z), 0U);
      EXPECT_EQ(seen.ended, 1);
      return this->encode(sum);
    };
    EXPECT_EQ(sum_of(no, no), reference().add(left, right));
    // To what stands for nothing, and nothing to the sum or to what stands for it.
    EXPECT_EQ(sum_of(no, yes), right);
    EXPECT_EQ(sum_of(yes, no), left);
    EXPECT_EQ(sum_of(yes, yes), left);
  });
}

// Sums of comb entries.

TYPED_TEST(P256GroupTest, CombSumsOfUnlikePoints) {
  const crypto::Mask yes = crypto::mask_from_bit(1), no = crypto::mask_from_bit(0);
  for_each_unlike_pair(this->some_points(), [&](const Bytes& left, const Bytes& right) {
    const auto sum_of = [&](crypto::Mask skip, crypto::Mask first) {
      auto sum = this->comb_sum(left);
      add_unlike(sum, this->decode(right), skip, first);
      return this->encode(sum);
    };
    EXPECT_EQ(sum_of(no, no), reference().add(left, right));
    EXPECT_EQ(sum_of(no, yes), right);
    EXPECT_EQ(sum_of(yes, no), left);
    EXPECT_EQ(sum_of(yes, yes), left);
  });
}

TYPED_TEST(P256GroupTest, CombSumsOfOnePoint) {
  for (const Bytes& point : this->some_points()) {
    auto sum = crypto::CombSum<TypeParam>::of(this->decode(point));
    EXPECT_EQ(this->encode(sum), point);
    EXPECT_EQ(equal(sum.zz, TypeParam::one()), 0U);
    EXPECT_EQ(this->encode(this->comb_sum(point)), point);
    Bytes expected = point;
    for (unsigned count = 1; count <= 6; ++count) {
      expected = reference().add(expected, expected);
      sum = this->comb_sum(point);
      twice_times(sum, count);
      EXPECT_EQ(this->encode(sum), expected);
    }
  }
}

TYPED_TEST(P256GroupTest, MultiplesOfAPoint) {
  for (const Bytes& point : this->some_points()) {
    crypto::Multiples<TypeParam, crypto::kWindowTableSize> multiples;
    set_multiples(multiples, this->decode(point));
    Bignum scalar(BN_new());
    for (std::size_t j = 1; j <= multiples.points.size(); ++j) {
      BN_set_word(scalar.get(), j);
      const auto& [x, y] = multiples.points[j - 1];
      EXPECT_EQ(this->encode(typename TestFixture::Point{x, y, multiples.c}), reference().multiply(point, scalar.get()))
          << j;
    }
  }
}

TYPED_TEST(P256GroupTest, GeneratorTables) {
  Bignum scalar(BN_new()), base(BN_new());
  for (std::size_t i = 0; i < crypto::kCombTableCount; ++i) {
    BN_zero(base.get());
    BN_set_bit(base.get(), static_cast<int>(10 * i));
    BN_zero(scalar.get());
    for (std::size_t j = 1; j <= crypto::kWindowTableSize; ++j) {
      BN_add(scalar.get(), scalar.get(), base.get());
      const auto& [x, y] = crypto::kP256CombTables[i][j - 1];
      const typename TestFixture::Affine entry{TypeParam::from_montgomery(x), TypeParam::from_montgomery(y)};
      ASSERT_EQ(this->encode(entry), reference().multiply_generator(scalar.get())) << i << " " << j;
      ASSERT_LT(BN_cmp(bignum(x).get(), reference().p()), 0);
      ASSERT_LT(BN_cmp(bignum(y).get(), reference().p()), 0);
    }
  }
}

// multiply() takes the scalars below n, and its additions know no special case.
TYPED_TEST(P256GroupTest, MultipliesPoints) {
  const Point65 peer = public_key(valid_scalar(this->random));
  const auto multiple = [&](const Bytes32& scalar) {
    const crypto::SignedWindows digits(crypto::limbs_from_bytes(scalar.data()));
    return this->encode(crypto::multiply(this->decode(peer), digits));
  };
  EXPECT_EQ(multiple(Bytes32{}), Bytes());
  const auto scalars = comb_scalars();
  ASSERT_GT(scalars.size(), 5'000U);
  for (std::size_t i = 0; i < scalars.size(); i += thinning()) {
    const Bytes32& scalar = scalars[i];
    ASSERT_EQ(multiple(scalar), reference().multiply(peer, bignum(scalar).get())) << to_hex(scalar);
  }
}

// multiply_generator() takes the scalars below n, and its additions know no special case.
TYPED_TEST(P256GroupTest, MultipliesGenerator) {
  const auto multiple = [](const Bytes32& scalar) {
    const crypto::SignedWindows digits(crypto::limbs_from_bytes(scalar.data()));
    return TestFixture::encode(crypto::multiply_generator<TypeParam>(crypto::kP256CombTables, digits));
  };
  EXPECT_EQ(multiple(Bytes32{}), Bytes());
  const auto scalars = comb_scalars();
  ASSERT_GT(scalars.size(), 5'000U);
  for (std::size_t i = 0; i < scalars.size(); i += thinning()) {
    const Bytes32& scalar = scalars[i];
    ASSERT_EQ(multiple(scalar), reference().multiply_generator(bignum(scalar).get())) << to_hex(scalar);
  }
}

TEST(SignedWindowsTest, DigitsSumToTheScalar) {
  Random random;
  auto scalars = edge_values(reference().n());
  for (int i = 0; i < rounds(2'000); ++i) scalars.push_back(random.scalar());
  for (const auto& bytes : scalars) {
    const crypto::SignedWindows digits(crypto::limbs_from_bytes(bytes.data()));
    Bignum sum(BN_new());
    for (std::size_t i = crypto::kWindowCount; i-- > 0;) {
      const crypto::SignedDigit digit = digits.at(i);
      ASSERT_LE(digit.magnitude, crypto::kWindowTableSize);
      BN_lshift(sum.get(), sum.get(), static_cast<int>(crypto::kWindowBits));
      ASSERT_EQ(digit.negative != 0 ? BN_sub_word(sum.get(), digit.magnitude) : BN_add_word(sum.get(), digit.magnitude),
                1);
    }
    ASSERT_EQ(BN_cmp(sum.get(), bignum(bytes).get()), 0) << to_hex(bytes);
  }
}

class P256WycheproofTest : public ImplementationTest {
 protected:
  // Returns whether the test's point has a form that TLS carries.
  bool check_ecdh_vector(const nlohmann::json& test) const {
    const auto point = ecdh_point(test);
    if (!point) return false;
    const bool valid = test.at("result") == "valid";
    Bytes32 shared;
    EXPECT_EQ(GetParam()->p256->shared_secret(shared.data(), ecdh_scalar(test).data(), point->data()), valid);
    if (valid) {
      EXPECT_EQ(to_hex(shared), test.at("shared").get<std::string>());
    }
    return true;
  }
};

TEST_P(P256WycheproofTest, EcdhPoints) {
  int uncompressed = 0;
  const auto check = [&](const auto&, const auto& test) {
    if (check_ecdh_vector(test)) {
      ++uncompressed;
    } else {
      EXPECT_NE(test.at("result"), "valid");
    }
  };
  BREAKWATER_FOR_EACH_WYCHEPROOF(kEcdhPointsFile, check);
  EXPECT_GT(uncompressed, 300);
}

TEST_P(P256WycheproofTest, EcdhSubjectPublicKeys) {
  int uncompressed = 0;
  const auto check = [&](const auto&, const auto& test) { uncompressed += check_ecdh_vector(test); };
  BREAKWATER_FOR_EACH_WYCHEPROOF(kEcdhKeysFile, check);
  EXPECT_GT(uncompressed, 300);
}

BREAKWATER_FOR_EACH_SINGLE_IMPLEMENTATION(P256WycheproofTest);

}  // namespace
}  // namespace breakwater::test
