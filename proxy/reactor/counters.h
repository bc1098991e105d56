// What one worker counts. One thread writes, any thread may read.
#pragma once

#include <atomic>
#include <cstdint>

namespace breakwater::proxy {

// Relaxed load and store instead of an atomic addition: there is one writer.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Total: only grows. Now: as it is. Most: the most it has been.
enum class CounterKind : std::uint8_t { Total, Now, Most };

// One line per counter: name as it is printed, whether it only grows, and what it counts.
#define BREAKWATER_COUNTERS(X)                                                                      \
  X(accepted, Total, "connections accepted")                                                        \
  X(refused, Total, "connections closed at once: no descriptor, no memory")                         \
  X(evicted, Total, "half-open or lingering connections closed to make room")                       \
  X(closed, Total, "connections that have ended")                                                   \
  X(open, Now, "connections now")                                                                   \
  X(half_open, Now, "connections that have not completed their handshake")                          \
  X(handshakes, Total, "handshakes completed")                                                      \
  X(resumed, Total, "handshakes completed, resumed from a ticket")                                  \
  X(tls12, Total, "handshakes completed, TLS 1.2")                                                  \
  X(handshakes_failed, Total, "connections that ended before the handshake was done")               \
  X(handshake_timeouts, Total, "handshakes that failed because the time was over")                  \
  X(handshakes_wasted, Total, "handshakes that failed after a flight that took arithmetic")         \
  X(flights, Total, "server flights sent during handshakes")                                        \
  X(flight_sends, Total, "send calls made for server flights")                                      \
  X(sends, Total, "send calls to clients, all of them")                                             \
  X(receives, Total, "receive calls on client sockets")                                             \
  X(requests, Total, "HTTP requests answered by the responder")                                     \
  X(plaintext_in, Total, "application bytes from clients")                                          \
  X(plaintext_out, Total, "application bytes to clients")                                           \
  X(idle_timeouts, Total, "connections closed because nothing happened")                            \
  X(backend_failures, Total, "backends that did not answer or reset")                               \
  X(starved, Total, "times a connection had to wait for a buffer")                                  \
  X(reclaimed, Total, "stalled connections closed to get their buffers")                            \
  X(log_lines_lost, Total, "lines of the access log that could not be written")                     \
  X(jobs, Total, "private-key and key-exchange operations done")                                    \
  X(jobs_in_lanes, Total, "private-key and key-exchange operations done in lane runs, with others") \
  X(lane_runs, Total, "lane runs, up to eight operations at once")                                  \
  X(jobs_spared, Total, "connections that ended while they waited for such operations")             \
  X(arithmetic_us, Total, "microseconds spent on private-key and key-exchange operations")          \
  X(buffers, Now, "buffers leased now")                                                             \
  X(buffers_most, Most, "most buffers leased at one time")

struct Counters {
#define BREAKWATER_DECLARE(name, kind, what) Counter name;
  BREAKWATER_COUNTERS(BREAKWATER_DECLARE)
#undef BREAKWATER_DECLARE
};

}  // namespace breakwater::proxy
