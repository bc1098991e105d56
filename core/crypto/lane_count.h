// How many requests a lane function takes at once.
#pragma once

#include <cstddef>

namespace breakwater::crypto {

inline constexpr std::size_t kLanes = 8;  // 64-bit words of an AVX-512 register

}  // namespace breakwater::crypto
