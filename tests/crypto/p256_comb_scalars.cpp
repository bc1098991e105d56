#include "tests/crypto/p256_comb_scalars.h"

#include <algorithm>

#include "core/crypto/signed_windows.h"

namespace breakwater::test {

std::vector<Bytes32> comb_scalars() {
  const BIGNUM* const n = reference_p256().n();
  std::vector<Bignum> distances;  // from 0, and from n
  const auto distance = [&](BN_ULONG digit, int shift) {
    Bignum value(BN_new());
    BN_set_word(value.get(), digit);
    BN_lshift(value.get(), value.get(), shift);
    distances.push_back(std::move(value));
  };
  for (unsigned j = 0; j < crypto::kWindowCount; ++j) {
    for (BN_ULONG digit = 1; digit <= crypto::kWindowTableSize; ++digit) {
      distance(digit, static_cast<int>(crypto::kWindowBits * j));
      distance(2 * digit, static_cast<int>(crypto::kWindowBits * j));
    }
  }
  for (BN_ULONG small = 1; small <= 64; ++small) distance(small, 0);
  distance(1, 230);
  distance(30, 0);
  distance(34, 0);

  std::vector<Bytes32> scalars;
  const auto push = [&](const BIGNUM* value) {
    if (!BN_is_negative(value) && !BN_is_zero(value) && BN_cmp(value, n) < 0) scalars.push_back(to_bytes32(value));
  };
  Bignum value(BN_new());
  const auto push_both = [&](const BIGNUM* at) {
    push(at);
    BN_sub(value.get(), n, at);
    push(value.get());
  };
  for (const Bignum& one : distances) push_both(one.get());
  // Two digits that are not zero, of either sign; the pairs are chosen by a fixed sequence.
  std::mt19937_64 engine(34);  // NOLINT: the same in every run
  Bignum pair(BN_new());
  for (int i = 0; i < 1'000; ++i) {
    const Bignum& one = distances[engine() % distances.size()];
    const Bignum& other = distances[engine() % distances.size()];
    BN_add(pair.get(), one.get(), other.get());
    push_both(pair.get());
    BN_sub(pair.get(), one.get(), other.get());
    BN_set_negative(pair.get(), 0);
    push_both(pair.get());
  }
  // What is left of n when digits are cut off: the sums on the way to it.
  for (int shift = 1; shift < 256; ++shift) {
    BN_rshift(pair.get(), n, shift);
    BN_sub_word(pair.get(), 1);
    for (int i = 0; i < 4; ++i) {
      push_both(pair.get());
      BN_add_word(pair.get(), 1);
    }
  }
  for (const Bytes32& edge : edge_values(n)) push(bignum(edge).get());
  std::ranges::sort(scalars);
  scalars.erase(std::unique(scalars.begin(), scalars.end()), scalars.end());
  return scalars;
}

}  // namespace breakwater::test
