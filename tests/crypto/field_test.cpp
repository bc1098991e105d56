// The field layers and the scalar field against libcrypto's big numbers, on edge values and random ones.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/p256_field_portable.h"
#include "core/crypto/p256_scalar.h"
#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_ladder.h"
#include "tests/crypto/residues.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::Limbs;
using crypto::P256FieldPortable;
using crypto::P256Scalar;
using crypto::X25519FieldPortable;

// Elements as big numbers, whatever the layer.
template <class F>
struct Traits;

template <>
struct Traits<P256FieldPortable> {
  static Bignum modulus() { return Bignum(BN_dup(reference_p256().p())); }
  static P256FieldPortable make(const Bytes32& bytes) {
    return P256FieldPortable::from_integer(crypto::limbs_from_bytes(bytes.data()));
  }
  static Bytes32 value(const P256FieldPortable& element) {
    Bytes32 bytes;
    crypto::limbs_to_bytes(bytes.data(), element.to_integer());
    return bytes;
  }
  static P256FieldPortable invert(const P256FieldPortable& element) { return crypto::invert(element); }
};

template <>
struct Traits<P256Scalar> {
  static Bignum modulus() { return Bignum(BN_dup(reference_p256().n())); }
  static P256Scalar make(const Bytes32& bytes) {
    return P256Scalar::from_integer(crypto::limbs_from_bytes(bytes.data()));
  }
  static Bytes32 value(const P256Scalar& element) {
    Bytes32 bytes;
    crypto::limbs_to_bytes(bytes.data(), element.to_integer());
    return bytes;
  }
  static P256Scalar invert(const P256Scalar& element) { return crypto::invert(element); }
};

template <>
struct Traits<X25519FieldPortable> {
  static Bignum modulus() { return bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"); }
  static X25519FieldPortable make(Bytes32 bytes) {
    std::ranges::reverse(bytes);
    return X25519FieldPortable::from_bytes(bytes.data());
  }
  // Sums and differences must pass through a product before they are written.
  static Bytes32 value(const X25519FieldPortable& element) {
    Bytes32 bytes;
    (element * X25519FieldPortable::one()).to_bytes(bytes.data());
    std::ranges::reverse(bytes);
    return bytes;
  }
  static X25519FieldPortable invert(const X25519FieldPortable& element) { return crypto::invert(element); }
};

template <class F>
class FieldTest : public testing::Test {
 protected:
  using T = Traits<F>;

  // What make() makes of the bytes: from_bytes() of the X25519 layer ignores the top bit.
  Bignum input(Bytes32 bytes) const {
    if constexpr (std::is_same_v<F, X25519FieldPortable>) bytes[0] &= 0x7f;
    Bignum value = bignum(bytes);
    BN_nnmod(value.get(), value.get(), modulus.get(), context());
    return value;
  }
  BN_CTX* context() const { return reference_p256().context(); }

  void check_pair(const Bytes32& left_bytes, const Bytes32& right_bytes) {
    const F left = T::make(left_bytes), right = T::make(right_bytes);
    const Bignum a = input(left_bytes), b = input(right_bytes);
    const BIGNUM* m = modulus.get();
    Bignum sum(BN_new()), difference(BN_new()), product(BN_new()), square(BN_new()), mixed(BN_new());
    BN_mod_add(sum.get(), a.get(), b.get(), m, context());
    BN_mod_sub(difference.get(), a.get(), b.get(), m, context());
    BN_mod_mul(product.get(), a.get(), b.get(), m, context());
    ASSERT_EQ(T::value(left), to_bytes32(a.get()));
    ASSERT_EQ(T::value(left + right), to_bytes32(sum.get()));
    ASSERT_EQ(T::value(left - right), to_bytes32(difference.get()));
    ASSERT_EQ(T::value(left * right), to_bytes32(product.get()));
    // Products and squares of sums and differences: the largest operands the formulas feed in.
    BN_mod_sqr(square.get(), sum.get(), m, context());
    ASSERT_EQ(T::value((left + right).square()), to_bytes32(square.get()));
    BN_mod_sqr(square.get(), difference.get(), m, context());
    ASSERT_EQ(T::value((left - right).square()), to_bytes32(square.get()));
    BN_mod_mul(mixed.get(), sum.get(), difference.get(), m, context());
    ASSERT_EQ(T::value((left + right) * (left - right)), to_bytes32(mixed.get()));
  }

