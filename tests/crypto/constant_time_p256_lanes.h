// The part of constant_time_test.cpp that is about P-256 in lanes.
#pragma once

namespace breakwater::test::constant_time {

// Runs the emulated lanes on marked scalars, a bad lane among them, under valgrind. Counts what was not as expected in
// failures (constant_time_support.h).
void check_p256_lanes();

}  // namespace breakwater::test::constant_time
