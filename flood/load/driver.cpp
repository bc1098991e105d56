// The life of a load: phases, starts, deadlines, seconds.
#include "flood/load/driver.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace breakwater::flood {
namespace {

bool holds(const Load& load) noexcept {
  return load.mode == Mode::Idle || load.mode == Mode::Stall || (load.mode == Mode::Plain && load.hold_s > 0);
}

}  // namespace

Driver::Driver(const Plan& plan, std::size_t load, Loop& loop, Tally& tally, Histogram& lateness, Reach& reach,
               std::uint64_t begin, StartLog* log)
    : load_(plan.loads[load]),
      number_(load),
      loop_(loop),
      tally_(tally),
      lateness_(lateness),
      reach_(reach),
      begin_(begin),
      log_(log),
      target_(plan.address, plan.port),
      sources_(load_.sources),
      // With keep-alive the rate is of requests, and the connections for them are opened at once.
      pace_(holds(load_)                                                              ? Pace::Ramp
            : load_.rate > 0 && !(load_.mode == Mode::Request && load_.requests != 1) ? Pace::Open
                                                                                      : Pace::Closed),
      no_delay_(load_.mode == Mode::Trickle || load_.mode == Mode::Renegotiate || load_.mode == Mode::Plain),
      // A socket that is bound anew would have to forget its address first.
      keeps_sockets_(load_.sources.empty() && load_.end == End::Abort),
      connections_(load_.connections),
      behaviour_(make_behaviour(*this, load_)),
      next_phase_(begin + nanoseconds(load_.start_s)),
      schedule_(load_.rate),
      ramp_(load_.rate > 0 ? load_.rate : load_.ramp),
      back_off_(load_.connections) {
  free_.reserve(load_.connections);
  for (std::uint32_t i = load_.connections; i-- > 0;) {
    Connection& connection = connections_[i];
    connection.driver = this;
    connection.index = i;
    connection.deadline.owner = &connection;
    connection.tick.owner = &connection;
    free_.push_back(i);
  }
}

Driver::~Driver() { close_spare_sockets(); }

void Driver::close_spare_sockets() {
  for (Connection& connection : connections_) {
    if (connection.spare >= 0) close(std::exchange(connection.spare, -1));
  }
}

bool Driver::advance(std::uint64_t now) {
  bool worked = false;
  while (now >= next_phase_ && phase_ != Phase::Over) worked |= change_phase(now);
  if (phase_ == Phase::Waiting || phase_ == Phase::Over) return worked;
  if (now >= next_second_) {
    end_second(now);
    worked = true;
  }
  worked |= expire(now);
  worked |= behaviour_->advance(now);
  worked |= start_due(now);
  if (load_.count != 0 && items_started_ >= load_.count && items_open_ == 0 && closing_ == 0) {
    end(now);
    worked = true;
  }
  return worked;
}

bool Driver::change_phase(std::uint64_t now) {
  switch (phase_) {
    case Phase::Waiting:
      phase_ = Phase::WarmingUp;
      next_phase_ += nanoseconds(load_.warmup_s);
      schedule_.begin(now);
      break;
    case Phase::WarmingUp:
      phase_ = Phase::Measuring;
      next_phase_ += nanoseconds(load_.duration_s - load_.warmup_s);
      begin_measuring(now);
      break;
    default:
      end(now);
  }
  return true;
}

// What is under way stays and counts: only what is over is forgotten.
void Driver::begin_measuring(std::uint64_t now) {
  const std::uint64_t held = tally_.held;
  tally_ = {};
  tally_.started = items_open_;
  tally_.held = held;
  tally_.held_max = held;
  second_latency_.clear();
  second_succeeded_ = 0;
  second_failed_ = 0;
  negotiated_.clear();
  measured_since_ = now;
  next_second_ = now + kSecond;
}

void Driver::refresh_tally(std::uint64_t now) {
  if (phase_ == Phase::Over) return;
  tally_.measured_s = measured_since_ == 0 ? 0 : static_cast<double>(now - measured_since_) / 1e9;
  tally_.open = active_;
}

void Driver::end_second(std::uint64_t now) {
  Second second;
  second.t = static_cast<std::uint32_t>((next_second_ - measured_since_) / kSecond);
  second.succeeded = tally_.succeeded - second_succeeded_;
  second.failed = tally_.failed - second_failed_;
  second.p50_us = static_cast<double>(second_latency_.quantile(0.5)) / 1000;
  second.p99_us = static_cast<double>(second_latency_.quantile(0.99)) / 1000;
  tally_.seconds.push_back(second);
  second_succeeded_ = tally_.succeeded;
  second_failed_ = tally_.failed;
  second_latency_.clear();
  next_second_ += kSecond;
  // A generator that did not run for seconds has nothing to say of them.
  while (next_second_ + kSecond < now) next_second_ += kSecond;
}

void Driver::end(std::uint64_t now) {
  if (phase_ == Phase::Over) return;
  // The last second is a whole one, but for the time that the last look at the clock took.
  if (measured_since_ != 0 && now + kSecond / 20 >= next_second_) end_second(now);
  refresh_tally(now);
  for (Connection& connection : connections_) {
    if (connection.stage == Stage::Free) continue;
    if (connection.stage == Stage::Held && connection.counted) count_success(connection);
    drop(connection);
  }
  close_spare_sockets();
  phase_ = Phase::Over;
  next_phase_ = next_second_ = ~std::uint64_t{0};
  tally_.open = 0;
}

