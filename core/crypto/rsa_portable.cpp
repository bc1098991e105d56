// RSA in plain C++.
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_limb_layer.h"
#include "core/crypto/rsa_sign.h"

namespace breakwater::crypto {

namespace {

struct PortableKernel {
  // acc = (acc + a b + low) / 2^64; the limb that drops out is returned. No overflow: 2^512 - 1 + (2^64 - 1)(2^512 - 1)
  // + 2^64 - 1 = 2^576 - 1.
  [[gnu::always_inline]] static Limb row(Limb* acc, Limb a, const Limb* b, Limb low) noexcept {
    Limb carry = low;
    const Limb first = multiply_add(a, b[0], acc[0], carry);
    for (std::size_t j = 1; j < 8; ++j) acc[j - 1] = multiply_add(a, b[j], acc[j], carry);
    acc[7] = carry;
    return first;
  }

  static void multiply_block(Limb* t, Limb* carry, const Limb* a, const Limb* b) noexcept {
    for (std::size_t i = 0; i < 8; ++i) t[i] = row(carry, a[i], b, t[i]);
  }

  static void unlike_products(Limb* t, const Limb* a) noexcept {
    for (std::size_t i = 0; i < 16; ++i) t[i] = 0;
    for (std::size_t i = 0; i < 7; ++i) {
      Limb carry = 0;
      for (std::size_t j = i + 1; j < 8; ++j) t[i + j] = multiply_add(a[i], a[j], t[i + j], carry);
      t[i + 8] = carry;
    }
  }

  static void double_add_squares(Limb* t, const Limb* a, std::size_t count) noexcept {
    Limb top = 0, carry = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const WideLimb square = WideLimb{a[i]} * a[i];
      const Limb low = t[2 * i], high = t[2 * i + 1];
      t[2 * i] = add_carry((low << 1) | top, static_cast<Limb>(square), carry);
      t[2 * i + 1] = add_carry((high << 1) | (low >> 63), static_cast<Limb>(square >> 64), carry);
      top = high >> 63;
    }
  }

  static void reduce_block(const Limb* t, Limb* q, Limb* carry, const Limb* m, Limb inverse) noexcept {
    for (std::size_t i = 0; i < 8; ++i) carry[i] = t[i];
    for (std::size_t i = 0; i < 8; ++i) {
      q[i] = carry[0] * inverse;
      static_cast<void>(row(carry, q[i], m, 0));  // zero
    }
  }
};

}  // namespace

constinit const RsaFunctions kRsaPortable{.sign = RsaSingle<RsaLimbLayer<PortableKernel>>::sign};

}  // namespace breakwater::crypto
