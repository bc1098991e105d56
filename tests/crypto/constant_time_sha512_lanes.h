// SHA-512 in emulated lanes under valgrind (constant_time_test.cpp).
#pragma once

namespace breakwater::test::constant_time {

void check_sha512_lanes();

}  // namespace breakwater::test::constant_time
