// The operations of p256.h, written once. Curve supplies Field and Scalar, the two fields of P-256 in one layer.
#pragma once

#include <cstdint>

#include "core/crypto/ecdsa_sign.h"
#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_multiply.h"
#include "core/crypto/rfc6979.h"

namespace breakwater::crypto {

template <class Curve>
class P256Operations {
 public:
  static bool scalar_is_valid(const std::uint8_t scalar[32]) noexcept {
    const Secret<Limbs> secret(limbs_from_bytes(scalar));
    return declassify(scalar_in_range<Scalar>(secret.value));  // the answer itself is what the caller asked for
  }

  static bool public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept {
    const Secret<Limbs> secret(limbs_from_bytes(scalar));
    // That a scalar is no private key at all may be known.
    if (!declassify(scalar_in_range<Scalar>(secret.value))) {
      wipe(public_key, 65);
      return false;
    }
    // Z tells of the scalar's digits, so it dies here; the affine point is public.
    const Secret<CombSum<Field>> point(multiply_generator<Field>(kP256CombTables, SignedWindows(secret.value)));
    const Secret<Field> inverse_zzz(invert(point.value.zzz));
    public_key[0] = kUncompressed;
    limbs_to_bytes(public_key + 1, affine_x(point.value, inverse_zzz.value).to_integer());
    limbs_to_bytes(public_key + 33, affine_y(point.value, inverse_zzz.value).to_integer());
    return true;
  }

  static bool shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32],
                            const std::uint8_t peer[65]) noexcept {
    const Secret<Limbs> secret(limbs_from_bytes(scalar));
    AffinePoint<Field> peer_point;
    const Mask peer_is_valid = decode_point(peer_point, peer);  // public
    if (peer_is_valid == 0 || !declassify(scalar_in_range<Scalar>(secret.value))) {
      wipe(shared, 32);
      return false;
    }
    // Never the neutral element: the group's order is prime and the scalar is not a multiple of it.
    const Secret<JacobianPoint<Field>> point(multiply(peer_point, SignedWindows(secret.value)));
    const Secret<Field> inverse_z(invert(point.value.z));
    const Secret<Limbs> x(affine_x(point.value, inverse_z.value).to_integer());
    limbs_to_bytes(shared, x.value);
    return true;
  }

  static bool sign(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
                   ConstBytes hedge) noexcept {
    const Secret<Limbs> secret(limbs_from_bytes(scalar));
    // That a key is no key at all may be known.
    if (!declassify(scalar_in_range<Scalar>(secret.value))) {
      wipe(signature, 64);
      return false;
    }
    Rfc6979 nonces(scalar, digest, hedge);
    return ecdsa_sign<Curve>(signature, secret.value, limbs_from_bytes(digest), nonces);
  }

 private:
  using Field = typename Curve::Field;
  using Scalar = typename Curve::Scalar;

  static constexpr std::uint8_t kUncompressed = 0x04;

  // Returns a mask: set when the bytes are an uncompressed point with X, Y < p on the curve.
  static Mask decode_point(AffinePoint<Field>& point, const std::uint8_t bytes[65]) noexcept {
    const Limbs x = limbs_from_bytes(bytes + 1);
    const Limbs y = limbs_from_bytes(bytes + 33);
    point = {Field::from_integer(x), Field::from_integer(y)};
    return mask_equal(bytes[0], kUncompressed) & mask_less(x, Field::modulus()) & mask_less(y, Field::modulus()) &
           is_on_curve(point);
  }
};

}  // namespace breakwater::crypto
