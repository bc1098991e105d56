// Whether two residues are one.
#pragma once

#include "core/crypto/residue.h"

namespace breakwater::test {

template <class Arithmetic>
crypto::Mask equal(const crypto::Residue<Arithmetic>& left, const crypto::Residue<Arithmetic>& right) {
  return (left - right).is_zero();
}

}  // namespace breakwater::test
