#include "proxy/reactor/reactor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "proxy/reactor/clock.h"

namespace breakwater::proxy {
namespace {

// Not more at once, so that those who come first do not wait long for what is to be done for the others.
constexpr int kEventsAtOnce = 64;
// While there is more, input is read for so long before the next slice of arithmetic: it tells who is who.
constexpr std::uint64_t kInputTimeUs = 2000;
constexpr int kTricklingAtOnce = 32;  // reading them takes as long as a handshake or two
constexpr std::uint64_t kTickMs = 1000;
constexpr std::uint64_t kStalledMs = 1000;  // a connection that holds buffers this long without progress may lose them
constexpr std::uint64_t kLookAgainMs = 10;

std::uint64_t tagged(std::uint64_t value, EventTag tag) noexcept { return value | static_cast<std::uint64_t>(tag); }

void add_to_epoll(int epoll, int descriptor, std::uint64_t data) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = data;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

}  // namespace

Reactor::Reactor(ReactorSettings settings, const ReactorLimits& limits, std::vector<Descriptor> listeners, int news)
    : context_(settings.server, limits.chunk_capacity, limits.chunk_limit),
      max_connections_(settings.max_connections),
      listeners_(std::move(listeners)),
      behind_since_us_(listeners_.size()),
      resets_(listeners_.size()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      news_event_(news) {
  if (!epoll_ || !wakeup_) throw std::system_error(errno, std::generic_category(), "starting a worker");
  context_.epoll = epoll_.get();
  context_.measurements.name_operations(context_.tls.operations());
  adopt(std::move(settings));
  context_.gate.publish(context_.report_board);  // who asks first is not told that nobody is judged
  add_to_epoll(epoll_.get(), wakeup_.get(), tagged(0, EventTag::Wakeup));
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    add_to_epoll(epoll_.get(), listeners_[i].get(), tagged(i << 2, EventTag::Listener));
  }
}

Reactor::~Reactor() = default;

void Reactor::adopt(ReactorSettings settings) noexcept {
  context_.flight_room = std::max(context_.flight_room, settings.server->max_flight_size());
  timeouts_ = settings.timeouts;
  context_.handshakes.set_duration(timeouts_.handshake_ms);
  context_.idle.set_duration(timeouts_.idle_ms);
  context_.connecting.set_duration(timeouts_.connect_ms);
  context_.lingering.set_duration(timeouts_.linger_ms);
  max_connections_ = settings.max_connections;
  context_.gate.use(std::move(settings.guard), *settings.server, settings.workers);
  context_.gate.trust(std::move(settings.front_ends));
  context_.access_log.use(std::move(settings.access_log));
  rules_ = std::move(settings.listeners);
  rules_.resize(listeners_.size());
  services_.push_back(std::make_unique<Service>(Service{std::move(settings.application), 0}));
  context_.service = services_.back().get();
  if (context_.epoch_ms != 0) context_.service->application->tick(context_.epoch_ms / 1000);
  drop_old_services();
}

void Reactor::drop_old_services() noexcept {
  if (services_.size() < 2) return;
  std::erase_if(services_,
                [this](const auto& service) { return service.get() != context_.service && service->connections == 0; });
}

void Reactor::read_clocks() noexcept {
  context_.now_us = microseconds(CLOCK_MONOTONIC);
  context_.now_ms = context_.now_us / 1000;
  context_.epoch_ms = microseconds(CLOCK_REALTIME) / 1000;
}

// One pass: events, input, private-key work, output; then whatever time brings.
void Reactor::run() noexcept {
  read_clocks();
  next_tick_ = 0;
  prepare();
  for (;;) {
    wait_for_events(milliseconds_to_wait());
    if (orders_.load(std::memory_order_acquire)) obey();
    if (stop_ordered_.load(std::memory_order_acquire)) break;
    run_active();
    read_on();
    run_trickling();
    run_timers();
    run_jobs();
    settle_all();
    feed_the_starving();
    recycle_dead();
    prepare();  // now that everything is sent
    context_.access_log.flush();
    publish_gauges();
    if (context_.gate.has_news()) tell_the_main_thread();
    if (context_.draining && (open_ == 0 || context_.now_ms >= drain_deadline_)) break;
  }
  cut_.store(open_, std::memory_order_relaxed);
  for_each_session([](Session& session) { session.kill(false, HandshakeEnd::Shutdown); });
  recycle_dead();
  context_.access_log.flush();
  finished_.store(true, std::memory_order_release);
  tell_the_main_thread();
}

void Reactor::tell_the_main_thread() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(news_event_, &one, sizeof one);
}

