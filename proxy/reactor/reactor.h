// The event loop of one worker: one thread, its own listeners, its own connections; nothing is shared while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "proxy/apps/application.h"
#include "proxy/connection/context.h"
#include "proxy/connection/session.h"
#include "proxy/reactor/descriptor.h"
#include "proxy/reactor/reset.h"
#include "proxy/reactor/slab.h"
#include "proxy/reactor/timeouts.h"

namespace breakwater::proxy {

// What holds for connections that one listener accepts.
struct ListenerRules {
  bool judged = true;  // by the guard
};

// What a reload may change.
struct ReactorSettings {
  ServerPtr server;
  std::unique_ptr<Application> application;
  std::shared_ptr<LogFile> access_log;  // null: none
  Timeouts timeouts;
  std::size_t max_connections = 0;  // of this worker; 0: as many as there are descriptors
  std::shared_ptr<const GuardConfig> guard;
  std::shared_ptr<const FrontEnds> front_ends;  // null: none
  std::vector<ListenerRules> listeners;         // in the order of the listeners
  std::size_t workers = 1;                      // that share the limits of the process
};

struct ReactorLimits {
  std::size_t chunk_capacity = kChunkCapacity;
  std::size_t chunk_limit = 1024;
};

class Reactor {
 public:
  // Throws std::system_error when the system has no descriptors or memory to start with.
  // news: written to (eventfd) when run() is about to return, and when blocks_found() has something new.
  Reactor(ReactorSettings settings, const ReactorLimits& limits, std::vector<Descriptor> listeners, int news);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Serves until told to end. Called once, from the thread that is to be the worker.
  void run() noexcept;

  // From any thread:
  void reload(ReactorSettings settings);
  void drain() noexcept;     // accept no more; end when all connections have ended or the time is over
  void stop_now() noexcept;  // cut all connections and end
  bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  std::size_t cut_connections() const noexcept { return cut_.load(std::memory_order_relaxed); }
  const Counters& counters() const noexcept { return context_.counters; }
  const FailureTable& failures() const noexcept { return context_.failures; }
  const Measurements& measurements() const noexcept { return context_.measurements; }
  const ReportBoard& report_board() const noexcept { return context_.report_board; }
  const Refusals& refusals() const noexcept { return context_.gate.refusals(); }
  bool was_loaded() const noexcept { return context_.gate.was_loaded(); }
  BlockBox& blocks_found() noexcept { return context_.gate.found(); }
  BlockBox& blocks_told() noexcept { return context_.gate.told(); }

 private:
  void read_clocks() noexcept;
  void wait_for_events(int most_ms) noexcept;
  void read_on() noexcept;
  void tell_the_main_thread() const noexcept;
  void dispatch(std::uint64_t data, std::uint32_t events) noexcept;
  void accept_pass(int listener) noexcept;
  bool may_accept_more(int accepted, std::uint64_t begin_us) const noexcept;
  void note_listener(int listener, bool drained) noexcept;
  std::uint64_t accept_delay_us() const noexcept;
  void take(int descriptor, Inherited inherited, const guard::Client& client, bool from_front_end) noexcept;
  void choose_resets() noexcept;
  void expire_crowd() noexcept;
  void refuse_one(int listener) noexcept;
  void pause_accepting(bool pause) noexcept;
  void run_active() noexcept;
  void run_one(Session& session) noexcept;
  void run_trickling() noexcept;
  void run_timers() noexcept;
  void expire_handshakes() noexcept;
  void run_jobs() noexcept;
  void prepare() noexcept;
  void settle_all() noexcept;
  void feed_the_starving() noexcept;
  void recycle_dead() noexcept;
  void publish_gauges() noexcept;
  void obey() noexcept;
  void adopt(ReactorSettings settings) noexcept;
  void begin_drain() noexcept;
  void for_each_session(void (*visit)(Session&)) noexcept;
  void drop_old_services() noexcept;
  int milliseconds_to_wait() noexcept;

  Context context_;
  Slab<Session> sessions_;
  std::vector<std::unique_ptr<Service>> services_;  // the last one is in use, the others end with their connections
  Timeouts timeouts_;
  std::size_t max_connections_;
  std::size_t open_ = 0;
  std::vector<Descriptor> listeners_;
  std::vector<ListenerRules> rules_;            // for each listener
  std::vector<std::uint64_t> behind_since_us_;  // for each listener: since when clients wait in it; 0: they do not
  std::vector<ListenerReset> resets_;           // for each listener
  Descriptor epoll_;
  Descriptor wakeup_;
  Descriptor reserve_;  // given up for a moment when descriptors run out, to be able to refuse politely
  int news_event_;
  bool more_events_ = false;                   // the kernel has more of them than it was asked for
  IntrusiveList<Session, PassTag> active_;     // have events in this pass
  IntrusiveList<Session, PassTag> trickling_;  // have events, and wait until all others are served
  bool accepting_ = true;
  bool jobs_stuck_ = false;  // there is no memory for the results of jobs
  std::uint64_t drain_deadline_ = 0;
  std::uint64_t next_tick_ = 0;

  std::mutex orders_lock_;  // guards what the main thread leaves here
  std::optional<ReactorSettings> ordered_settings_;
  std::atomic<bool> orders_{false};
  std::atomic<bool> drain_ordered_{false};
  std::atomic<bool> stop_ordered_{false};
  std::atomic<bool> finished_{false};
  std::atomic<std::size_t> cut_{0};
};

}  // namespace breakwater::proxy
