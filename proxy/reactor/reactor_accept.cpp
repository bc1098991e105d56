// Reactor: accepting connections, and what happens at the limits.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "proxy/reactor/clock.h"
#include "proxy/reactor/reactor.h"
#include "proxy/reactor/reset.h"

namespace breakwater::proxy {
namespace {

// So that a flood of new connections does not keep the accepted ones waiting; nor they it.
constexpr int kAcceptsPerPass = 64;
constexpr int kAcceptsWhenBusy = 1024;
constexpr std::uint64_t kAcceptTimeUs = 2000;

bool out_of_descriptors(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool somebody_waits(int listener) noexcept {
  pollfd question{listener, POLLIN, 0};
  return ::poll(&question, 1, 0) == 1;
}

}  // namespace

// A client is let in when the next one has been accepted, or none is left: in a flood from many addresses it takes that
// long to fetch what is known of one. Not so where room is short, nor behind one who was refused: in a flood from few
// addresses all that is known of them is at hand, and the kernel takes for the next what it had for the last.
void Reactor::accept_pass(int listener) noexcept {
  const int descriptor = listeners_[static_cast<std::size_t>(listener)].get();
  const ListenerRules& rules = rules_[static_cast<std::size_t>(listener)];
  ListenerReset& reset = resets_[static_cast<std::size_t>(listener)];
  const std::uint64_t begin_us = context_.now_us;
  std::optional<Arrival> before;
  for (int i = 0; accepting_; ++i) {
    if (!may_accept_more(i, begin_us)) {
      note_listener(listener, false);
      break;
    }
    if (before && is_full(1)) enter_and_forget(before);
    if (is_full() && !can_evict(context_)) {
      pause_accepting(true);
      break;
    }
    Arrival arrival;
    arrival.inherited = reset.inherited();
    arrival.peer.size = sizeof arrival.peer.v6;
    arrival.descriptor = ::accept4(descriptor, &arrival.peer.any, &arrival.peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (arrival.descriptor >= 0) {
      approach(rules, arrival);
      enter_and_forget(before);
      before = arrival;
      if (door_is_shut_) enter_and_forget(before);
    } else if (errno == EAGAIN) {
      note_listener(listener, true);
      reset.drained(context_.now_us);
      break;
    } else if (out_of_descriptors(errno)) {
      if (before) {  // it may give its own back
        enter_and_forget(before);
        continue;
      }
      // accept() says so even when nobody waits.
      if (!somebody_waits(descriptor)) break;
      if (!evict_one(context_)) refuse_one(descriptor);
    }
    // Other errors belong to the connection that was to be accepted (ECONNABORTED and the like): go on.
  }
  enter_and_forget(before);
}

void Reactor::enter_and_forget(std::optional<Arrival>& arrival) noexcept {
  if (arrival) enter(*arrival);
  arrival.reset();
}

void Reactor::approach(const ListenerRules& rules, Arrival& arrival) const noexcept {
  arrival.from_front_end = context_.gate.is_front_end(arrival.peer);
  arrival.judged = rules.judged && !arrival.from_front_end;
  if (arrival.judged) arrival.client = context_.gate.approach(arrival.peer);
  arrival.client.trusted = !rules.judged;
}

void Reactor::enter(Arrival& arrival) noexcept {
  door_is_shut_ = arrival.judged && !context_.gate.lets_in(arrival.peer, arrival.client, Gatekeeper::Way::Direct);
  if (door_is_shut_) {
    if (arrival.inherited != Inherited::Reset) reset_on_close(arrival.descriptor);
    ::close(arrival.descriptor);
    return;
  }
  if (is_full()) evict_one(context_);
  take(arrival);
}

// With so many more than there are.
bool Reactor::is_full(std::size_t more) const noexcept {
  return max_connections_ != 0 && open_ + more - context_.dead_count >= max_connections_;
}

bool Reactor::may_accept_more(int accepted, std::uint64_t begin_us) const noexcept {
  if (accepted < kAcceptsPerPass) return true;
  if (!context_.gate.is_busy() || accepted >= kAcceptsWhenBusy) return false;
  return accepted % 32 != 0 || microseconds(CLOCK_MONOTONIC) - begin_us < kAcceptTimeUs;
}

void Reactor::note_listener(int listener, bool drained) noexcept {
  std::uint64_t& since = behind_since_us_[static_cast<std::size_t>(listener)];
  if (drained) {
    since = 0;
  } else if (since == 0) {
    since = context_.now_us;
  }
}

// How long it has been that no listener was empty: who connects now waits about as long.
std::uint64_t Reactor::accept_delay_us() const noexcept {
  std::uint64_t longest = 0;
  for (const std::uint64_t since : behind_since_us_) {
    if (since != 0) longest = std::max(longest, context_.now_us - since);
  }
  return longest;
}

void Reactor::choose_resets() noexcept {
  const bool resets = context_.gate.is_loaded() && context_.gate.resets();
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    resets_[i].tell(listeners_[i].get(), resets && rules_[i].judged, context_.now_us);
  }
}

void Reactor::take(const Arrival& arrival) noexcept {
  Connection* const tls = context_.tls.open();
  Session* const session =
      tls == nullptr ? nullptr : sessions_.make(context_, *tls, arrival.descriptor, arrival.inherited, arrival.client);
  if (session == nullptr) {
    guard::Client gone = arrival.client;
    context_.gate.ended(gone, guard::End::Ours);
    if (tls != nullptr) context_.tls.close(*tls);
    ::close(arrival.descriptor);
    context_.counters.refused.add();
    return;
  }
  ++open_;
  context_.counters.accepted.add();
  if (arrival.from_front_end) session->expect_header();
  if (!context_.gate.is_busy()) return session->watch();
  // Who has waited in the queue has mostly sent his hello meanwhile. Who is refused for it never troubles epoll.
  session->try_reading();
  active_.push_back(*session);
}

// With nothing to evict the one reserved descriptor is used to take a client in and send him away, rather than to
// let him hang.
void Reactor::refuse_one(int listener) noexcept {
  reserve_.reset();
  const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    ::close(accepted);
    context_.counters.refused.add();
  }
  reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!reserve_) pause_accepting(true);  // another thread took it; the next tick tries again
}

// While paused, new clients wait in the kernel's queue; for room, not for work to be done.
void Reactor::pause_accepting(bool pause) noexcept {
  accepting_ = !pause;
  std::fill(behind_since_us_.begin(), behind_since_us_.end(), 0);
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    epoll_event event{};
    if (!pause) event.events = EPOLLIN;
    event.data.u64 = (i << 2) | static_cast<std::uint64_t>(EventTag::Listener);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listeners_[i].get(), &event);
  }
}

}  // namespace breakwater::proxy
