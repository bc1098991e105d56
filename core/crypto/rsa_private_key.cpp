#include "core/crypto/rsa_private_key.h"

#include "core/crypto/rsa_limbs.h"

namespace breakwater::crypto {

namespace {

// Without the leading zeros; where they stop is known from the number's size, which is public for all but dp, dq and
// qinv, and for these says no more than a few bits of a number that nobody sees.
ConstBytes trim(ConstBytes number) noexcept {
  while (!number.empty() && declassify(mask_is_zero(Limb{number.front()}))) number = number.subspan(1);
  return number;
}

// False when the number does not fit.
bool read(LimbSpan limbs, ConstBytes number) noexcept {
  const ConstBytes bytes = trim(number);
  if (bytes.size() > 8 * limbs.size()) return false;
  for (Limb& limb : limbs) limb = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    limbs[i / 8] |= Limb{bytes[bytes.size() - 1 - i]} << (8 * (i % 8));
  }
  return true;
}

// x, y < m: x = x + y modulo m.
void add_modulo(LimbSpan x, ConstLimbSpan y, ConstLimbSpan m) noexcept {
  const Limb carry = add_masked(x, y, ~Mask{0});
  subtract_once(x, carry, m);
}

// product = left * right modulo m, by doubling and adding; right < m, and product lies apart from the others.
void multiply_modulo(LimbSpan product, ConstLimbSpan left, ConstLimbSpan right, ConstLimbSpan m) noexcept {
  Secret<std::array<Limb, kMaxRsaHalfLimbs>> addend;
  const LimbSpan masked = LimbSpan(addend.value).first(m.size());
  for (Limb& limb : product) limb = 0;
  for (std::size_t i = 64 * left.size(); i-- > 0;) {
    add_modulo(product, product, m);
    const Mask bit = mask_from_bit((left[i / 64] >> (i % 64)) & 1);
    for (std::size_t j = 0; j < m.size(); ++j) masked[j] = right[j] & bit;
    add_modulo(product, masked, m);
  }
}

// m is odd. Each step of Newton's doubles the bits that are right; m itself is right to three.
Limb negative_inverse(Limb m) noexcept {
  Limb inverse = m;
  for (int i = 0; i < 5; ++i) inverse *= 2 - m * inverse;
  return Limb{0} - inverse;
}

// m is odd and has its top bit set.
template <std::size_t kLimbs>
void prepare(RsaModulus<kLimbs>& modulus, std::size_t limbs) noexcept {
  modulus.negative_inverse = negative_inverse(modulus.value[0]);
  const ConstLimbSpan m = ConstLimbSpan(modulus.value).first(limbs);
  const LimbSpan power = LimbSpan(modulus.square52).first(limbs);  // of two
  power[0] = 1;
  std::size_t exponent = 0;
  for (; exponent < 128 * limbs; ++exponent) add_modulo(power, power, m);
  modulus.square64 = modulus.square52;
  for (; exponent < 104 * rsa_limbs52(64 * limbs); ++exponent) add_modulo(power, power, m);
}

bool is_one(ConstLimbSpan value) noexcept {
  Limb others = value[0] ^ 1;
  for (const Limb limb : value.subspan(1)) others |= limb;
  return declassify(mask_is_zero(others));
}

// The number modulo m; false when it has more than twice as many limbs.
bool read_modulo(LimbSpan limbs, ConstBytes number, ConstLimbSpan m) noexcept {
  constexpr std::array<Limb, kMaxRsaHalfLimbs> kOne{1};
  Secret<std::array<Limb, kMaxRsaLimbs>> wide;
  const LimbSpan whole = LimbSpan(wide.value).first(2 * m.size());
  if (!read(whole, number)) return false;
  multiply_modulo(limbs, whole, ConstLimbSpan(kOne).first(m.size()), m);
  return true;
}

// dp modulo p - 1; false unless e dp = 1.
bool read_exponent(LimbSpan exponent, ConstBytes number, std::uint32_t e, ConstLimbSpan prime) noexcept {
  Secret<std::array<Limb, kMaxRsaHalfLimbs>> order, product;
  const LimbSpan p_1 = LimbSpan(order.value).first(prime.size());
  for (std::size_t i = 0; i < prime.size(); ++i) p_1[i] = prime[i];
  p_1[0] ^= 1;  // p is odd
  if (!read_modulo(exponent, number, p_1)) return false;
  const Limb factor = e;
  const LimbSpan out = LimbSpan(product.value).first(prime.size());
  multiply_modulo(out, ConstLimbSpan(&factor, 1), exponent, p_1);
  return is_one(out);
}

// qinv modulo p; false unless qinv q = 1.
bool read_coefficient(LimbSpan coefficient, ConstBytes number, ConstLimbSpan q, ConstLimbSpan p) noexcept {
  if (!read_modulo(coefficient, number, p)) return false;
  Secret<std::array<Limb, kMaxRsaHalfLimbs>> product;
  const LimbSpan out = LimbSpan(product.value).first(p.size());
  multiply_modulo(out, q, coefficient, p);
  return is_one(out);
}

// The bits of the number's top byte included.
bool has_bits(ConstBytes number, std::size_t bits) noexcept {
  return number.size() == bits / 8 && declassify(mask_from_bit(number.front() >> 7));
}

RsaKeyError load_parts(RsaPrivateKey::Parts& parts, const RsaKeyNumbers& numbers) noexcept {
  const ConstBytes n = trim(numbers.n);
  const std::size_t bits = 8 * n.size();
  if ((bits != 2048 && bits != 3072 && bits != 4096) || !has_bits(n, bits)) return RsaKeyError::Size;
  if ((n.back() & 1) == 0) return RsaKeyError::EvenModulus;

  const ConstBytes e = trim(numbers.e);
  if (e.size() > 4) return RsaKeyError::ExponentTooLarge;
  std::uint32_t exponent = 0;
  for (const std::uint8_t byte : e) exponent = exponent << 8 | byte;
  if (exponent < 3) return RsaKeyError::ExponentTooSmall;
  if ((exponent & 1) == 0) return RsaKeyError::EvenExponent;

  const std::size_t half = bits / 128;  // limbs
  const auto low = [half](auto& array) noexcept { return std::span(array).first(half); };
  if (!has_bits(trim(numbers.p), bits / 2) || !has_bits(trim(numbers.q), bits / 2)) return RsaKeyError::PrimeSize;
  read(parts.n.value, n);
  read(parts.p.modulus.value, numbers.p);
  read(parts.q.modulus.value, numbers.q);
  const ConstLimbSpan p = low(parts.p.modulus.value), q = low(parts.q.modulus.value);
  if (declassify(mask_equal(p, q))) return RsaKeyError::EqualPrimes;
  Secret<std::array<Limb, kMaxRsaLimbs>> product;
  multiply_limbs(LimbSpan(product.value).first(2 * half), p, q);
  if (!declassify(mask_equal(product.value, parts.n.value))) return RsaKeyError::Product;

  // From here on p and q are odd, as n is.
  if (!read_exponent(low(parts.p.exponent), numbers.dp, exponent, p)) return RsaKeyError::ExponentP;
  if (!read_exponent(low(parts.q.exponent), numbers.dq, exponent, q)) return RsaKeyError::ExponentQ;
  if (!read_coefficient(low(parts.coefficient), numbers.qinv, q, p)) return RsaKeyError::Coefficient;

  prepare(parts.n, 2 * half);
  prepare(parts.p.modulus, half);
  prepare(parts.q.modulus, half);
  parts.public_exponent = exponent;
  parts.bits = bits;
  return RsaKeyError::None;
}

}  // namespace

