// One inversion for several elements of a field (Montgomery's trick). Constant time.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto {

// Each becomes its inverse, and zero stays zero: a zero takes part as a one, so it changes nothing for the others.
// At most kMost elements. F has zero(), one(), *, is_zero(), select() and invert().
template <std::size_t kMost, class F, std::size_t kExtent>
inline void invert_all(std::span<F, kExtent> values) noexcept {
  struct State {
    std::array<F, kMost> before;  // the product of all factors in front of each
    F product;
  };
  Secret<State> state;
  auto& [before, product] = state.value;
  product = F::one();
  const auto factor = [](const F& value) noexcept { return select(value.is_zero(), F::one(), value); };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const F value = values[i];
    before[i] = product;
    product = product * factor(value);
  }
  product = invert(product);  // from here on: of the factors that are left
  for (std::size_t i = values.size(); i-- > 0;) {
    const F value = values[i], others = before[i];
    values[i] = select(value.is_zero(), F::zero(), product * others);
    product = product * factor(value);
  }
}

}  // namespace breakwater::crypto
