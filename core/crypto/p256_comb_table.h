// The generator's comb tables for the portable field layer: constant data, 26 KiB.
#pragma once

#include "core/crypto/p256_field_portable.h"
#include "core/crypto/p256_multiply.h"

namespace breakwater::crypto {

extern const CombTables<P256FieldPortable> kP256CombTables;

}  // namespace breakwater::crypto