bool Driver::expire(std::uint64_t now) {
  bool worked = false;
  while (deadlines_.next_due() <= now) {
    Connection& connection = *deadlines_.front()->owner;
    disarm_deadline(connection);
    worked = true;
    if (connection.stage == Stage::Connecting) {
      connect_failed(connection, ETIMEDOUT);
    } else if (connection.stage == Stage::Closing) {
      release(connection, true);  // counted already; the server just does not close
    } else {
      behaviour_->expired(connection);
    }
  }
  while (behaviour_->ticks().next_due() <= now) {
    Connection& connection = *behaviour_->ticks().front()->owner;
    TimedList::remove(connection.tick);
    worked = true;
    behaviour_->ticked(connection);
  }
  return worked;
}

bool Driver::startable(std::uint64_t now) {
  if (free_.empty() || !may_start_more()) return false;
  switch (pace_) {
    case Pace::Closed:
      return back_off_.allows(now, active_);
    case Pace::Open:
      return !prepared_ ? back_off_.allows(now, active_) : schedule_.due(now);
    case Pace::Ramp:
      return ramp_.due(now) && back_off_.allows(now, active_);
  }
  return false;
}

bool Driver::start_due(std::uint64_t now) {
  // Not all at once: what comes back must be read in between.
  constexpr int kAtOnce = 32;
  if (pace_ == Pace::Open && prepared_ && free_.empty() && schedule_.due(now)) was_blocked(now);
  int started = 0;
  for (; started < kAtOnce && startable(now); ++started) {
    const NextStart next = behaviour_->next_start();
    if (next == NextStart::None) {
      prepared_ = false;
      break;
    }
    const bool counted = next == NextStart::Counted;
    if (counted && !prepared_) schedule_.begin(now);
    prepared_ = counted;
    if (pace_ == Pace::Open && counted) {
      const std::uint64_t intended = schedule_.intended();
      record_lateness(intended, now);
      schedule_.taken();
      start(intended, true);
    } else {
      if (pace_ == Pace::Ramp) ramp_.taken(now);
      start(clock_now(), counted);
    }
  }
  return started != 0;
}

std::uint64_t Driver::next_due() const {
  std::uint64_t due = std::min(next_phase_, next_second_);
  if (phase_ == Phase::Waiting || phase_ == Phase::Over) return due;
  due = std::min({due, deadlines_.next_due(), behaviour_->ticks().next_due(), behaviour_->next_due()});
  if (free_.empty() || !may_start_more() || (!prepared_ && behaviour_->next_start() == NextStart::None)) return due;
  std::uint64_t start = back_off_.next(active_);
  if (pace_ == Pace::Open && prepared_) start = schedule_.intended();
  if (pace_ == Pace::Ramp) start = std::max(start, ramp_.next());
  return std::min(due, start);
}

void Driver::record_lateness(std::uint64_t intended, std::uint64_t now) {
  const std::uint64_t possible = std::max(intended, blocked_until_);
  lateness_.add(now > possible ? now - possible : 0);
}

void Driver::count_success(Connection& connection) {
  if (!connection.counted) return;
  log(connection, Ending::Succeeded);
  ++tally_.succeeded;
  --items_open_;
  connection.counted = false;
}

void Driver::succeed(Connection& connection) {
  count_success(connection);
  finish(connection);
}

void Driver::fail(Connection& connection, Failure failure, std::uint8_t alert) {
  tally_.fail(failure, alert);
  log(connection, Ending::Failed, failure, alert);
  if (connection.counted) {
    --items_open_;
  } else {
    ++tally_.started;
  }
  connection.counted = false;
  release(connection, true);
}

void Driver::log(const Connection& connection, Ending ending, Failure failure, std::uint8_t alert) {
  if (log_ == nullptr) return;
  log_->add({connection.intended - begin_, clock_now() - connection.intended, static_cast<std::uint16_t>(number_),
             ending, failure, alert});
}

bool Driver::begin_another(Connection& connection, std::uint64_t intended) {
  if (!may_start_more()) return false;
  connection.counted = true;
  connection.intended = intended;
  ++tally_.started;
  ++items_started_;
  ++items_open_;
  return true;
}

void Driver::record_handshake_latency(Connection& connection) {
  const std::uint64_t took = clock_now() - connection.intended;
  tally_.handshake_latency.add(took);
  if (load_.mode != Mode::Request && !load_.pattern_repeats) second_latency_.add(took);
  if (connection.client == nullptr) return;
  const std::uint32_t key =
      static_cast<std::uint32_t>(connection.client->suite()) << 16 | connection.client->negotiated_group();
  for (const Negotiated& known : negotiated_) {
    if (known.key == key) {
      ++*known.count;
      return;
    }
  }
  std::uint64_t& count = tally_.negotiated[connection.client->describe()];
  ++count;
  negotiated_.push_back({key, &count});
}

void Driver::record_handshake(Connection& connection) {
  ++tally_.handshakes;
  if (connection.client->resumed()) ++tally_.resumed;
  record_handshake_latency(connection);
}

void Driver::record_request(std::uint64_t intended) {
  ++tally_.requests;
  const std::uint64_t took = clock_now() - intended;
  tally_.request_latency.add(took);
  second_latency_.add(took);
}

}  // namespace breakwater::flood
