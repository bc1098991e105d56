#include "core/crypto/p256.h"

#include "core/crypto/p256_comb_table.h"
#include "core/crypto/p256_scalar.h"

namespace breakwater::crypto {

namespace {

using Field = P256FieldPortable;

constexpr std::uint8_t kUncompressed = 0x04;

// Returns a mask: set when the bytes are an uncompressed point with X, Y < p on the curve.
Mask decode_point(AffinePoint<Field>& point, const std::uint8_t bytes[65]) noexcept {
  const Limbs x = limbs_from_bytes(bytes + 1);
  const Limbs y = limbs_from_bytes(bytes + 33);
  point = {Field::from_integer(x), Field::from_integer(y)};
  return mask_equal(bytes[0], kUncompressed) & mask_less(x, P256PrimeModulus::kModulus) &
         mask_less(y, P256PrimeModulus::kModulus) & is_on_curve(point);
}

}  // namespace

bool p256_scalar_is_valid(const std::uint8_t scalar[32]) noexcept {
  const Secret<Limbs> secret(limbs_from_bytes(scalar));
  return declassify(scalar_in_range(secret.value));  // the answer itself is what the caller asked for
}

bool p256_point_is_valid(const std::uint8_t point[65]) noexcept {
  AffinePoint<Field> decoded;
  return decode_point(decoded, point) != 0;
}

bool p256_public_key(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept {
  const Secret<Limbs> secret(limbs_from_bytes(scalar));
  // That a scalar is no private key at all may be known.
  if (!declassify(scalar_in_range(secret.value))) {
    wipe(public_key, 65);
    return false;
  }
  // The Z coordinate tells of the scalar's digits, so it dies here; the affine point is public.
  const Secret<ProjectivePoint<Field>> point(multiply_generator<Field>(kP256CombTables, SignedWindows(secret.value)));
  const AffinePoint<Field> affine = to_affine(point.value);
  public_key[0] = kUncompressed;
  limbs_to_bytes(public_key + 1, affine.x.to_integer());
  limbs_to_bytes(public_key + 33, affine.y.to_integer());
  return true;
}

bool p256_shared_secret(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[65]) noexcept {
  const Secret<Limbs> secret(limbs_from_bytes(scalar));
  AffinePoint<Field> peer_point;
  const Mask peer_is_valid = decode_point(peer_point, peer);  // public
  if (peer_is_valid == 0 || !declassify(scalar_in_range(secret.value))) {
    wipe(shared, 32);
    return false;
  }
  // Never the neutral element: the group's order is prime and the scalar is not a multiple of it.
  const Secret<ProjectivePoint<Field>> point(
      multiply(ProjectivePoint<Field>::from_affine(peer_point), SignedWindows(secret.value)));
  const Secret<Field> inverse_z(invert(point.value.z));
  const Secret<Limbs> x((point.value.x * inverse_z.value).to_integer());
  limbs_to_bytes(shared, x.value);
  return true;
}

}  // namespace breakwater::crypto
