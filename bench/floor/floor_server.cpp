#include "bench/floor/floor_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace breakwater::floor {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

bool watch(int epoll, int operation, int socket, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.fd = socket;
  return ::epoll_ctl(epoll, operation, socket, &event) == 0;
}

}  // namespace

FloorServer::FloorServer(int listener, const Options& options, std::size_t most_descriptors)
    : pattern_(options.pattern),
      reset_(options.reset),
      listener_(listener),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(most_descriptors),
      incoming_(kBufferBytes),
      outgoing_(kMaxStepBytes, 'b') {
  if (options.backend_size != 0) relay_ = std::make_unique<Relay>(epoll_, options.backend, options.backend_size);
}

FloorServer::~FloorServer() {
  if (epoll_ >= 0) ::close(epoll_);
  ::close(listener_);
}

bool FloorServer::run(const volatile std::sig_atomic_t& stop, const sigset_t& while_waiting) {
  if (epoll_ < 0 || !watch(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN)) return false;
  std::array<epoll_event, kEventsAtOnce> events;
  while (stop == 0) {
    const int patience = relay_ != nullptr && relay_->has_more() ? 0 : -1;
    const int count = ::epoll_pwait(epoll_, events.data(), kEventsAtOnce, patience, &while_waiting);
    if (count < 0 && errno != EINTR) return false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == listener_) {
        accept_all();
      } else if (relay_ != nullptr && relay_->owns(event.data.fd)) {
        relay_->on_event(event.data.fd, event.events);
      } else {
        on_event(event.data.fd, event.events);
      }
    }
    if (relay_ == nullptr) continue;
    clients_ -= relay_->end_of_turn();
    if (refused_ && !is_full()) accept_all();
  }
  return true;
}

void FloorServer::accept_all() {
  refused_ = false;
  while (true) {
    if (is_full()) {
      refused_ = true;
      return;
    }
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      refused_ = errno != EAGAIN;
      return;
    }
    Connection& connection = connections_[static_cast<std::size_t>(socket)] = {};
    ++clients_;
    if (reset_ && ends_at_accept(socket, connection)) continue;
    std::uint32_t events = relay_ != nullptr ? Relay::kEvents : EPOLLIN | EPOLLRDHUP;
    if (connection.waits_for_room) events |= EPOLLOUT;
    connection.watched = watch(epoll_, EPOLL_CTL_ADD, socket, events);
    if (!connection.watched) end(socket);
  }
}

// What came with the connection is read at once, as by a server that wants to be rid of it cheaply. False: more has to
// come first.
bool FloorServer::ends_at_accept(int socket, Connection& connection) {
  if (!is_done(connection) && receive(socket, connection, false) == Fate::Over) {
    end(socket);
    return true;
  }
  if (!is_done(connection)) return false;
  end_by_reset(socket);
  return true;
}

void FloorServer::on_event(int socket, std::uint32_t events) {
  Connection& connection = connections_[static_cast<std::size_t>(socket)];
  const bool client_ended = (events & EPOLLRDHUP) != 0;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 || (is_done(connection) && client_ended)) return end(socket);
  if ((events & EPOLLIN) != 0) {
    const Fate fate = receive(socket, connection, client_ended);
    if (fate == Fate::Relayed) return;
    if (fate == Fate::Over) return end(socket);
  } else if (!answer(socket, connection)) {
    return end(socket);
  }
  if (reset_ && is_done(connection)) return end_by_reset(socket);
  // The FIN came with the last bytes: no further edge will tell. With bytes left to send, EPOLLOUT will.
  if (client_ended && connection.unsent == 0) end(socket);
}

// One read takes all there is, unless it fills the buffer.
FloorServer::Fate FloorServer::receive(int socket, Connection& connection, bool client_ended) {
  while (true) {
    const ssize_t got = ::recv(socket, incoming_.data(), incoming_.size(), 0);
    if (got < 0) return errno == EAGAIN && answer(socket, connection) ? Fate::Lives : Fate::Over;
    // Bytes past the end of the pattern are taken and forgotten.
    if (connection.step < pattern_.count) connection.received += static_cast<std::uint32_t>(got);
    // No pattern is that long, and nobody sends requests without end before the answers are read.
    if (connection.received > kMaxStepBytes * kMaxSteps || !answer(socket, connection)) return Fate::Over;
    if (relay_ != nullptr && connection.step == pattern_.count) {
      return hand_over(socket, connection, {incoming_.data(), static_cast<std::size_t>(got)}, client_ended);
    }
    // At the end of the stream (0 bytes) the edge for EPOLLRDHUP is here or on its way.
    if (static_cast<std::size_t>(got) < incoming_.size()) return Fate::Lives;
  }
}

// What came behind the pattern is at the end of what was read last.
FloorServer::Fate FloorServer::hand_over(int socket, Connection& connection, std::span<const char> last_read,
                                         bool client_ended) {
  // A client that does not read the answers it has asked for is none that is measured.
  if (connection.unsent != 0 || connection.received > last_read.size()) return Fate::Over;
  const std::span<const char> early = last_read.last(connection.received);
  return relay_->begin(socket, early, client_ended) ? Fate::Relayed : Fate::Over;
}

// Sends what the bytes received so far entitle the client to. False when the connection is broken.
bool FloorServer::answer(int socket, Connection& connection) {
  if (connection.unsent != 0 && !send_rest(socket, connection)) return false;
  while (connection.unsent == 0 && connection.step < pattern_.count) {
    const Step& step = pattern_.steps[connection.step];
    if (connection.received < step.await) return true;
    connection.received -= step.await;
    connection.unsent = step.send;
    const bool again =
        connection.step + 1u == pattern_.count && (pattern_.times == 0 || ++connection.repeats < pattern_.times);
    if (!again) ++connection.step;
    if (connection.unsent != 0 && !send_rest(socket, connection)) return false;
  }
  return true;
}

bool FloorServer::send_rest(int socket, Connection& connection) {
  const ssize_t sent = ::send(socket, outgoing_.data(), connection.unsent, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return false;
  connection.unsent -= static_cast<std::uint32_t>(std::max<ssize_t>(sent, 0));
  if (connection.unsent == 0 || connection.waits_for_room) return true;
  connection.waits_for_room = true;
  if (!connection.watched) return true;
  return watch(epoll_, EPOLL_CTL_MOD, socket, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
}

void FloorServer::end_by_reset(int socket) {
  const struct linger now { .l_onoff = 1, .l_linger = 0 };
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  end(socket);
}

void FloorServer::end(int socket) {
  ::close(socket);
  --clients_;
  if (refused_) accept_all();
}

}  // namespace breakwater::floor
