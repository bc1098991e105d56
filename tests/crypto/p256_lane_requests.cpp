#include "tests/crypto/p256_lane_requests.h"

#include "core/crypto/p256.h"

namespace breakwater::test {

namespace {

using crypto::kLanes;

constexpr std::uint8_t kUntouched = 0xa5;

// Outputs of eight lanes, of which the first are asked for.
template <class Output>
class Outputs {
 public:
  explicit Outputs(std::size_t asked) : asked_(asked) {
    for (auto& output : outputs_) output.fill(kUntouched);
  }

  Output& operator[](std::size_t lane) { return outputs_[lane]; }

  void expect_rest_untouched() const {
    for (std::size_t i = asked_; i < kLanes; ++i) {
      for (const std::uint8_t byte : outputs_[i]) EXPECT_EQ(byte, kUntouched) << "lane " << i << " was not asked for";
    }
  }

 private:
  std::array<Output, kLanes> outputs_;
  std::size_t asked_;
};

}  // namespace

std::vector<P256LaneUnit> p256_lane_units() {
  return {
#if defined(__x86_64__)
    {"ifma", &crypto::ifma::kP256Lanes, 12'500, 1},
#endif
        {"emulated", &crypto::emulated::kP256Lanes, 50, 5},
  };
}

std::vector<P256Answer> ask_lanes(const crypto::P256LaneFunctions& functions,
                                  const std::vector<P256Request>& requests) {
  const std::size_t count = requests.size();
  Outputs<Point65> keys(count);
  Outputs<Bytes32> secrets(count);
  Outputs<Signature64> signatures(count);
  std::array<crypto::P256PublicKeyLane, kLanes> make;
  std::array<crypto::P256SharedSecretLane, kLanes> agree;
  std::array<crypto::P256SignLane, kLanes> sign;
  for (std::size_t i = 0; i < kLanes; ++i) {
    // What is beyond the requests looks like requests: it must not be read as such.
    const P256Request& request = requests[i % count];
    const bool done = i % 2 == 0;  // whatever it was
    make[i] = {keys[i].data(), request.scalar.data(), done};
    agree[i] = {secrets[i].data(), request.scalar.data(), request.peer.data(), done};
    sign[i] = {signatures[i].data(), request.scalar.data(), request.digest.data(), request.hedge, done};
  }
  functions.public_keys(std::span(make).first(count));
  functions.shared_secrets(std::span(agree).first(count));
  functions.sign(std::span(sign).first(count));
  keys.expect_rest_untouched();
  secrets.expect_rest_untouched();
  signatures.expect_rest_untouched();
  for (std::size_t i = count; i < kLanes; ++i) {
    EXPECT_EQ(make[i].done, i % 2 == 0);
    EXPECT_EQ(agree[i].done, i % 2 == 0);
    EXPECT_EQ(sign[i].done, i % 2 == 0);
  }
  std::vector<P256Answer> answers;
  for (std::size_t i = 0; i < count; ++i) {
    answers.push_back({make[i].done, agree[i].done, sign[i].done, keys[i], secrets[i], signatures[i]});
  }
  return answers;
}

P256Answer ask_single(const crypto::P256Functions& functions, const P256Request& request) {
  P256Answer answer;
  answer.key_done = functions.public_key(answer.key.data(), request.scalar.data());
  answer.secret_done = functions.shared_secret(answer.secret.data(), request.scalar.data(), request.peer.data());
  answer.signature_done =
      functions.sign(answer.signature.data(), request.scalar.data(), request.digest.data(), request.hedge);
  return answer;
}

void expect_right(const P256Answer& answer, const P256Request& request) {
  const ReferenceP256& reference = reference_p256();
  const Bignum scalar = bignum(request.scalar);
  const bool valid = !BN_is_zero(scalar.get()) && BN_cmp(scalar.get(), reference.n()) < 0;
  // libcrypto also takes hybrid forms, whose first byte is 6 or 7.
  const bool peer_valid = request.peer[0] == 4 && reference.is_on_curve(request.peer);
  ASSERT_EQ(answer.key_done, valid);
  ASSERT_EQ(answer.secret_done, valid && peer_valid);
  ASSERT_EQ(answer.signature_done, valid);
  if (!answer.secret_done) {
    ASSERT_EQ(answer.secret, Bytes32{});
  }
  if (!valid) {
    ASSERT_EQ(answer.key, Point65{});
    ASSERT_EQ(answer.signature, Signature64{});
    return;
  }
  const Bytes key = reference.multiply_generator(scalar.get());
  ASSERT_EQ(Bytes(answer.key.begin(), answer.key.end()), key);
  if (peer_valid) {
    const Bytes shared = reference.multiply(request.peer, scalar.get());
    ASSERT_EQ(Bytes(answer.secret.begin(), answer.secret.end()), Bytes(shared.begin() + 1, shared.begin() + 33));
  }
  std::array<std::uint8_t, crypto::kMaxEcdsaDerSize> der;
  const std::size_t size = crypto::ecdsa_signature_to_der(der.data(), answer.signature.data());
  ASSERT_TRUE(reference.verify(key, request.digest, std::span(der).first(size)));
}

}  // namespace breakwater::test
