// `breakwater speed`: what the cryptographic primitives cost on this machine.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy/speed/stopwatch.h"

namespace breakwater::proxy {

// A row of the table. It is made without its timing, so that all that do the same can be measured in turn.
struct Measurement {
  std::string operation;
  std::string implementation;
  std::function<void()> call;  // does it; owns what it needs, or that outlives it as said below
  std::size_t bytes = 0;       // processed by one operation; 0: not a matter of bytes
  std::size_t lanes = 0;       // so many operations in a call; 0: one alone
  Timing timing{};             // of one operation, alone or as its share of a call
};

// From how many operations at once on a server with this arithmetic runs them in lanes.
struct Threshold {
  std::string operation;
  std::size_t lanes_from = 0;  // 0: never
};

struct SpeedKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using SpeedKeyHandle = std::unique_ptr<EVP_PKEY, SpeedKey>;

// RSA keys for everybody's signatures, made afresh.
struct RsaKeys {
  static constexpr std::array<unsigned, 3> kBits{2048, 3072, 4096};
  std::array<SpeedKeyHandle, 3> keys;
};
RsaKeys make_rsa_keys();  // throws std::runtime_error

inline constexpr std::size_t kSealSizes[] = {64, 1400, 16384};  // a small message, a packet, a full record

// Our own implementations, and those of others for comparison. The keys outlive the calls.
std::vector<Measurement> breakwater_measurements(const RsaKeys& rsa);
std::vector<Measurement> libcrypto_measurements(const RsaKeys& rsa);
// Intel's crypto_mb, where its library is installed (Debian 13: libcrypto-mb) and the CPU can run it; else empty.
std::vector<Measurement> crypto_mb_measurements(const RsaKeys& rsa);

// The name of the implementation that `--crypto auto` takes on this machine, and what it would do in lanes.
std::string arithmetic_of_auto();
std::vector<Threshold> thresholds_of_auto(const RsaKeys& rsa);

// Measures all and prints a table or JSON to standard output. Returns the exit status.
int speed(bool json);

}  // namespace breakwater::proxy
