// P-256's fields with ADX against the portable ones, limb for limb, and the operations against the portable ones.
// What the operations give is compared with libcrypto in p256_test.cpp and ecdsa_test.cpp.
#include <gtest/gtest.h>

#include "core/crypto/cpu.h"
#include "core/crypto/p256_field_adx.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_scalar_adx.h"
#include "tests/crypto/residues.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::Limbs;
using crypto::ProductLimbs;

struct Prime {
  using Adx = crypto::adx::P256FieldAdx;
  using AdxArithmetic = crypto::adx::Arithmetic<crypto::adx::P256PrimeModulus>;
  using Portable = crypto::P256FieldPortable;
  static const BIGNUM* modulus() { return reference_p256().p(); }
};

struct Order {
  using Adx = crypto::adx::P256ScalarAdx;
  using AdxArithmetic = crypto::adx::Arithmetic<crypto::adx::P256OrderModulus>;
  using Portable = crypto::P256Scalar;
  static const BIGNUM* modulus() { return reference_p256().n(); }
};

template <class Case>
class P256AdxFieldTest : public testing::Test {
 protected:
  using Adx = typename Case::Adx;
  using Portable = typename Case::Portable;

  void SetUp() override {
    if (!crypto::detect_cpu().adx) GTEST_SKIP() << "this CPU lacks ADX or BMI2";
  }

  // left and right are any 256 bits; as Montgomery forms where they are below the modulus.
  void check_pair(const Limbs& left, const Limbs& right) const {
    ASSERT_EQ(Adx::from_integer(left).montgomery(), Portable::from_integer(left).montgomery());
    if (!is_reduced(left) || !is_reduced(right)) return;
    const auto a = Adx::from_montgomery(left), b = Adx::from_montgomery(right);
    const auto c = Portable::from_montgomery(left), d = Portable::from_montgomery(right);
    ASSERT_EQ((a + b).montgomery(), (c + d).montgomery());
    ASSERT_EQ((a - b).montgomery(), (c - d).montgomery());
    ASSERT_EQ((a * b).montgomery(), (c * d).montgomery());
    ASSERT_EQ(a.square().montgomery(), c.square().montgomery());
    ASSERT_EQ(a.negate().montgomery(), c.negate().montgomery());
    ASSERT_EQ(a.to_integer(), c.to_integer());
    ASSERT_EQ(equal(a, b), equal(c, d));
    ASSERT_EQ(select(~crypto::Mask{0}, a, b).montgomery(), left);
    ASSERT_EQ(select(crypto::Mask{0}, a, b).montgomery(), right);
  }

  // Any product below 2^256 m: two factors below m reach no more than (m - 1)^2.
  void check_reduction(const Limbs& low, const Limbs& high) const {
    if (!is_reduced(high)) return;
    const ProductLimbs product{low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]};
    Bignum expected = bignum(high);
    BN_lshift(expected.get(), expected.get(), 256);
    BN_add(expected.get(), expected.get(), bignum(low).get());
    BN_mod_mul(expected.get(), expected.get(), r_inverse_.get(), Case::modulus(), reference_p256().context());
    ASSERT_EQ(Case::AdxArithmetic::reduce(product), to_limbs(expected.get()));
  }

  void check_inverse(const Limbs& value) const {
    const auto a = Adx::from_integer(value);
    const auto inverse = invert(a);
    ASSERT_EQ(inverse.montgomery(), invert(Portable::from_integer(value)).montgomery());
    ASSERT_NE(equal(inverse * a, a.is_zero() != 0 ? Adx::zero() : Adx::one()), 0U);
  }

  static bool is_reduced(const Limbs& value) { return crypto::mask_less(value, Portable::modulus()) != 0; }

  static Bignum r_inverse() {
    Bignum r(BN_new());
    BN_set_bit(r.get(), 256);
    return Bignum(BN_mod_inverse(nullptr, r.get(), Case::modulus(), reference_p256().context()));
  }

  const Bignum r_inverse_ = r_inverse();
  Random random_;
};

struct CaseNames {
  template <class Case>
  static std::string GetName(int) {
    return std::is_same_v<Case, Prime> ? "Prime" : "Order";
  }
};
using Cases = testing::Types<Prime, Order>;
TYPED_TEST_SUITE(P256AdxFieldTest, Cases, CaseNames);

Limbs limbs_of(const Bytes32& bytes) { return crypto::limbs_from_bytes(bytes.data()); }

