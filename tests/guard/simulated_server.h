// A server with one CPU and its clients, in simulated time: what a guard makes of floods, without the noise of a
// machine. A millisecond is a pass: it accepts and judges all who have come, then works on the queue, best rank first,
// under load newest first, as a worker does.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "core/guard/guard.h"
#include "tests/guard/guard_tables.h"

namespace breakwater::test {

enum class Tickets : std::uint8_t {
  None,
  Fresh,  // another one each time
  One,    // all of them the same
};

// Clients of one kind, and what became of them.
struct Population {
  double per_ms = 0;  // handshakes that are begun in a millisecond, on average, by any of the clients
  std::uint32_t clients = 1;
  std::function<guard::Address(std::uint32_t client)> address;
  std::uint64_t fingerprint = 1;
  Tickets tickets = Tickets::None;
  std::uint32_t arithmetic = 150;  // microseconds
  bool rsa = false, tls12 = false;
  guard::End end = guard::End::Completed;
  bool answers_retry = true;
  unsigned tries = 1;  // comes again 100 ms after it was refused

  // Of handshakes that began while it was measured.
  std::uint64_t begun = 0, served = 0, retried = 0;
  std::array<std::uint64_t, guard::kReasons> refused{};
  std::uint64_t worst_wait_ms = 0;

  double share_served() const { return static_cast<double>(served) / static_cast<double>(begun); }
  std::uint64_t all_refused() const;
};

class SimulatedServer {
 public:
  explicit SimulatedServer(const guard::GuardLimits& limits = {}, std::uint64_t seed = 1);

  // The reference stays good.
  Population& add(Population population);
  // All of what begins in this time is counted; returns when it is decided.
  void measure(std::uint64_t ms);
  void run(std::uint64_t ms) { advance(ms, false); }

  guard::Guard& guard() { return guard_; }
  std::uint64_t now() const { return now_; }
  double busy() const { return 1.0 - idle_us_ / measured_us_; }  // while it was measured
  std::uint64_t ever_blocked(const Population& population) const;

 private:
  struct Visit {
    Population* population;
    std::uint32_t number;  // of the client
    unsigned tries;        // that are left
    bool counted;
    guard::Client client{};
    std::uint64_t since = 0;
    std::uint32_t cost = 0;  // of what waits
  };
  struct Later {
    std::uint64_t at;
    Visit visit;
  };

  void advance(std::uint64_t ms, bool counted);
  void pass(bool counted);
  void arrive(Visit visit);
  void refuse(Visit& visit, guard::Reason reason);
  void withdraw();
  void work(bool counted);
  Visit take(bool newest);
  std::uint64_t waited() const;  // by the oldest of the best rank
  std::size_t worst_rank() const;

  static constexpr std::uint64_t kQueueLimit = 250 * kMs;
  static constexpr std::uint64_t kDeadline = 1'000 * kMs;

  GuardTables tables_{4096};
  guard::Guard guard_{tables_.memory(), kTestKey, {}};
  guard::GuardCosts costs_;
  std::deque<Population> populations_;
  std::vector<Later> later_;  // by time
  std::array<std::deque<Visit>, guard::kRankLowest + 1> queue_;
  std::vector<const Population*> blocked_;
  std::mt19937_64 random_;
  std::uint64_t now_ = 1'000'000 * kMs;
  std::uint64_t queued_ns_ = 0;
  std::uint64_t tickets_ = 1'000'000;
  double credit_us_ = 0;  // of the CPU's time in this pass; negative: it is behind
  double idle_us_ = 0, measured_us_ = 0;
};

}  // namespace breakwater::test
