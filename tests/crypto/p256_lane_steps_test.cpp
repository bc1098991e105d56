// What lane operations on P-256 do lane by lane, in each scalar layer: one inversion for all, the end of signatures,
// and what becomes of a signature whose nonce will not do.
#include <gtest/gtest.h>

#include "core/crypto/cpu.h"
#include "core/crypto/ecdsa_sign.h"
#include "core/crypto/invert_all.h"
#include "core/crypto/lanes_emulated.h"
#include "core/crypto/p256.h"
#include "core/crypto/p256_lane_operations.h"
#include "core/crypto/words_emulated.h"
#include "tests/crypto/p256_lane_requests.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::EcdsaEnd;
using crypto::kLanes;
using crypto::Limbs;

struct StepsUnit {
  std::string name;
  const crypto::P256LaneSteps* steps;
};

std::vector<StepsUnit> steps_units() {
  return {
#if defined(__x86_64__)
    {"adx", &crypto::adx::kP256LaneSteps},
#endif
        {"portable", &crypto::kP256LaneSteps},
  };
}

class P256LaneStepsTest : public testing::TestWithParam<StepsUnit> {
 protected:
  void SetUp() override {
    if (GetParam().name == "adx" && !crypto::detect_cpu().adx) GTEST_SKIP() << "this CPU lacks ADX or BMI2";
  }

  const crypto::P256LaneSteps& steps() const { return *GetParam().steps; }

  Limbs limbs_below(const BIGNUM* modulus) {
    Bignum value = bignum(random_.scalar());
    BN_nnmod(value.get(), value.get(), modulus, reference_p256().context());
    return to_limbs(value.get());
  }

  Random random_;
};
BREAKWATER_FOR_EACH_UNIT(P256LaneStepsTest, steps_units());

Limbs inverse_of(const Limbs& value, const BIGNUM* modulus) {
  const Bignum number = bignum(value);
  if (BN_is_zero(number.get())) return {};
  return to_limbs(Bignum(BN_mod_inverse(nullptr, number.get(), modulus, reference_p256().context())).get());
}

// Zeros in any set of lanes.
TEST_P(P256LaneStepsTest, InvertsBesideZeros) {
  const BIGNUM* const p = reference_p256().p();
  for (unsigned zeros = 0; zeros < 256; ++zeros) {
    std::array<Limbs, kLanes> values, inverses;
    for (std::size_t i = 0; i < kLanes; ++i) values[i] = (zeros >> i & 1) != 0 ? Limbs{} : limbs_below(p);
    inverses = values;
    steps().invert(inverses);
    for (std::size_t i = 0; i < kLanes; ++i) ASSERT_EQ(inverses[i], inverse_of(values[i], p)) << zeros << " " << i;
  }
}

// One to eight signatures, with nonces out of range and one that makes s zero among them, against single ones.
TEST_P(P256LaneStepsTest, EndsSignatures) {
  const ReferenceP256& reference = reference_p256();
  const Limbs n = to_limbs(reference.n());
  Limbs above = n;
  above[0] += 1;
  const Limbs ones{~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}, ~crypto::Limb{0}};
  const Limbs odd_nonces[] = {{}, n, above, ones};
  int usable = 0, unusable = 0;
  for (int round = 0; round < rounds(50); ++round) {
    const std::size_t count = 1 + static_cast<std::size_t>(round) % kLanes;
    std::array<EcdsaEnd, kLanes> ends;
    std::array<Signature64, kLanes> signatures;
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes32 digest = random_.scalar();
      const Limbs nonce = random_.word() % 4 == 0 ? odd_nonces[random_.word() % 4] : limbs_below(reference.n());
      Limbs scalar = limbs_below(reference.n());
      if (crypto::mask_is_zero(scalar) != 0) scalar[0] = 1;
      const Bytes point = reference.multiply_generator(bignum(nonce).get());
      const Limbs x = point.empty() ? Limbs{} : crypto::limbs_from_bytes(point.data() + 1);
      ends[i] = {signatures[i].data(), scalar, crypto::limbs_from_bytes(digest.data()), nonce, x};
      if (!point.empty() && random_.word() % 8 == 0) {  // e = -r d makes s = (e + r d) / k zero
        Bignum e(BN_new());
        BN_mod_mul(e.get(), bignum(x).get(), bignum(scalar).get(), reference.n(), reference.context());
        BN_sub(e.get(), reference.n(), e.get());
        ends[i].digest = to_limbs(e.get());
      }
    }
    steps().end_signatures(std::span(ends).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      Signature64 expected;
      const crypto::Mask good = crypto::ecdsa_sign_with_nonce<crypto::P256Portable>(expected.data(), ends[i].scalar,
                                                                                    ends[i].digest, ends[i].nonce);
      ASSERT_EQ(ends[i].usable, good) << round << ", lane " << i;
      if (good != 0) {
        ASSERT_EQ(signatures[i], expected) << round << ", lane " << i;
      }
      ++(good != 0 ? usable : unusable);
    }
  }
  EXPECT_GT(usable, 50);
  EXPECT_GT(unusable, 20);
}