RsaKeyError RsaPrivateKey::load(const RsaKeyNumbers& numbers) noexcept {
  wipe(&parts_, sizeof parts_);
  const RsaKeyError error = load_parts(parts_, numbers);
  if (error != RsaKeyError::None) wipe(&parts_, sizeof parts_);
  return error;
}

const char* rsa_key_error_text(RsaKeyError error) noexcept {
  switch (error) {
    case RsaKeyError::None:
      return "the key is good";
    case RsaKeyError::Size:
      return "the modulus has not 2048, 3072 or 4096 bits";
    case RsaKeyError::EvenModulus:
      return "the modulus is even";
    case RsaKeyError::EvenExponent:
      return "the public exponent is even";
    case RsaKeyError::ExponentTooSmall:
      return "the public exponent is below 3";
    case RsaKeyError::ExponentTooLarge:
      return "the public exponent has more than 32 bits";
    case RsaKeyError::PrimeSize:
      return "the primes have not half the bits of the modulus each";
    case RsaKeyError::EqualPrimes:
      return "the two primes are equal";
    case RsaKeyError::Product:
      return "the product of the primes is not the modulus";
    case RsaKeyError::ExponentP:
      return "the exponent of the first prime does not belong to the public exponent";
    case RsaKeyError::ExponentQ:
      return "the exponent of the second prime does not belong to the public exponent";
    case RsaKeyError::Coefficient:
      return "the coefficient is not the inverse of the second prime modulo the first";
  }
  return "unknown error";
}

}  // namespace breakwater::crypto
