// What a run is to do: one target, one or more loads. Filled from flags or from a scenario file; plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flood/tls/client.h"

namespace breakwater::flood {

// See the manual page for what each counts as a success.
enum class Mode : std::uint8_t { Full, Resume, Hello, Stall, Trickle, Garbage, Renegotiate, Request, Idle, Plain };
enum class End : std::uint8_t { Abort, Close };  // RST; close_notify and FIN
enum class Wait : std::uint8_t { Auto, Spin, Sleep };

const char* to_text(Mode mode) noexcept;  // as on the command line

// An IPv4 or IPv6 address without port, in network byte order.
struct Address {
  bool is_v6 = false;
  std::uint32_t scope = 0;  // index of the interface, which link-local IPv6 addresses need; else 0
  std::uint8_t bytes[16] = {};
};

// Addresses first, first + step, ... first + (count - 1) * step.
struct SourceRange {
  Address first;
  std::uint64_t count = 1;
  std::uint64_t step = 1;
};

// Plain mode: bytes sent, then bytes awaited. Nothing awaited: what is sent leaves together with the next step.
struct PatternStep {
  std::uint32_t send = 0;
  std::uint32_t expect = 0;
};

struct Load {
  std::string name;
  Mode mode = Mode::Full;
  ClientSettings tls;
  std::uint32_t connections = 64;  // at once
  double rate = 0;                 // starts (request mode with keep-alive: requests) a second; 0: closed loop
  std::uint64_t count = 0;         // starts (requests) in all; 0: no bound
  double start_s = 0;              // when in the run it begins, and for how long; the run ends when all its loads have
  double duration_s = 10;
  double warmup_s = 0;  // from its start; not counted
  double timeout_s = 10;
  End end = End::Abort;
  std::vector<SourceRange> sources;  // empty: the kernel chooses
  double hold_s = 0;                 // stall, idle: 0: to the end; plain: behind the pattern, 0: not at all
  double ramp = 5000;                // stall, idle, plain that holds: connections opened a second, at most
  std::uint32_t interval_ms = 100;   // trickle
  std::string path = "/";            // plain: empty where the repeated step is no HTTP request
  std::string host;                  // of the Host header
  std::uint32_t requests = 1;        // per connection; 0: no bound
  std::uint32_t tickets = 1;         // resume
  bool fresh_tickets = false;
  bool own_tickets = false;  // each is used only from the address that got it
  std::vector<PatternStep> pattern;
  bool pattern_repeats = false;  // the last step is a request, and what is counted
  std::uint32_t repeats = 1;     // of that step on one connection; 0: no bound
};

struct Plan {
  std::string target;  // as given: HOST:PORT
  Address address;     // resolved
  std::uint16_t port = 0;
  std::vector<Load> loads;
  Wait wait = Wait::Auto;
  int cpu = -1;  // -1: not pinned
  bool quiet = false;
  bool own_target = false;
  std::string json;  // file, "-" or empty
  std::string log;   // file or empty: each start on a line of its own
};

}  // namespace breakwater::flood
