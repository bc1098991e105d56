// What all sessions of one worker share. Used by the worker's thread alone; what is counted, failures and the guard's
// report may be read by others.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <breakwater/breakwater.h>
#include "proxy/access_log/access_log.h"
#include "proxy/apps/application.h"
#include "proxy/guard/gatekeeper.h"
#include "proxy/guard/report_board.h"
#include "proxy/reactor/chunk_pool.h"
#include "proxy/reactor/counters.h"
#include "proxy/reactor/deadline_list.h"
#include "proxy/reactor/failure_table.h"
#include "proxy/reactor/measurements.h"
#include "proxy/reactor/slab.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

class Session;
class OpenPart;
struct HolderTag;
struct PassTag;

// What the low bits of epoll's user data tell about the pointer above them.
enum class EventTag : std::uintptr_t { Client = 0, Side = 1, Listener = 2, Wakeup = 3 };
inline constexpr std::uintptr_t kEventTagMask = 3;

inline constexpr std::size_t kMaxQueuedChunks = 5;  // unsent output of one connection; four records and what precedes

// An application with the number of connections it serves: after a reload the old one goes with its last connection.
struct Service {
  std::unique_ptr<Application> application;
  std::size_t connections = 0;
};

struct Context {
  Context(ServerPtr server, std::size_t chunk_capacity, std::size_t chunk_limit);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Worker tls;
  Gatekeeper gate{tls};
  ChunkPool pool;
  Service* service = nullptr;  // serves connections whose handshake completes from now on
  Slab<OpenPart> open_parts;
  Slab<SocketAddress> relayed;  // addresses of clients behind front ends, until their handshake is done
  std::size_t flight_room = 0;  // Server::max_flight_size(), the largest of any server in use
  int epoll = -1;
  std::uint64_t now_ms = 0;    // monotonic clock at the beginning of the pass
  std::uint64_t now_us = 0;    // the same; while jobs are handed out, when their slice was done
  std::uint64_t epoch_ms = 0;  // Unix time
  std::uint64_t slice_us = 0;  // when the slice of jobs that is handed out began
  bool draining = false;

  DeadlineList<Session> handshakes;  // half-open connections, the oldest in front
  DeadlineList<Session> idle;        // open ones
  DeadlineList<Session> connecting;  // open ones whose application waits for a backend, or whose own side has ended
  DeadlineList<Session> lingering;   // those that will be closed, and may have output left
  IntrusiveList<Session, HolderTag> holders;  // hold chunks and wait, the longest without progress in front
  IntrusiveList<Session, PassTag> settling;   // processed in this pass
  IntrusiveList<Session, PassTag> ready;      // to be processed in the next pass without an event
  IntrusiveList<Session, PassTag> starving;   // wait for chunks
  IntrusiveList<Session, PassTag> dead;       // to be recycled at the end of the pass

  std::size_t dead_count = 0;

  Chunk* spare = nullptr;                         // an empty chunk for output that may not come
  std::array<Chunk*, kMaxQueuedChunks> leased{};  // between Stream::lease() and commit()
  std::size_t leased_count = 0;

  Counters counters;
  AccessLog access_log{counters};
  FailureTable failures;
  Measurements measurements;
  ReportBoard report_board;
};

// Closes the oldest connection that is about to be closed anyway, or the oldest half-open one; false when there is
// none.
bool evict_one(Context& context) noexcept;
inline bool can_evict(const Context& context) noexcept {
  return !context.lingering.empty() || !context.handshakes.empty();
}

}  // namespace breakwater::proxy
