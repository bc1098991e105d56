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

// One line per counter: name as it is printed, and what it counts.
#define BREAKWATER_COUNTERS(X)                                                       \
  X(accepted)           /* connections accepted */                                   \
  X(refused)            /* connections closed at once: no descriptor, no memory */   \
  X(evicted)            /* half-open or lingering connections closed to make room */ \
  X(closed)             /* connections that have ended */                            \
  X(open)               /* connections now */                                        \
  X(handshakes)         /* handshakes completed */                                   \
  X(resumed)            /* of those, resumed from a ticket */                        \
  X(tls12)              /* of those, TLS 1.2 */                                      \
  X(handshakes_failed)  /* connections that ended before the handshake was done */   \
  X(handshake_timeouts) /* of those, because the time was over */                    \
  X(flights)            /* server flights sent during handshakes */                  \
  X(flight_sends)       /* send calls made for them */                               \
  X(sends)              /* send calls to clients, all of them */                     \
  X(receives)           /* receive calls on client sockets */                        \
  X(requests)           /* HTTP requests answered by the responder */                \
  X(plaintext_in)       /* application bytes from clients */                         \
  X(plaintext_out)      /* application bytes to clients */                           \
  X(idle_timeouts)      /* connections closed because nothing happened */            \
  X(backend_failures)   /* backends that did not answer or reset */                  \
  X(starved)            /* times a connection had to wait for a buffer */            \
  X(reclaimed)          /* stalled connections closed to get their buffers */        \
  X(log_lines_lost)     /* lines of the access log that could not be written */      \
  X(jobs)               /* private-key and key-exchange operations done */           \
  X(jobs_in_lanes)      /* of those, together with others in one lane run */         \
  X(lane_runs)          /* such runs */                                              \
  X(jobs_spared)        /* connections that ended while they waited for such jobs */ \
  X(buffers)            /* buffers leased now */                                     \
  X(buffers_most)       /* most buffers leased at one time */

struct Counters {
#define BREAKWATER_DECLARE(name) Counter name;
  BREAKWATER_COUNTERS(BREAKWATER_DECLARE)
#undef BREAKWATER_DECLARE
};

}  // namespace breakwater::proxy