// A unit whose steps find one nonce unusable, which chance does once in 2^32.
struct UnluckyUnit {
  using Lanes = crypto::emulated::Lanes;
  using Words = crypto::emulated::Words;

  static inline std::size_t unlucky = 0;
  static inline int calls = 0;

  static void end_signatures(std::span<EcdsaEnd> ends) noexcept {
    crypto::kP256LaneSteps.end_signatures(ends);
    std::fill_n(ends[unlucky].signature, 64, std::uint8_t{0x77});
    ends[unlucky].usable = 0;
  }
  static bool sign(std::uint8_t* signature, const std::uint8_t* scalar, const std::uint8_t* digest,
                   ConstBytes hedge) noexcept {
    ++calls;
    return crypto::kP256.sign(signature, scalar, digest, hedge);
  }

  static constexpr crypto::P256LaneSteps kSteps{
      [](std::array<Limbs, kLanes>& values) noexcept { crypto::kP256LaneSteps.invert(values); }, end_signatures};
  static constexpr crypto::P256Functions kSingle{nullptr, nullptr, sign};
};

TEST(P256LaneOperationsTest, AnUnusableNonceIsReplacedAlone) {
  Random random;
  const crypto::P256LaneFunctions functions{crypto::emulated::kP256Lanes.public_keys,
                                            crypto::emulated::kP256Lanes.shared_secrets,
                                            crypto::P256LaneOperations<UnluckyUnit>::sign};
  std::vector<P256Request> requests(kLanes);
  for (P256Request& request : requests) {
    request.digest = random.bytes();
    request.scalar = random.bytes();
    request.scalar[0] = 0;
    request.hedge = {1, 2, 3};
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    UnluckyUnit::unlucky = lane;
    UnluckyUnit::calls = 0;
    const auto answers = ask_lanes(functions, requests);
    EXPECT_EQ(UnluckyUnit::calls, 1);
    for (std::size_t i = 0; i < kLanes; ++i) EXPECT_EQ(answers[i], ask_single(crypto::kP256, requests[i])) << i;
    // But not for a key that is none.
    UnluckyUnit::calls = 0;
    auto bad = requests;
    bad[lane].scalar = {};
    EXPECT_EQ(ask_lanes(functions, bad)[lane], P256Answer{});
    EXPECT_EQ(UnluckyUnit::calls, 0);
  }
}

template <class F>
class InvertAllTest : public testing::Test {};
using Fields = testing::Types<crypto::P256FieldPortable, crypto::P256Scalar>;
TYPED_TEST_SUITE(InvertAllTest, Fields);

// Every set of zeros among none to five elements: all of them zero, none, one element alone.
TYPED_TEST(InvertAllTest, EverySetOfZeros) {
  Random random;
  for (std::size_t count = 0; count <= 5; ++count) {
    for (unsigned zeros = 0; zeros < 1U << count; ++zeros) {
      std::array<TypeParam, 5> values{}, inverses;
      for (std::size_t i = 0; i < count; ++i) {
        Bytes32 bytes = random.bytes();
        bytes[31] |= 1;
        values[i] = TypeParam::from_integer(crypto::limbs_from_bytes(bytes.data()));
        if ((zeros >> i & 1) != 0) values[i] = TypeParam::zero();
      }
      inverses = values;
      crypto::invert_all<5>(std::span(inverses).first(count));
      for (std::size_t i = 0; i < 5; ++i) {
        const TypeParam expected = i < count ? values[i].inverse() : values[i];
        ASSERT_EQ(inverses[i].montgomery(), expected.montgomery()) << count << " " << zeros << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace breakwater::test
