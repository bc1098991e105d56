// The field of Curve25519 with MULX, ADCX and ADOX, against libcrypto's big numbers, at the limits of its bounds. What
// is computed with it: x25519_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "core/crypto/cpu.h"
#include "core/crypto/x25519_field_adx.h"
#include "core/crypto/x25519_field_portable.h"
#include "core/crypto/x25519_ladder.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::Limb;
using crypto::Limbs;
using crypto::X25519FieldPortable;
using Field = crypto::adx::X25519FieldAdx;

// Any four limbs as an element: bounds are what is tested here.
Field element(const Limbs& limbs) { return std::bit_cast<Field>(limbs); }
Limbs limbs_of(const Field& element) { return std::bit_cast<Limbs>(element); }

constexpr Limbs kTightBound{1U << 23, 0, 0, Limb{1} << 63};  // 2^255 + 2^23

constexpr Limb kMaxFactor = (1U << 17) - 1;

bool is_tight(const Field& element) { return crypto::mask_less(limbs_of(element), kTightBound) != 0; }

std::vector<Limbs> loose_edges() {
  const Bignum p = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  std::vector<Limbs> list;
  for (const Bytes32& bytes : edge_values(p.get())) list.push_back(crypto::limbs_from_bytes(bytes.data()));
  for (const Limb low : {0U, 1U, 18U, 19U, 37U, 38U, 39U}) {  // about 0, p, 2^255, 2 p and 2^256
    const Limb up = low, down = Limb{0} - low;
    list.push_back({up, 0, 0, 0});
    list.push_back({up, 0, 0, Limb{1} << 63});
    if (down != 0) list.push_back({down, ~Limb{0}, ~Limb{0}, ~Limb{0} >> 1});
    if (down != 0) list.push_back({down, ~Limb{0}, ~Limb{0}, ~Limb{0}});
  }
  for (const Limb below : {1U, 2U, 38U, 39U}) list.push_back({kTightBound[0] - below, 0, 0, kTightBound[3]});
  return list;
}

std::vector<Limbs> tight_edges() {
  std::vector<Limbs> list = loose_edges();
  std::erase_if(list, [](const Limbs& limbs) { return crypto::mask_less(limbs, kTightBound) == 0; });
  return list;
}

class X25519AdxFieldTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!crypto::detect_cpu().adx) GTEST_SKIP() << "this CPU has no BMI2 and ADX";
  }

  BN_CTX* context() const { return reference_p256().context(); }
  const BIGNUM* p() const { return p_.get(); }

  Bytes32 reduced(Bignum value) const {
    BN_nnmod(value.get(), value.get(), p(), context());
    return to_bytes32(value.get());
  }

  // Of a tight element, as it is; of a loose one, through a product.
  static Bytes32 value(const Field& tight) {
    Bytes32 bytes;
    tight.to_bytes(bytes.data());
    std::ranges::reverse(bytes);
    return bytes;
  }
  static Bytes32 loose_value(const Field& loose) { return value(loose * Field::one()); }

  void check_products(const Limbs& left, const Limbs& right) const {
    const Bignum a = bignum(left), b = bignum(right);
    Bignum expected(BN_new());
    BN_mul(expected.get(), a.get(), b.get(), context());
    const Field product = element(left) * element(right);
    ASSERT_TRUE(is_tight(product));
    ASSERT_EQ(value(product), reduced(std::move(expected)));
  }

  void check_square(const Limbs& limbs) const {
    const Bignum a = bignum(limbs);
    Bignum expected(BN_new());
    BN_sqr(expected.get(), a.get(), context());
    const Field square = element(limbs).square();
    ASSERT_TRUE(is_tight(square));
    ASSERT_EQ(value(square), reduced(std::move(expected)));
    for (const Limb factor : {Limb{0}, Limb{1}, Limb{9}, Limb{121665}, kMaxFactor}) {
      ASSERT_NO_FATAL_FAILURE(check_small(limbs, factor)) << factor;
    }
  }

  void check_small(const Limbs& limbs, Limb factor) const {
    Bignum expected = bignum(limbs);
    BN_mul_word(expected.get(), factor);
    const Field product = element(limbs).times_small(factor);
    ASSERT_TRUE(is_tight(product));
    ASSERT_EQ(value(product), reduced(std::move(expected)));
  }

  void check_sums(const Limbs& left, const Limbs& right) const {
    const Bignum a = bignum(left), b = bignum(right);
    Bignum sum(BN_new()), difference(BN_new());
    BN_add(sum.get(), a.get(), b.get());
    BN_sub(difference.get(), a.get(), b.get());
    ASSERT_EQ(loose_value(element(left) + element(right)), reduced(std::move(sum)));
    ASSERT_EQ(loose_value(element(left) - element(right)), reduced(std::move(difference)));
  }

  Limbs random_limbs() {
    const Bytes32 bytes = random.scalar();
    return crypto::limbs_from_bytes(bytes.data());
  }

  Random random;

 private:
  Bignum p_ = bignum_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
};