// Input first: what nobody has read yet may be from whom the next slice should serve, and what is refused costs little.
// Whoever needs no arithmetic does not wait for that of others.
void Reactor::read_on() noexcept {
  if (!more_events_ && !context_.tls.jobs_waiting()) return;  // the pass will be short
  const std::uint64_t end_us = context_.now_us + kInputTimeUs;
  settle_all();
  while (more_events_ && context_.now_us < end_us) {
    wait_for_events(0);
    run_active();
    settle_all();
  }
}

// One slice. What it has made is sent before the next begins, deadlines are looked at in between, so that nothing is
// computed for a connection whose time is over, and new input is read: it may fill the lanes of the next slice.
void Reactor::run_jobs() noexcept {
  jobs_stuck_ = false;
  context_.gate.withdraw(
      [](Connection& connection) { static_cast<Session*>(connection.user_data())->refuse(guard::Reason::TooLate); });
  if (!context_.tls.jobs_waiting()) return;
  bool progress = false;
  context_.slice_us = microseconds(CLOCK_MONOTONIC);
  context_.tls.run_some_jobs([this, &progress](Connection& ready) {
    if (!progress) {  // the first one that is ready tells that the arithmetic of all is done
      context_.now_us = microseconds(CLOCK_MONOTONIC);
      context_.counters.arithmetic_us.add(context_.now_us - context_.slice_us);
    }
    progress = true;
    static_cast<Session*>(ready.user_data())->jobs_done();
  });
  if (progress) return;
  // Without memory for the results nothing moves: try again when other connections have ended.
  jobs_stuck_ = true;
  next_tick_ = std::min(next_tick_, context_.now_ms + kLookAgainMs);
}

void Reactor::prepare() noexcept {
  if (!context_.tls.wants_preparing()) return;
  const std::uint64_t begin = microseconds(CLOCK_MONOTONIC);
  context_.tls.prepare();
  context_.counters.arithmetic_us.add(microseconds(CLOCK_MONOTONIC) - begin);
}

int Reactor::milliseconds_to_wait() noexcept {
  if (orders_.load(std::memory_order_acquire)) return 0;  // they came while input was read, which took their wakeup
  if (!context_.ready.empty() || !trickling_.empty() || (context_.tls.jobs_waiting() && !jobs_stuck_)) return 0;
  std::uint64_t until = next_tick_;
  until = context_.handshakes.next_deadline(until);
  until = context_.idle.next_deadline(until);
  until = context_.connecting.next_deadline(until);
  until = context_.lingering.next_deadline(until);
  if (context_.draining) until = std::min(until, drain_deadline_);
  return until <= context_.now_ms ? 0 : static_cast<int>(until - context_.now_ms);
}

void Reactor::wait_for_events(int most_ms) noexcept {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, most_ms);
  more_events_ = count == kEventsAtOnce;
  read_clocks();
  context_.gate.begin_pass(context_.now_us, context_.epoch_ms, accept_delay_us(), context_.counters.half_open.get());
  choose_resets();
  for (int i = 0; i < count; ++i) {
    dispatch(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
  }
  context_.ready.move_all_to(active_);
}

void Reactor::dispatch(std::uint64_t data, std::uint32_t events) noexcept {
  const auto tag = static_cast<EventTag>(data & kEventTagMask);
  const std::uint64_t value = data & ~std::uint64_t{kEventTagMask};
  switch (tag) {
    case EventTag::Listener:
      return accept_pass(static_cast<int>(value >> 2));
    case EventTag::Wakeup: {
      std::uint64_t ignored;
      [[maybe_unused]] const ssize_t got = ::read(wakeup_.get(), &ignored, sizeof ignored);
      return;
    }
    case EventTag::Client:
    case EventTag::Side:
      break;
  }
  // Sessions are recycled at the end of a pass only, so the pointer is good even if it has been killed since.
  auto* const session = reinterpret_cast<Session*>(static_cast<std::uintptr_t>(value));
  if (session->phase() == Phase::Dead) return;
  if (tag == EventTag::Client) {
    session->client_events(events);
  } else {
    session->side_events(events);
  }
  (session->trickles() ? trickling_ : active_).push_back(*session);
}

void Reactor::run_one(Session& session) noexcept {
  session.run();
  if (session.phase() != Phase::Dead) context_.settling.push_back(session);
}

void Reactor::run_active() noexcept {
  while (Session* session = active_.pop_front()) run_one(*session);
}

