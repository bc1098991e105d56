// One load: its connections, when they start, how long they may take, what they came to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flood/load/back_off.h"
#include "flood/load/behaviour.h"
#include "flood/load/clock.h"
#include "flood/load/connection.h"
#include "flood/load/loop.h"
#include "flood/load/schedule.h"
#include "flood/load/sockets.h"
#include "flood/load/sources.h"
#include "flood/plan/plan.h"
#include "flood/report/start_log.h"
#include "flood/report/tally.h"

namespace breakwater::flood {

// Whether the target can be reached at all; shared by all loads of a run.
struct Reach {
  bool connected = false;  // a connection was made, ever
  std::uint64_t failures = 0;
  std::uint64_t first_failure = 0;  // when, ns
  int error = 0;                    // errno of the last one
};

class Driver {
 public:
  // `load`: its place in the plan. All references must outlive the driver. `begin`: the run's first instant, ns.
  // Allocates all connections. `log`: nullptr for none.
  Driver(const Plan& plan, std::size_t load, Loop& loop, Tally& tally, Histogram& lateness, Reach& reach,
         std::uint64_t begin, StartLog* log);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Everything that is due by time. True: something was done.
  bool advance(std::uint64_t now);
  std::uint64_t next_due() const;
  void end(std::uint64_t now);  // aborts what is left
  bool over() const noexcept { return phase_ == Phase::Over; }
  // Since when it is measured (the end of its warm-up); 0 before.
  std::uint64_t measured_since() const noexcept { return measured_since_; }
  void refresh_tally(std::uint64_t now);

  // An epoll event.
  void handle(Connection& connection, std::uint32_t events);

  // --- for behaviours ---

  // Sends what the behaviour has to send.
  void flush(Connection& connection);
  // The connection's open start has succeeded; the connection goes on.
  void count_success(Connection& connection);
  // ... and ends, as the plan says.
  void succeed(Connection& connection);
  void fail(Connection& connection, Failure failure, std::uint8_t alert = 0);
  // Ends a connection as the plan says; whatever it came to is counted.
  void finish(Connection& connection);
  // Ends a connection at once; a start that is open becomes unfinished.
  void drop(Connection& connection);
  // The connection is kept open and its client given back; to the end of the run, or until the behaviour says more.
  void hold(Connection& connection);
  // A connection that goes on begins another start (request). False: the plan allows no more.
  bool begin_another(Connection& connection, std::uint64_t intended);
  bool may_start_more() const noexcept { return load_.count == 0 || items_started_ < load_.count; }

  void arm_deadline(Connection& connection);
  void disarm_deadline(Connection& connection) noexcept { TimedList::remove(connection.deadline); }

  // The handshake is complete (or as complete as the mode wants it): latency, and what was negotiated.
  void record_handshake_latency(Connection& connection);
  void record_handshake(Connection& connection);  // counts it as well
  void record_request(std::uint64_t intended);
  // An open-loop start came at `now` instead of `intended`.
  void record_lateness(std::uint64_t intended, std::uint64_t now);
  // The next open-loop starts waited for a connection until now, which is not the generator's lateness.
  void was_blocked(std::uint64_t now) noexcept { blocked_until_ = now; }
  void back_off(std::uint64_t now) noexcept { back_off_.connect_failed(now); }

  const Load& load() const noexcept { return load_; }
  Loop& loop() noexcept { return loop_; }
  Tally& tally() noexcept { return tally_; }
  Connection& connection(std::size_t index) noexcept { return connections_[index]; }

 private:
  enum class Phase : std::uint8_t { Waiting, WarmingUp, Measuring, Over };
  enum class Pace : std::uint8_t { Closed, Open, Ramp };

  bool change_phase(std::uint64_t now);
  void begin_measuring(std::uint64_t now);
  void end_second(std::uint64_t now);
  bool expire(std::uint64_t now);
  bool start_due(std::uint64_t now);
  bool startable(std::uint64_t now);
  void start(std::uint64_t intended, bool counted);
  int open_socket(Connection& connection);
  void close_socket(Connection& connection, bool reset);
  void close_spare_sockets();
  void connected(Connection& connection);
  void connect_failed(Connection& connection, int error);
  void send_failed(Connection& connection, int error);
  void read(Connection& connection);
  void consume(Connection& connection, MutableBytes bytes);
  void peer_ended(Connection& connection, bool reset);
  void arm_output(Connection& connection);
  void start_closing(Connection& connection);
  void release(Connection& connection, bool reset);
  void give_back_client(Connection& connection);
  void log(const Connection& connection, Ending ending, Failure failure = {}, std::uint8_t alert = 0);

  const Load& load_;
  const std::size_t number_;
  Loop& loop_;
  Tally& tally_;
  Histogram& lateness_;
  Reach& reach_;
  const std::uint64_t begin_;  // of the run
  StartLog* const log_;
  const SocketAddress target_;
  Sources sources_;
  const Pace pace_;
  const bool no_delay_;
  const bool keeps_sockets_;

  std::vector<Connection> connections_;
  std::vector<std::uint32_t> free_;
  TimedList deadlines_;
  std::unique_ptr<Behaviour> behaviour_;

  Phase phase_ = Phase::Waiting;
  std::uint64_t next_phase_;  // when the phase ends
  std::uint64_t measured_since_ = 0;
  std::uint64_t next_second_ = ~std::uint64_t{0};
  bool prepared_ = true;  // the last answer of next_start() was Counted
  Schedule schedule_;
  Ramp ramp_;
  BackOff back_off_;
  std::uint64_t blocked_until_ = 0;

  std::uint32_t active_ = 0;   // connections in use
  std::uint32_t closing_ = 0;  // of these, in Stage::Closing
  std::uint64_t items_started_ = 0;
  std::uint64_t items_open_ = 0;
  std::uint64_t connections_started_ = 0;

  Histogram second_latency_;
  std::uint64_t second_succeeded_ = 0;  // the tally's values at the last second's end
  std::uint64_t second_failed_ = 0;

  struct Negotiated {
    std::uint32_t key;
    std::uint64_t* count;
  };
  std::vector<Negotiated> negotiated_;
};

}  // namespace breakwater::flood
