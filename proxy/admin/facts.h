// What the administration interface tells of the server that is no number. A reload may change some of it.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "proxy/guard/guard_limits.h"

namespace breakwater::proxy {

struct ServerFacts {
  std::string version;
  std::string service;     // "backend 127.0.0.1:80", "built-in response"
  std::string arithmetic;  // Server::arithmetic()
  std::vector<std::string> listen;
  HandshakesPerSecond capacity;  // of all workers together
  std::uint64_t start_ms = 0;    // monotonic clock
  std::uint64_t reloads = 0;
  bool draining = false;
  bool drops_in_kernel = false;   // blocked clients, by XDP
  std::uint64_t xdp_dropped = 0;  // packets, as of the last second
  std::uint64_t xdp_dropped_syns = 0;
};

// Handed from the main thread to that of the interface.
class SharedFacts {
 public:
  void set(ServerFacts facts) {
    const std::lock_guard guard(lock_);
    facts_ = std::move(facts);
  }
  ServerFacts get() const {
    const std::lock_guard guard(lock_);
    return facts_;
  }

 private:
  mutable std::mutex lock_;
  ServerFacts facts_;
};

}  // namespace breakwater::proxy
