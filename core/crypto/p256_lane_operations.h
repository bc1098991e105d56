// The operations of p256.h on eight requests at once, written once. Unit supplies
//   Lanes     the lane layer
//   Words     that of 32-bit words
//   kSteps    the P256LaneSteps of the scalar layer beside it
//   kSingle   the P256Functions of that layer
// Lanes without a request, and those whose request is refused, compute on the scalar 1 and the generator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_curve.h"
#include "core/crypto/p256_field_lanes.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_lane_steps.h"
#include "core/crypto/p256_multiply.h"
#include "core/crypto/p256_scalar.h"
#include "core/crypto/rfc6979.h"
#include "core/crypto/rfc6979_lanes.h"
#include "core/crypto/signed_windows_lanes.h"

namespace breakwater::crypto {

template <class Unit>
class P256LaneOperations {
 public:
  static void public_keys(std::span<P256PublicKeyLane> lanes) noexcept {
    Scalars scalars;
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i].done = scalars.set(i, lanes[i].scalar);
    const Secret<CombSum<Field>> points(multiply_generator<Field>(kP256CombColumns, scalars.windows()));
    const Secret<Field> inverses(inverse(points.value.zzz));
    Coordinates x, y;
    affine_x(points.value, inverses.value).to_integers().store(x);
    affine_y(points.value, inverses.value).to_integers().store(y);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (lanes[i].done) {
        lanes[i].public_key[0] = kUncompressed;
        limbs_to_bytes(lanes[i].public_key + 1, x[i]);
        limbs_to_bytes(lanes[i].public_key + 33, y[i]);
      } else {
        wipe(lanes[i].public_key, 65);
      }
    }
  }

  static void shared_secrets(std::span<P256SharedSecretLane> lanes) noexcept {
    Scalars scalars;
    Coordinates x, y;
    x.fill(kP256GeneratorX);
    y.fill(kP256GeneratorY);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i].done = scalars.set(i, lanes[i].scalar) && decode(x[i], y[i], lanes[i].peer);
    }
    AffinePoint<Field> peers{Field::from_integers(Integers::load(x)), Field::from_integers(Integers::load(y))};
    const Mask valid = is_on_curve(peers);  // the peers' points are public
    peers = select(valid, peers, generator());
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i].done &= (valid.bits() >> i & 1) != 0;

    // Never the neutral element: the group's order is prime and no scalar is a multiple of it.
    const Secret<JacobianPoint<Field>> points(multiply(peers, scalars.windows()));
    const Secret<Field> inverses(inverse(points.value.z));
    Secret<Coordinates> shared;
    affine_x(points.value, inverses.value).to_integers().store(shared.value);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (lanes[i].done) {
        limbs_to_bytes(lanes[i].shared, shared.value[i]);
      } else {
        wipe(lanes[i].shared, 32);
      }
    }
  }

  static void sign(std::span<P256SignLane> lanes) noexcept {
    Scalars nonces;
    Secret<std::array<EcdsaEnd, kLanes>> secret_ends;
    const auto ends = std::span(secret_ends.value).first(lanes.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      Scalars key;  // the scalar 1 in the place of one that is no key
      lanes[i].done = key.set(0, lanes[i].scalar);
      ends[i].signature = lanes[i].signature;
      ends[i].scalar = key[0];
      ends[i].digest = limbs_from_bytes(lanes[i].digest);
    }
    set_nonces(nonces, lanes);
    for (std::size_t i = 0; i < lanes.size(); ++i) ends[i].nonce = nonces[i];
    {
      const Secret<CombSum<Field>> points(multiply_generator<Field>(kP256CombColumns, nonces.windows()));
      const Secret<Field> inverses(inverse(points.value.zzz));
      Coordinates x;
      affine_x(points.value, inverses.value).to_integers().store(x);
      for (std::size_t i = 0; i < lanes.size(); ++i) ends[i].nonce_x = x[i];
    }
    Unit::kSteps.end_signatures(ends);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (!lanes[i].done) {
        wipe(lanes[i].signature, 64);
      } else if (!declassify(ends[i].usable)) {
        // Once in 2^32: alone, with the next candidate for the nonce, which is independent of the rejected one.
        lanes[i].done = Unit::kSingle.sign(lanes[i].signature, lanes[i].scalar, lanes[i].digest, lanes[i].hedge);
      }
    }
  }

 private:
  using Lanes = typename Unit::Lanes;
  using Mask = typename Lanes::Mask;
  using Field = P256FieldLanes<Lanes>;
  using Integers = LaneIntegers<Lanes>;
  using Coordinates = std::array<Limbs, kLanes>;

  static constexpr std::uint8_t kUncompressed = 0x04;

  // A scalar in each lane, 1 at first.
  class Scalars {
   public:
    Scalars() noexcept { secret_.value.fill({1, 0, 0, 0}); }

    Limbs& operator[](std::size_t lane) noexcept { return secret_.value[lane]; }
    Coordinates& all() noexcept { return secret_.value; }

    // Takes a private key (32 bytes, big endian); leaves the lane alone and returns false when it is none.
    bool set(std::size_t lane, const std::uint8_t* bytes) noexcept {
      constexpr Limbs kOrder = P256OrderModulus::kModulus;
      const Secret<Limbs> scalar(limbs_from_bytes(bytes));
      // That a scalar is no private key at all may be known.
      if (!declassify(mask_less(scalar.value, kOrder) & ~mask_is_zero(scalar.value))) return false;
      secret_.value[lane] = scalar.value;
      return true;
    }

    SignedWindowsLanes<Lanes> windows() const noexcept {
      return SignedWindowsLanes<Lanes>(Integers::load(secret_.value));
    }

   private:
    Secret<Coordinates> secret_;
  };

  static void set_nonces(Scalars& nonces, std::span<const P256SignLane> lanes) noexcept {
    using Source = Rfc6979Lanes<typename Unit::Words>;
    if (Source::takes(lanes)) {
      Source::first_candidates(nonces.all(), lanes);
      return;
    }
    const HmacSha256Key zero_key(Rfc6979::kZeroKey);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      Rfc6979 source(lanes[i].scalar, lanes[i].digest, lanes[i].hedge, zero_key);
      source.next(nonces[i]);
    }
  }

  // 1 / value in each lane, and 0 for 0.
  static Field inverse(const Field& value) noexcept {
    Secret<Coordinates> integers;
    value.to_integers().store(integers.value);
    Unit::kSteps.invert(integers.value);
    return Field::from_integers(Integers::load(integers.value));
  }

  static AffinePoint<Field> generator() noexcept {
    constexpr Limbs kX = kP256GeneratorX, kY = kP256GeneratorY;
    return {Field::from_integer(kX), Field::from_integer(kY)};
  }

  // False, leaving x and y alone, when the bytes are no uncompressed point with X, Y < p. Public.
  static bool decode(Limbs& x, Limbs& y, const std::uint8_t* bytes) noexcept {
    constexpr Limbs kPrime = P256PrimeModulus::kModulus;
    const Limbs decoded_x = limbs_from_bytes(bytes + 1);
    const Limbs decoded_y = limbs_from_bytes(bytes + 33);
    if (bytes[0] != kUncompressed || (mask_less(decoded_x, kPrime) & mask_less(decoded_y, kPrime)) == 0) return false;
    x = decoded_x;
    y = decoded_y;
    return true;
  }
};

}  // namespace breakwater::crypto
