// The part of constant_time_test.cpp that is about RSA.
#pragma once

namespace breakwater::test::constant_time {

// Loads a marked key and signs with each layer under valgrind, with marked randomness. Counts what was not as expected
// in failures (constant_time_support.h).
void check_rsa();

}  // namespace breakwater::test::constant_time
