// What the configuration says of the guard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/guard/address.h"

namespace breakwater::proxy {

struct GuardConfig {
  bool on = true;
  bool alerts = false;  // refusals as an alert; else as RST, which costs less

  std::vector<guard::Network> allow;  // in the order of NetworkList::normalise
  std::vector<guard::Network> deny;

  std::uint64_t queue_limit_ms = 250;      // of arithmetic that may wait in one worker
  std::uint64_t queue_deadline_ms = 1000;  // what waits longer is given up
  std::uint32_t address_share = 1'000;     // millionths of a worker's time, before others come first
  std::uint32_t network_share = 250'000;
  std::uint32_t fingerprint_share = 250'000;
  std::uint32_t host_share = 500'000;
  std::vector<std::uint32_t> certificate_shares;  // of the hosts of each certificate, in place of host_share
  std::uint32_t ticket_share = 200;
  std::uint32_t rsa_rate = 0;  // of the process, while under load; 0: what is left over
  std::uint32_t tls12_rate = 0;
  std::uint32_t half_open_limit = 65'536;     // of the process; at half of it they crowd
  std::uint32_t half_open_per_address = 256;  // while they crowd
  std::uint32_t block_after = 64;             // refusals
  std::uint64_t block_first_ms = 1'000;       // 0: nobody is blocked
  std::uint64_t block_most_ms = 600'000;
  bool retry = true;  // HelloRetryRequest with a cookie
};

}  // namespace breakwater::proxy