TEST_F(X25519AdxFieldTest, ProductsOfAnyLimbs) {
  const std::vector<Limbs> edges = loose_edges();
  for (const Limbs& left : edges) {
    ASSERT_NO_FATAL_FAILURE(check_square(left)) << to_hex(to_bytes32(bignum(left).get()));
    for (const Limbs& right : edges) {
      ASSERT_NO_FATAL_FAILURE(check_products(left, right))
          << to_hex(to_bytes32(bignum(left).get())) << " " << to_hex(to_bytes32(bignum(right).get()));
    }
  }
  for (int i = 0; i < rounds(20'000); ++i) {
    const Limbs left = random_limbs(), right = random_limbs();
    ASSERT_NO_FATAL_FAILURE(check_square(left)) << to_hex(to_bytes32(bignum(left).get()));
    ASSERT_NO_FATAL_FAILURE(check_products(left, right))
        << to_hex(to_bytes32(bignum(left).get())) << " " << to_hex(to_bytes32(bignum(right).get()));
  }
}

// A limb whose product with the factor ends just below a multiple of 2^64 lets what comes from the limb below it carry:
// chance would find such a limb once in 2^47.
TEST_F(X25519AdxFieldTest, SmallProductsThatCarry) {
  for (const Limb factor : {Limb{9}, Limb{121665}, kMaxFactor}) {
    for (const Limb multiple : {Limb{1}, Limb{2}, factor / 2, factor - 1}) {
      const auto limb = static_cast<Limb>(((crypto::WideLimb{multiple} << 64) - 1) / factor);
      for (std::size_t first = 0; first < 4; ++first) {
        for (std::size_t last = first; last < 4; ++last) {
          Limbs limbs{~Limb{0}, ~Limb{0}, ~Limb{0}, ~Limb{0}};
          for (std::size_t i = first; i <= last; ++i) limbs[i] = limb;
          ASSERT_NO_FATAL_FAILURE(check_small(limbs, factor)) << factor << " " << multiple << " " << first << last;
        }
      }
    }
  }
}

TEST_F(X25519AdxFieldTest, SumsOfTightElements) {
  const std::vector<Limbs> edges = tight_edges();
  ASSERT_GT(edges.size(), 20U);
  for (const Limbs& left : edges) {
    for (const Limbs& right : edges) {
      ASSERT_NO_FATAL_FAILURE(check_sums(left, right))
          << to_hex(to_bytes32(bignum(left).get())) << " " << to_hex(to_bytes32(bignum(right).get()));
    }
  }
  for (int i = 0; i < rounds(20'000); ++i) {
    Limbs left = random_limbs(), right = random_limbs();
    left[3] &= ~Limb{0} >> 1;
    right[3] &= ~Limb{0} >> 1;
    ASSERT_NO_FATAL_FAILURE(check_sums(left, right));
  }
}

// The same chain of operations in both layers: slack beyond the bounds would build up.
TEST_F(X25519AdxFieldTest, AgreesWithThePortableLayer) {
  const auto bytes_of = [](const auto& element) {
    Bytes32 bytes;
    element.to_bytes(bytes.data());
    return bytes;
  };
  for (int i = 0; i < rounds(200); ++i) {
    const Bytes32 x = random.scalar(), y = random.scalar();
    auto a = Field::from_bytes(x.data()), b = Field::from_bytes(y.data());
    auto c = X25519FieldPortable::from_bytes(x.data()), d = X25519FieldPortable::from_bytes(y.data());
    ASSERT_EQ(bytes_of(a), bytes_of(c));
    for (int j = 0; j < 50; ++j) {
      const auto next = (a - b) * (a + b);
      b = (a + b.times_small(121665)).square();
      a = next;
      const auto portable = (c - d) * (c + d);
      d = (c + d.times_small(121665)).square();
      c = portable;
      ASSERT_EQ(bytes_of(a), bytes_of(c));
      ASSERT_EQ(bytes_of(b), bytes_of(d));
    }
    ASSERT_EQ(bytes_of(crypto::invert(a)), bytes_of(crypto::invert(c)));
    ASSERT_EQ(bytes_of(a.square_times(7)), bytes_of(c.square_times(7)));
  }
}

TEST_F(X25519AdxFieldTest, WritesTheOneRepresentative) {
  for (const Limbs& limbs : tight_edges()) {
    ASSERT_EQ(value(element(limbs)), reduced(bignum(limbs))) << to_hex(to_bytes32(bignum(limbs).get()));
  }
}

TEST_F(X25519AdxFieldTest, Selects) {
  for (int i = 0; i < 100; ++i) {
    const Limbs left = random_limbs(), right = random_limbs();
    EXPECT_EQ(limbs_of(select(~crypto::Mask{0}, element(left), element(right))), left);
    EXPECT_EQ(limbs_of(select(crypto::Mask{0}, element(left), element(right))), right);
  }
}

}  // namespace
}  // namespace breakwater::test
