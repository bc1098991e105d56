// Montgomery products of the halves of RSA-2048 in lanes, by both ways and with every unit, against libcrypto's big
// numbers, at the limits of their bounds and where the sums of Karatsuba's formula carry. What is computed with them:
// rsa_sign_test.cpp.
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <array>
#include <string>
#include <vector>

#include "tests/crypto/lane_units.h"
#include "tests/crypto/rsa_number_lane_functions.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::kLanes;
using crypto::Limb;
using Modulus = crypto::RsaModulus<crypto::kMaxRsaHalfLimbs>;

constexpr int kBits = 52;
constexpr int kRadix = 20 * kBits;  // R = 2^kRadix
constexpr Limb kOnes = (Limb{1} << kBits) - 1;

struct NumberUnit {
  std::string name;
  const RsaNumberLaneFunctions* functions;
};

void PrintTo(const NumberUnit& unit, std::ostream* out) { *out << unit.name; }  // for GoogleTest

std::vector<NumberUnit> number_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &ifma::kRsaNumber}, {"schoolbook_ifma", &ifma::kRsaNumberSchoolbook},
#endif
        {"emulated", &emulated::kRsaNumber}, {"schoolbook_emulated", &emulated::kRsaNumberSchoolbook},
  };
}

Bignum copy(const BIGNUM* value) { return Bignum(BN_dup(value)); }

// 2^bits + addend
Bignum power_of_two(int bits, int addend) {
  Bignum value(BN_new());
  BN_set_bit(value.get(), bits);
  if (addend < 0) BN_sub_word(value.get(), static_cast<BN_ULONG>(-addend));
  if (addend > 0) BN_add_word(value.get(), static_cast<BN_ULONG>(addend));
  return value;
}

void set_lane(RsaLaneNumber& number, std::size_t lane, const BIGNUM* value) {
  const Bignum rest = copy(value);
  for (auto& limb : number) {
    const Bignum low = copy(rest.get());
    BN_mask_bits(low.get(), kBits);  // an error, and no change, when it is that short already
    limb[lane] = BN_get_word(low.get());
    BN_rshift(rest.get(), rest.get(), kBits);
  }
  EXPECT_TRUE(BN_is_zero(rest.get()));
}

Bignum lane_of(const RsaLaneNumber& number, std::size_t lane) {
  Bignum value(BN_new());
  for (std::size_t i = number.size(); i-- > 0;) {
    EXPECT_LE(number[i][lane], kOnes);
    BN_lshift(value.get(), value.get(), kBits);
    BN_add_word(value.get(), number[i][lane]);
  }
  return value;
}

Modulus modulus_of(const BIGNUM* m) {
  Modulus modulus{};
  const Bignum rest = copy(m);
  for (std::size_t i = 0; i < 16; ++i) {
    const Bignum low = copy(rest.get());
    BN_mask_bits(low.get(), 64);
    modulus.value[i] = BN_get_word(low.get());
    BN_rshift(rest.get(), rest.get(), 64);
  }
  Limb inverse = 1;  // each step doubles the bits that are right
  for (int i = 0; i < 6; ++i) inverse *= 2 - modulus.value[0] * inverse;
  modulus.negative_inverse = 0 - inverse;
  return modulus;
}

class RsaNumberLanesTest : public LaneUnitTest<NumberUnit> {
 protected:
  const RsaNumberLaneFunctions& functions() const { return *GetParam().functions; }
  BN_CTX* context() const { return reference_p256().context(); }

  Bignum random_number(int bits) {
    Bytes bytes(static_cast<std::size_t>(bits) / 8);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.word());
    return bignum(bytes);
  }

  // Odd, of 1024 bits.
  std::vector<Bignum> moduli() {
    std::vector<Bignum> all;
    all.push_back(power_of_two(1024, -1));
    all.push_back(power_of_two(1023, 1));
    all.push_back(power_of_two(1024, -105));
    while (all.size() < kLanes) {
      Bignum m = random_number(1024);
      BN_set_bit(m.get(), 1023);
      BN_set_bit(m.get(), 0);
      all.push_back(std::move(m));
    }
    return all;
  }

  // Below 6 m: what a sum of two loose numbers may be.
  std::vector<Bignum> values(const BIGNUM* m) {
    std::vector<Bignum> all;
    const auto times = [&](BN_ULONG factor, BN_ULONG less) {
      Bignum value = copy(m);
      BN_mul_word(value.get(), factor);
      BN_sub_word(value.get(), less);
      all.push_back(std::move(value));
    };
    all.emplace_back(BN_new());
    for (const BN_ULONG factor : {1U, 2U, 3U, 6U}) times(factor, 1);
    times(1, 0);
    all.push_back(power_of_two(0, 0));
    all.push_back(power_of_two(1023, -1));  // all ones
    // All ones in one half or in one quarter: the carry out of a sum is what the other one decides.
    for (const int begin : {0, 260, 520}) {
      for (const int bits : {260, 500}) {
        Bignum value = power_of_two(bits, -1);
        BN_lshift(value.get(), value.get(), begin);
        if (BN_num_bits(value.get()) < 1024) all.push_back(std::move(value));
      }
    }
    // Halves that are the same, and one more or less; likewise the quarters.
    for (const int half : {520, 260}) {
      for (const int difference : {-1, 0, 1}) {
        const Bignum low = random_number(half == 520 ? 496 : 256);
        Bignum high = copy(low.get());
        if (difference < 0) BN_sub_word(high.get(), 1);
        if (difference > 0) BN_add_word(high.get(), 1);
        Bignum value(BN_new());
        BN_lshift(value.get(), high.get(), half);
        BN_add(value.get(), value.get(), low.get());
        all.push_back(std::move(value));
      }
    }
    for (int i = 0; i < 8; ++i) all.push_back(random_number(1016));
    return all;
  }

  // result R = left right modulo m; result below 3 m.
  void check(const BIGNUM* result, const BIGNUM* left, const BIGNUM* right, const BIGNUM* m) const {
    Bignum limit = copy(m);
    BN_mul_word(limit.get(), 3);
    EXPECT_LT(BN_cmp(result, limit.get()), 0);
    Bignum product(BN_new()), shifted(BN_new());
    BN_mod_mul(product.get(), left, right, m, context());
    BN_lshift(shifted.get(), result, kRadix);
    BN_nnmod(shifted.get(), shifted.get(), m, context());
    EXPECT_EQ(BN_cmp(shifted.get(), product.get()), 0) << BN_num_bits(left) << " bits times " << BN_num_bits(right);
  }

  Random random_;
};

