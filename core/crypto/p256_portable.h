// P-256's two fields in plain C++, for the operations of p256_operations.h.
#pragma once

#include "core/crypto/p256_field_portable.h"
#include "core/crypto/p256_scalar.h"

namespace breakwater::crypto {

struct P256Portable {
  using Field = P256FieldPortable;
  using Scalar = P256Scalar;
};

}  // namespace breakwater::crypto
