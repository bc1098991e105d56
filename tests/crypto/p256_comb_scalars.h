// Scalars that lead the multiplications of the generator and of other points as close to a special case of addition as
// scalars below the group's order can (the proofs in p256_multiply.h say that none gets there).
#pragma once

#include <vector>

#include "tests/crypto/support.h"

namespace breakwater::test {

// A few thousand, all from 1 to n - 1, the same in every run: d 32^j, n - d 32^j and n - 2 d 32^j for every digit d
// and place j; n - 2^230, n - 30 and n - 34, which the proof names; their sums in pairs; edge values.
std::vector<Bytes32> comb_scalars();

}  // namespace breakwater::test
