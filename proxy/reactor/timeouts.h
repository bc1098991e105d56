// How long a connection may take for what.
#pragma once

#include <cstdint>

namespace breakwater::proxy {

struct Timeouts {
  std::uint64_t handshake_ms = 10'000;
  std::uint64_t idle_ms = 60'000;
  std::uint64_t connect_ms = 5'000;
  std::uint64_t drain_ms = 30'000;
  std::uint64_t linger_ms = 2'000;
};

}  // namespace breakwater::proxy