// A few in each pass: ten thousand clients may send a byte at the same moment, and reading them all takes far longer
// than serving whoever comes meanwhile. Who sends again before he was read goes to the end; his bytes are read at once.
void Reactor::run_trickling() noexcept {
  for (int i = 0; i < kTricklingAtOnce; ++i) {
    Session* const session = trickling_.pop_front();
    if (session == nullptr) return;
    run_one(*session);
  }
}

void Reactor::expire_handshakes() noexcept {
  while (Session* session = context_.handshakes.pop_expired(context_.now_ms)) session->timed_out();
}

// While half-open connections crowd, they have little time: who is honest needs less.
void Reactor::expire_crowd() noexcept {
  constexpr std::uint32_t kCrowdedMs = 3000;
  for (Session* oldest = context_.handshakes.oldest(); oldest != nullptr; oldest = context_.handshakes.oldest()) {
    if (oldest->held_for(context_.now_ms) < kCrowdedMs) return;
    oldest->timed_out();
  }
}

void Reactor::run_timers() noexcept {
  expire_handshakes();
  if (context_.gate.is_crowded()) expire_crowd();
  for (auto* list : {&context_.idle, &context_.connecting, &context_.lingering}) {
    while (Session* session = list->pop_expired(context_.now_ms)) session->timed_out();
  }
  if (context_.now_ms < next_tick_) return;
  next_tick_ = context_.now_ms + kTickMs;
  for (const auto& service : services_) service->application->tick(context_.epoch_ms / 1000);
  context_.gate.publish(context_.report_board);
  drop_old_services();
  if (!reserve_) reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!accepting_ && !context_.draining) pause_accepting(false);
}

void Reactor::settle_all() noexcept {
  while (Session* session = context_.settling.pop_front()) {
    switch (session->settle()) {
      case Session::Next::Again:
        context_.ready.push_back(*session);
        break;
      case Session::Next::Chunks:
        context_.starving.push_back(*session);
        break;
      case Session::Next::Events:
      case Session::Next::Recycle:
        break;  // the dead are in a list of their own already
    }
  }
}

// Lets connections that wait for chunks try again. When none come back by themselves, the connection that has held
// some for the longest time without moving a byte is closed: buffers are for those who make progress.
void Reactor::feed_the_starving() noexcept {
  constexpr std::size_t kEnough = 4;  // to read a record and to answer it
  if (context_.starving.empty()) return;
  while (context_.pool.available() < kEnough) {
    Session* const holder = context_.holders.front();
    if (holder == nullptr || holder->held_for(context_.now_ms) < kStalledMs) break;
    context_.counters.reclaimed.add();
    holder->kill(false, HandshakeEnd::Stalled);
  }
  for (std::size_t chunks = context_.pool.available(); chunks >= kEnough; chunks -= kEnough) {
    Session* const session = context_.starving.pop_front();
    if (session == nullptr) return;
    context_.ready.push_back(*session);
  }
  next_tick_ = std::min(next_tick_, context_.now_ms + kLookAgainMs);
}

void Reactor::recycle_dead() noexcept {
  if (context_.dead.empty()) return;
  while (Session* session = context_.dead.pop_front()) {
    sessions_.recycle(session);
    --open_;
    --context_.dead_count;
  }
  if (!accepting_ && !context_.draining) pause_accepting(false);  // there is room again
}

void Reactor::publish_gauges() noexcept {
  Counters& counters = context_.counters;
  counters.open.set(open_);
  // Every connection is half-open, has completed its handshake, or never will.
  counters.half_open.set(counters.accepted.get() - counters.handshakes.get() - counters.handshakes_failed.get());
  const auto operations = context_.tls.operations();
  OperationCount all;
  for (const OperationCount& one : operations) {
    all.alone += one.alone;
    all.lane_runs += one.lane_runs;
    all.lanes_filled += one.lanes_filled;
  }
  if (counters.jobs.get() != all.alone + all.lanes_filled) context_.measurements.publish(operations);
  counters.jobs.set(all.alone + all.lanes_filled);
  counters.jobs_in_lanes.set(all.lanes_filled);
  counters.lane_runs.set(all.lane_runs);
  counters.buffers.set(context_.pool.leased() - (context_.spare != nullptr ? 1 : 0));
  counters.buffers_most.set(context_.pool.most_leased());
}

void Reactor::for_each_session(void (*visit)(Session&)) noexcept {
  for (auto* list : {&context_.handshakes, &context_.idle, &context_.connecting, &context_.lingering})
    list->for_each(visit);
}

}  // namespace breakwater::proxy
