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

void Reactor::accept_pass(int listener) noexcept {
  const int descriptor = listeners_[static_cast<std::size_t>(listener)].get();
  const ListenerRules& rules = rules_[static_cast<std::size_t>(listener)];
  ListenerReset& reset = resets_[static_cast<std::size_t>(listener)];
  const std::uint64_t begin_us = context_.now_us;
  for (int i = 0; accepting_; ++i) {
    if (!may_accept_more(i, begin_us)) return note_listener(listener, false);
    const bool full = max_connections_ != 0 && open_ - context_.dead_count >= max_connections_;
    if (full && !can_evict(context_)) return pause_accepting(true);
    const Inherited inherited = reset.inherited();
    SocketAddress peer;
    peer.size = sizeof peer.v6;
    const int accepted = ::accept4(descriptor, &peer.any, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      guard::Client client;
      client.trusted = !rules.judged;
      const bool from_front_end = context_.gate.is_front_end(peer);
      if (rules.judged && !from_front_end && !context_.gate.admits(peer, client)) {
        if (inherited != Inherited::Reset) reset_on_close(accepted);
        ::close(accepted);
        continue;
      }
      if (full) evict_one(context_);
      take(accepted, inherited, client, from_front_end);
    } else if (errno == EAGAIN) {
      reset.drained(context_.now_us);
      return note_listener(listener, true);
    } else if (out_of_descriptors(errno)) {
      // accept() says so even when nobody waits.
      if (!somebody_waits(descriptor)) return;
      if (!evict_one(context_)) refuse_one(descriptor);
    }
    // Other errors belong to the connection that was to be accepted (ECONNABORTED and the like): go on.
  }
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

void Reactor::take(int descriptor, Inherited inherited, const guard::Client& client, bool from_front_end) noexcept {
  Connection* const tls = context_.tls.open();
  Session* const session = tls == nullptr ? nullptr : sessions_.make(context_, *tls, descriptor, inherited, client);
  if (session == nullptr) {
    guard::Client gone = client;
    context_.gate.ended(gone, guard::End::Ours);
    if (tls != nullptr) context_.tls.close(*tls);
    ::close(descriptor);
    context_.counters.refused.add();
    return;
  }
  ++open_;
  context_.counters.accepted.add();
  if (from_front_end) session->expect_header();
  if (!context_.gate.is_busy()) return session->watch();
  // Who has waited in the queue has mostly sent his hello meanwhile. Who is refused for it never troubles epoll, and if
  // that is now, the kernel takes for the next what it had for him.
  session->try_reading();
  run_one(*session);
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
