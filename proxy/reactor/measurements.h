// What a worker counts that has more than one dimension: handshakes by what they were and how they ended, the time jobs
// wait, lane runs by how full they were. One thread writes, any thread may read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <breakwater/breakwater.h>
#include "proxy/reactor/counters.h"
#include "proxy/reactor/histogram.h"

namespace breakwater::proxy {

// Resumed: no certificate was used.
enum class HandshakeKind : std::uint8_t { Ecdsa, Rsa, Resumed };
inline constexpr std::size_t kHandshakeKinds = 3;

HandshakeKind kind_of(const Facts& facts) noexcept;

// Why a connection ended before its handshake was done.
enum class HandshakeEnd : std::uint8_t {
  Timeout,          // handshake_timeout was over
  ClientLeft,       // the client ended the connection in order
  Reset,            // the connection broke
  Header,           // a front end sent no good PROXY header
  Violation,        // the client broke a rule of the protocol
  NothingInCommon,  // no version, suite, group or protocol in common
  ClientAlert,      // the client sent a fatal alert
  Internal,         // something failed on our side
  NoMemory,         // no memory or buffer was free
  Evicted,          // it was the oldest one when room was needed for another
  Stalled,          // it held a buffer without progress while others waited for one
  Refused,          // the guard refused it
  Shutdown,         // the server ended
};
inline constexpr std::size_t kHandshakeEnds = 13;
// As they are told to people and programs.
inline constexpr std::array<std::string_view, kHandshakeEnds> kHandshakeEndNames = {
    "timeout",  "client_left", "reset",   "proxy_header", "violation", "nothing_in_common", "client_alert",
    "internal", "no_memory",   "evicted", "stalled",      "refused",   "shutdown"};

HandshakeEnd end_of(FailureCause cause) noexcept;  // cause is not None

// What a handshake that failed was to be, as far as that was known: nothing, the version, or that and the kind.
struct Prospect {
  std::optional<Version> version;  // Tls12 or Tls13
  std::optional<HandshakeKind> kind;
};
inline constexpr std::size_t kProspects = 1 + 2 * (1 + kHandshakeKinds);
Prospect prospect_of(const Facts& facts) noexcept;
// 0 to kProspects - 1, and back.
std::size_t index_of(const Prospect& prospect) noexcept;
Prospect prospect_at(std::size_t index) noexcept;

// Failed handshakes by HandshakeEnd and prospect.
template <class T>
using FailedHandshakes = std::array<std::array<T, kProspects>, kHandshakeEnds>;

// Microseconds.
inline constexpr std::array<std::uint64_t, 16> kJobWaitBounds = {
    50,     100,    250,     500,     1'000,   2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};
using JobWait = Histogram<kJobWaitBounds.size()>;
using JobWaitCounts = HistogramCounts<kJobWaitBounds.size()>;

// As breakwater::OperationCount.
struct OperationCounters {
  std::string_view name;  // set before others look
  Counter alone;
  std::array<Counter, kLanesAtMost> runs_of;
};

struct Measurements {
  std::array<Counter, kHandshakeKinds> handshakes_tls12;
  std::array<Counter, kHandshakeKinds> handshakes_tls13;
  FailedHandshakes<Counter> handshakes_failed;
  JobWait job_wait{kJobWaitBounds};  // from the pass that asked for a job until the slice that runs it begins
  std::array<OperationCounters, kOperationKinds> operations;

  void name_operations(const std::array<OperationCount, kOperationKinds>& counts) noexcept {
    for (std::size_t i = 0; i < counts.size(); ++i) operations[i].name = counts[i].name;
  }
  void completed(const Facts& facts) noexcept {
    auto& handshakes = facts.version == Version::Tls12 ? handshakes_tls12 : handshakes_tls13;
    handshakes[static_cast<std::size_t>(kind_of(facts))].add();
  }
  // facts: as far as the handshake had come.
  void failed(HandshakeEnd end, const Facts& facts) noexcept {
    handshakes_failed[static_cast<std::size_t>(end)][index_of(prospect_of(facts))].add();
  }
  void publish(const std::array<OperationCount, kOperationKinds>& counts) noexcept;
};

}  // namespace breakwater::proxy
