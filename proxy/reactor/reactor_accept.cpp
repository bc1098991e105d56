// Reactor: accepting connections, and what happens at the limits.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "proxy/reactor/reactor.h"

namespace breakwater::proxy {
namespace {

constexpr int kAcceptsPerPass = 64;  // so that a flood of new connections does not keep the accepted ones waiting

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
  for (int i = 0; i < kAcceptsPerPass && accepting_; ++i) {
    const bool full = max_connections_ != 0 && open_ - context_.dead_count >= max_connections_;
    if (full && !can_evict(context_)) return pause_accepting(true);
    const int accepted = ::accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      if (full) evict_one(context_);
      take(accepted);
    } else if (errno == EAGAIN) {
      return;
    } else if (out_of_descriptors(errno)) {
      // accept() says so even when nobody waits.
      if (!somebody_waits(descriptor)) return;
      if (!evict_one(context_)) refuse_one(descriptor);
    }
    // Other errors belong to the connection that was to be accepted (ECONNABORTED and the like): go on.
  }
}

void Reactor::take(int descriptor) noexcept {
  Connection* const tls = context_.tls.open();
  Session* const session = tls == nullptr ? nullptr : sessions_.make(context_, *tls, descriptor);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(session) | static_cast<std::uintptr_t>(EventTag::Client);
  if (session == nullptr) {
    if (tls != nullptr) context_.tls.close(*tls);
    ::close(descriptor);
    context_.counters.refused.add();
    return;
  }
  ++open_;
  context_.counters.accepted.add();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) session->kill(false, HandshakeEnd::NoMemory);
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

// While paused, new clients wait in the kernel's queue.
void Reactor::pause_accepting(bool pause) noexcept {
  accepting_ = !pause;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    epoll_event event{};
    if (!pause) event.events = EPOLLIN;
    event.data.u64 = (i << 2) | static_cast<std::uint64_t>(EventTag::Listener);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listeners_[i].get(), &event);
  }
}

}  // namespace breakwater::proxy
