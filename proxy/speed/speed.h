// `breakwater speed`: what the cryptographic primitives cost on this machine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace breakwater::proxy {

struct Measurement {
  std::string operation;
  std::string implementation;
  double nanoseconds = 0;
  std::size_t bytes = 0;  // processed by one operation; 0: not a matter of bytes
};

inline constexpr std::size_t kSealSizes[] = {64, 1400, 16384};  // a small message, a packet, a full record

// Our own implementations, and libcrypto's for comparison. Takes a few seconds.
std::vector<Measurement> measure_breakwater();
std::vector<Measurement> measure_libcrypto();

// The name of the implementation that `--crypto auto` takes on this machine.
std::string arithmetic_of_auto();

// Measures all and prints a table or JSON to standard output. Returns the exit status.
int speed(bool json);

}  // namespace breakwater::proxy