  void check_inverse(const Bytes32& bytes) {
    const Bignum a = input(bytes);
    if (BN_is_zero(a.get())) {
      ASSERT_EQ(T::value(T::invert(T::make(bytes))), Bytes32{});
      return;
    }
    const Bignum inverse(BN_mod_inverse(nullptr, a.get(), modulus.get(), context()));
    ASSERT_EQ(T::value(T::invert(T::make(bytes))), to_bytes32(inverse.get()));
  }

  Bignum modulus = T::modulus();
  Random random;
};

using Layers = testing::Types<P256FieldPortable, P256Scalar, X25519FieldPortable>;
TYPED_TEST_SUITE(FieldTest, Layers);

TYPED_TEST(FieldTest, EdgePairs) {
  const auto edges = edge_values(this->modulus.get());
  for (const auto& left : edges) {
    for (const auto& right : edges) {
      ASSERT_NO_FATAL_FAILURE(this->check_pair(left, right)) << to_hex(left) << " " << to_hex(right);
    }
  }
}

TYPED_TEST(FieldTest, RandomPairs) {
  for (int i = 0; i < rounds(20'000); ++i) {
    const Bytes32 left = this->random.scalar(), right = this->random.scalar();
    ASSERT_NO_FATAL_FAILURE(this->check_pair(left, right)) << to_hex(left) << " " << to_hex(right);
  }
}

TYPED_TEST(FieldTest, Inverses) {
  for (const auto& value : edge_values(this->modulus.get())) {
    ASSERT_NO_FATAL_FAILURE(this->check_inverse(value)) << to_hex(value);
  }
  for (int i = 0; i < rounds(1'000); ++i) {
    const Bytes32 value = this->random.scalar();
    ASSERT_NO_FATAL_FAILURE(this->check_inverse(value)) << to_hex(value);
  }
}

TYPED_TEST(FieldTest, ChainsStayInBounds) {
  // Results fed back a few hundred times, so that any slack beyond the stated bounds would build up.
  using T = Traits<TypeParam>;
  Bytes32 left_bytes = this->random.bytes(), right_bytes = this->random.bytes();
  TypeParam left = T::make(left_bytes), right = T::make(right_bytes);
  Bignum a = this->input(left_bytes), b = this->input(right_bytes), t(BN_new());
  const BIGNUM* m = this->modulus.get();
  for (int i = 0; i < rounds(500); ++i) {
    const TypeParam next = (left - right) * (left + right);
    right = (left + right).square();
    left = next;
    BN_mod_sub(t.get(), a.get(), b.get(), m, this->context());
    BN_mod_add(b.get(), a.get(), b.get(), m, this->context());
    BN_mod_mul(a.get(), t.get(), b.get(), m, this->context());
    BN_mod_sqr(b.get(), b.get(), m, this->context());
    ASSERT_EQ(T::value(left), to_bytes32(a.get()));
    ASSERT_EQ(T::value(right), to_bytes32(b.get()));
  }
}

template <class F>
class MontgomeryTest : public FieldTest<F> {};
using MontgomeryLayers = testing::Types<P256FieldPortable, P256Scalar>;
TYPED_TEST_SUITE(MontgomeryTest, MontgomeryLayers);

// The Montgomery forms themselves at their extremes: 0, 1, m - 1, limbs of all ones.
TYPED_TEST(MontgomeryTest, ExtremeRepresentations) {
  const BIGNUM* m = this->modulus.get();
  Bignum r_inverse(BN_new());
  BN_set_bit(r_inverse.get(), 256);
  BN_mod_inverse(r_inverse.get(), r_inverse.get(), m, this->context());
  const auto edges = edge_values(m);
  Bignum expected(BN_new());
  for (const auto& left : edges) {
    for (const auto& right : edges) {
      const Bignum a = bignum(left), b = bignum(right);
      if (BN_cmp(a.get(), m) >= 0 || BN_cmp(b.get(), m) >= 0) continue;
      const auto x = TypeParam::from_montgomery(crypto::limbs_from_bytes(left.data()));
      const auto y = TypeParam::from_montgomery(crypto::limbs_from_bytes(right.data()));
      const auto check = [&](const TypeParam& result) { ASSERT_EQ(result.montgomery(), to_limbs(expected.get())); };
      BN_mod_mul(expected.get(), a.get(), b.get(), m, this->context());
      BN_mod_mul(expected.get(), expected.get(), r_inverse.get(), m, this->context());
      ASSERT_NO_FATAL_FAILURE(check(x * y));
      BN_mod_sqr(expected.get(), a.get(), m, this->context());
      BN_mod_mul(expected.get(), expected.get(), r_inverse.get(), m, this->context());
      ASSERT_NO_FATAL_FAILURE(check(x.square()));
      BN_mod_add(expected.get(), a.get(), b.get(), m, this->context());
      ASSERT_NO_FATAL_FAILURE(check(x + y));
      BN_mod_sub(expected.get(), a.get(), b.get(), m, this->context());
      ASSERT_NO_FATAL_FAILURE(check(x - y));
      ASSERT_EQ(equal(x, y) != 0, left == right);
      ASSERT_EQ(select(~crypto::Mask{0}, x, y).montgomery(), x.montgomery());
      ASSERT_EQ(select(crypto::Mask{0}, x, y).montgomery(), y.montgomery());
    }
  }
}

TEST(X25519FieldTest, TimesSmallAndSelect) {
  using T = Traits<X25519FieldPortable>;
  const Bignum m = T::modulus();
  const Bignum factor = bignum_hex("1db41");  // 121665
  for (const auto& bytes : edge_values(m.get())) {
    Bytes32 cleared = bytes;
    cleared[0] &= 0x7f;
    const Bignum a = bignum(cleared);
    const auto x = T::make(bytes);
    Bignum expected(BN_new());
    BN_mod_mul(expected.get(), a.get(), factor.get(), m.get(), reference_p256().context());
    EXPECT_EQ(T::value(x.times_small(121665)), to_bytes32(expected.get()));
    // The largest operand the ladder multiplies so: a difference.
    BN_mod_sub(expected.get(), a.get(), factor.get(), m.get(), reference_p256().context());
    BN_mod_mul(expected.get(), expected.get(), factor.get(), m.get(), reference_p256().context());
    const auto f = X25519FieldPortable::one().times_small(121665);
    EXPECT_EQ(T::value((x - f).times_small(121665)), to_bytes32(expected.get()));

    EXPECT_EQ(T::value(select(crypto::Mask{0}, x, f)), T::value(f));
    EXPECT_EQ(T::value(select(~crypto::Mask{0}, x, f)), T::value(x));
  }
}

TEST(LimbsTest, SquareIsProduct) {
  Random random;
  for (int i = 0; i < rounds(20'000); ++i) {
    const Bytes32 bytes = random.scalar();
    const Limbs value = crypto::limbs_from_bytes(bytes.data());
    ASSERT_EQ(crypto::square_limbs(value), crypto::multiply_limbs(value, value)) << to_hex(bytes);
  }
  const Limbs ones{~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}};
  EXPECT_EQ(crypto::square_limbs(ones), crypto::multiply_limbs(ones, ones));
}

}  // namespace
}  // namespace breakwater::test
