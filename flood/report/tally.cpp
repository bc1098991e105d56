#include "flood/report/tally.h"

namespace breakwater::flood {

bool GeneratorLoad::was_the_limit() const noexcept {
  constexpr std::uint64_t kLate = 5'000'000;  // nanoseconds
  return was_busy() || lateness.quantile(0.99) > kLate;
}

}  // namespace breakwater::flood