// Each lane its own modulus; each value with each other one.
TEST_P(RsaNumberLanesTest, Products) {
  const std::vector<Bignum> m = moduli();
  std::array<Modulus, kLanes> loaded;
  RsaLaneModuli pointers;
  std::array<std::vector<Bignum>, kLanes> numbers;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    loaded[lane] = modulus_of(m[lane].get());
    pointers[lane] = &loaded[lane];
    numbers[lane] = values(m[lane].get());
  }
  const std::size_t count = numbers[0].size();
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      RsaLaneNumber left, right, out;
      // The lanes differ, so that none takes another's carries.
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        set_lane(left, lane, numbers[lane][(i + lane) % count].get());
        set_lane(right, lane, numbers[lane][(j + 3 * lane) % count].get());
      }
      functions().multiply(out, left, right, pointers);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        SCOPED_TRACE(lane);
        check(lane_of(out, lane).get(), numbers[lane][(i + lane) % count].get(),
              numbers[lane][(j + 3 * lane) % count].get(), m[lane].get());
      }
      if (HasFailure()) return;
    }
    RsaLaneNumber left, out;
    for (std::size_t lane = 0; lane < kLanes; ++lane) set_lane(left, lane, numbers[lane][(i + lane) % count].get());
    functions().square(out, left, pointers);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      SCOPED_TRACE(lane);
      const BIGNUM* const value = numbers[lane][(i + lane) % count].get();
      check(lane_of(out, lane).get(), value, value, m[lane].get());
    }
    if (HasFailure()) return;
  }
}

TEST_P(RsaNumberLanesTest, RandomProducts) {
  for (int round = 0; round < rounds(200); ++round) {
    const std::vector<Bignum> m = moduli();
    std::array<Modulus, kLanes> loaded;
    RsaLaneModuli pointers;
    RsaLaneNumber left, right, product, square;
    std::array<Bignum, kLanes> a, b;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      loaded[lane] = modulus_of(m[lane].get());
      pointers[lane] = &loaded[lane];
      a[lane] = random_number(1024);
      b[lane] = random_number(1024);
      set_lane(left, lane, a[lane].get());
      set_lane(right, lane, b[lane].get());
    }
    functions().multiply(product, left, right, pointers);
    functions().square(square, left, pointers);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      SCOPED_TRACE(lane);
      check(lane_of(product, lane).get(), a[lane].get(), b[lane].get(), m[lane].get());
      check(lane_of(square, lane).get(), a[lane].get(), a[lane].get(), m[lane].get());
    }
    if (HasFailure()) return;
  }
}

// From below 3 m to below m.
TEST_P(RsaNumberLanesTest, Tighten) {
  const std::vector<Bignum> m = moduli();
  std::array<Modulus, kLanes> loaded;
  RsaLaneModuli pointers;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    loaded[lane] = modulus_of(m[lane].get());
    pointers[lane] = &loaded[lane];
  }
  for (const BN_ULONG factor : {0U, 1U, 2U, 3U}) {
    for (const int addend : {-1, 0, 1}) {
      if ((factor == 0 && addend < 0) || (factor == 3 && addend >= 0)) continue;
      RsaLaneNumber value;
      std::array<Bignum, kLanes> expected;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        Bignum number = copy(m[lane].get());
        BN_mul_word(number.get(), factor);
        if (addend < 0) BN_sub_word(number.get(), 1);
        if (addend > 0) BN_add_word(number.get(), 1);
        set_lane(value, lane, number.get());
        BN_nnmod(number.get(), number.get(), m[lane].get(), context());
        expected[lane] = std::move(number);
      }
      functions().tighten(value, pointers);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        EXPECT_EQ(BN_cmp(lane_of(value, lane).get(), expected[lane].get()), 0) << factor << " m + " << addend;
      }
    }
  }
}

BREAKWATER_FOR_EACH_UNIT(RsaNumberLanesTest, number_units());

}  // namespace
}  // namespace breakwater::test
