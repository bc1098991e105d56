// The part of constant_time_test.cpp that is about X25519 in lanes.
#pragma once

namespace breakwater::test::constant_time {

// Runs the emulated lanes on marked scalars under valgrind.
void check_x25519_lanes();

}  // namespace breakwater::test::constant_time
