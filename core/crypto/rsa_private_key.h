// RSA private keys of two primes of equal size, 2048, 3072 or 4096 bits, with what their arithmetic needs computed
// once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/constant_time.h"
#include "core/port/bytes.h"

namespace breakwater::crypto {

// Why a key is not loaded.
enum class RsaKeyError : std::uint8_t {
  None,
  Size,              // the modulus has not 2048, 3072 or 4096 bits
  EvenModulus,       // an even number is no product of two odd primes
  EvenExponent,      // no inverse modulo p - 1
  ExponentTooSmall,  // below 3
  ExponentTooLarge,  // 2^32 and above: no key in use has one, and it would make the check of a signature slow
  PrimeSize,         // a prime has not exactly half the modulus' bits
  EqualPrimes,       // p = q
  Product,           // p q != n
  ExponentP,         // e dp != 1 modulo p - 1, or dp is longer than n
  ExponentQ,         // likewise for q
  Coefficient,       // qinv q != 1 modulo p, or qinv is longer than n
};

// A sentence for the operator, without a full stop. Static.
const char* rsa_key_error_text(RsaKeyError error) noexcept;

// RFC 8017 3.2, second form, two primes. Big endian; leading zeros are allowed. dp, dq and qinv need not be below
// p - 1, q - 1 and p, as that text asks: they are reduced when they are loaded.
struct RsaKeyNumbers {
  ConstBytes n, e, p, q;
  ConstBytes dp, dq;  // e^-1 modulo p - 1 and q - 1
  ConstBytes qinv;    // q^-1 modulo p
};

inline constexpr std::size_t kMaxRsaLimbs = 64;                    // 64-bit limbs of a modulus
inline constexpr std::size_t kMaxRsaHalfLimbs = kMaxRsaLimbs / 2;  // and of a prime

// A modulus m and its Montgomery constants, 64-bit limbs, least significant first. Limbs beyond the key's size are 0.
template <std::size_t kLimbs>
struct RsaModulus {
  std::array<Limb, kLimbs> value;
  std::array<Limb, kLimbs> square64;  // 2^(2 * 64 * limbs) modulo m
  std::array<Limb, kLimbs> square52;  // the same for 52-bit limbs: 2^(2 * 52 * rsa_limbs52(bits of m)) modulo m
  Limb negative_inverse;              // -m^-1 modulo 2^64; its low 52 bits are the one of 52-bit limbs
};

// 52-bit limbs of a modulus of so many bits (1024 .. 4096): a multiple of ten, which is what the lanes' arithmetic
// takes at a time, and at least 16 bits more than needed, so that sums need no reduction.
constexpr std::size_t rsa_limbs52(std::size_t bits) noexcept { return (bits + 16 + 519) / 520 * 10; }

// Immutable when loaded, and then usable from all threads. About 4.5 KiB; wiped at the end of its life.
class RsaPrivateKey {
 public:
  struct Prime {
    RsaModulus<kMaxRsaHalfLimbs> modulus;
    std::array<Limb, kMaxRsaHalfLimbs> exponent;  // dp or dq
  };
  // The arithmetic's view.
  struct Parts {
    std::size_t bits = 0;  // of n; 0: not loaded
    std::uint32_t public_exponent = 0;
    RsaModulus<kMaxRsaLimbs> n{};
    Prime p{}, q{};
    std::array<Limb, kMaxRsaHalfLimbs> coefficient{};  // qinv
  };

  RsaPrivateKey() noexcept = default;
  RsaPrivateKey(const RsaPrivateKey&) noexcept = default;
  RsaPrivateKey& operator=(const RsaPrivateKey&) noexcept = default;
  ~RsaPrivateKey() { wipe(&parts_, sizeof parts_); }

  // Takes some milliseconds, and no time that depends on the secrets but for the reason of a refusal. On error the key
  // is empty. Whether p and q are prime is not tested: where they are not, signatures fail their check and none is
  // made.
  [[nodiscard]] RsaKeyError load(const RsaKeyNumbers& numbers) noexcept;

  bool is_loaded() const noexcept { return parts_.bits != 0; }
  std::size_t bits() const noexcept { return parts_.bits; }
  std::size_t size() const noexcept { return parts_.bits / 8; }  // bytes of a signature
  const Parts& parts() const noexcept { return parts_; }

 private:
  Parts parts_;
};

}  // namespace breakwater::crypto