TYPED_TEST(P256AdxFieldTest, Edges) {
  const auto edges = edge_values(TypeParam::modulus());
  for (const auto& left : edges) {
    ASSERT_NO_FATAL_FAILURE(this->check_inverse(limbs_of(left))) << to_hex(left);
    for (const auto& right : edges) {
      ASSERT_NO_FATAL_FAILURE(this->check_pair(limbs_of(left), limbs_of(right)))
          << to_hex(left) << " " << to_hex(right);
      ASSERT_NO_FATAL_FAILURE(this->check_reduction(limbs_of(left), limbs_of(right)))
          << to_hex(left) << " " << to_hex(right);
    }
  }
}

TYPED_TEST(P256AdxFieldTest, Random) {
  for (int i = 0; i < rounds(50'000); ++i) {
    const Bytes32 left = this->random_.scalar(), right = this->random_.scalar();
    ASSERT_NO_FATAL_FAILURE(this->check_pair(limbs_of(left), limbs_of(right))) << to_hex(left) << " " << to_hex(right);
    ASSERT_NO_FATAL_FAILURE(this->check_reduction(limbs_of(left), limbs_of(right)))
        << to_hex(left) << " " << to_hex(right);
  }
}

TYPED_TEST(P256AdxFieldTest, Inverses) {
  for (int i = 0; i < rounds(5'000); ++i) {
    const Bytes32 value = this->random_.scalar();
    ASSERT_NO_FATAL_FAILURE(this->check_inverse(limbs_of(value))) << to_hex(value);
  }
}

// Each result is the next operand, so that a result off by the modulus would go on.
TYPED_TEST(P256AdxFieldTest, Chains) {
  const Limbs left = limbs_of(this->random_.bytes()), right = limbs_of(this->random_.bytes());
  auto a = TypeParam::Adx::from_integer(left), b = TypeParam::Adx::from_integer(right);
  auto c = TypeParam::Portable::from_integer(left), d = TypeParam::Portable::from_integer(right);
  for (int i = 0; i < rounds(20'000); ++i) {
    const auto next = (a - b) * (a + b);
    b = (a + b).square();
    a = next;
    const auto portable_next = (c - d) * (c + d);
    d = (c + d).square();
    c = portable_next;
    ASSERT_EQ(a.montgomery(), c.montgomery());
    ASSERT_EQ(b.montgomery(), d.montgomery());
  }
}

class P256AdxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!crypto::detect_cpu().adx) GTEST_SKIP() << "this CPU lacks ADX or BMI2";
  }

  void check(const Bytes32& scalar, const Bytes32& digest, const Bytes32& hedge) {
    const crypto::P256Functions& adx = crypto::adx::kP256;
    Point65 point, portable_point;
    point.fill(1), portable_point.fill(2);
    const bool valid = crypto::kP256.public_key(portable_point.data(), scalar.data());
    ASSERT_EQ(adx.public_key(point.data(), scalar.data()), valid);
    ASSERT_EQ(point, portable_point);

    Bytes32 shared, portable_shared;
    shared.fill(1), portable_shared.fill(2);
    ASSERT_EQ(crypto::kP256.shared_secret(portable_shared.data(), scalar.data(), peer_.data()), valid);
    ASSERT_EQ(adx.shared_secret(shared.data(), scalar.data(), peer_.data()), valid);
    ASSERT_EQ(shared, portable_shared);

    std::array<std::uint8_t, 64> signature, portable_signature;
    signature.fill(1), portable_signature.fill(2);
    ASSERT_EQ(crypto::kP256.sign(portable_signature.data(), scalar.data(), digest.data(), hedge), valid);
    ASSERT_EQ(adx.sign(signature.data(), scalar.data(), digest.data(), hedge), valid);
    ASSERT_EQ(signature, portable_signature);
    if (valid) peer_ = point;
  }

  Random random_;

 private:
  static Point65 generator() {
    Point65 point{};
    EXPECT_TRUE(crypto::kP256.public_key(point.data(), to_bytes32(BN_value_one()).data()));
    return point;
  }

  Point65 peer_ = generator();
};

TEST_F(P256AdxTest, AgreesWithPortableOnEdges) {
  const auto edges = edge_values(reference_p256().n());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(check(edges[i], edges[edges.size() - 1 - i], random_.bytes())) << to_hex(edges[i]);
  }
}

TEST_F(P256AdxTest, AgreesWithPortableOnRandom) {
  for (int i = 0; i < long_rounds(5'000); ++i) {
    const Bytes32 scalar = random_.scalar(), digest = random_.scalar(), hedge = random_.bytes();
    ASSERT_NO_FATAL_FAILURE(check(scalar, digest, hedge)) << to_hex(scalar) << " " << to_hex(digest);
  }
}

}  // namespace
}  // namespace breakwater::test
