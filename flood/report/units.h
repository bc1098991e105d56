// Quantities for people: three figures and a unit that suits them.
#pragma once

#include <cstdint>
#include <string>

namespace breakwater::flood {

std::string time_text(double nanoseconds);  // "850 ns", "12.3 µs", "1.20 ms", "3.40 s"
std::string bytes_text(double bytes);       // "310 B", "52.1 MB"
std::string rate_text(double per_second);   // "16012/s", "0.25/s"

}  // namespace breakwater::flood
