// The constants of P-256 (SP 800-186 3.2.1.3).
#pragma once

#include "core/crypto/limbs.h"

namespace breakwater::crypto {

constexpr Limbs kP256CurveB{0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7};
constexpr Limbs kP256GeneratorX{0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247};
constexpr Limbs kP256GeneratorY{0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b};

}  // namespace breakwater::crypto
