// Whether the time that an operation takes depends on its secret: measured with a fixed secret and with random ones,
// and compared by Welch's t-test, as in Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (DATE
// 2017).
//
// Measuring says nothing about what was not measured: another CPU, another compiler, other secrets. It is here for code
// that valgrind cannot run.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "tests/crypto/support.h"

namespace breakwater::test {

struct TimedOperation {
  std::size_t secret_size = 0;  // bytes
  // Writes a secret: always the same one, or one of the many. Not measured.
  std::function<void(std::span<std::uint8_t> secret, bool fixed, Random& random)> make_secret;
  // What is measured. The secret lies at the same address each time.
  std::function<void(const std::uint8_t* secret)> run;
};

// The largest |t| of the measurements as they are and with their upper parts cropped. random gives the secrets, and the
// order in which both kinds take turns.
double largest_t(const TimedOperation& operation, int measurements, Random& random);

// From here on a difference is taken for one: less than once in 10^5 comparisons is it chance.
inline constexpr double kLeakT = 4.5;

// Whether the times differ. Up to three series, each with fresh secrets in a fresh order, must all say so: what
// disturbs a machine raises a false alarm now and then, and a leak does not go away. Prints the values of t.
bool leaks(const TimedOperation& operation, int measurements, Random& random);

}  // namespace breakwater::test
