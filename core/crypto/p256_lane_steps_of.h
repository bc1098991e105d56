// The functions of P256LaneSteps, written once. Curve supplies Field and Scalar, the two fields of P-256 in one scalar
// layer.
#pragma once

#include "core/crypto/ecdsa_sign.h"
#include "core/crypto/invert_all.h"
#include "core/crypto/p256_lane_steps.h"

namespace breakwater::crypto {

template <class Curve>
class P256LaneStepsOf {
 public:
  static void invert(std::array<Limbs, kLanes>& values) noexcept {
    Secret<std::array<Field, kLanes>> elements;
    for (std::size_t i = 0; i < kLanes; ++i) elements.value[i] = Field::from_integer(values[i]);
    invert_all<kLanes>(std::span(elements.value));
    for (std::size_t i = 0; i < kLanes; ++i) values[i] = elements.value[i].to_integer();
  }

  static void end_signatures(std::span<EcdsaEnd> ends) noexcept {
    Secret<std::array<Scalar, kLanes>> inverse_nonces;
    const auto inverses = std::span(inverse_nonces.value).first(ends.size());
    for (std::size_t i = 0; i < ends.size(); ++i) inverses[i] = Scalar::from_integer(ends[i].nonce);
    invert_all<kLanes>(inverses);
    for (std::size_t i = 0; i < ends.size(); ++i) end_signature(ends[i], inverses[i]);
  }

  static constexpr P256LaneSteps kTable{invert, end_signatures};

 private:
  using Field = typename Curve::Field;
  using Scalar = typename Curve::Scalar;

  // Not inlined: inline assembly leaves no registers for the loop around it.
  [[gnu::noinline]] static void end_signature(EcdsaEnd& end, const Scalar& inverse_nonce) noexcept {
    end.usable = ecdsa_end(end.signature, end.scalar, end.digest, end.nonce_x, inverse_nonce) &
                 scalar_in_range<Scalar>(end.nonce);
  }
};

}  // namespace breakwater::crypto
