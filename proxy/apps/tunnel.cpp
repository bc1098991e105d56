#include "proxy/apps/tunnel.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "proxy/reactor/reset.h"

namespace breakwater::proxy {
namespace {

constexpr std::size_t kRecordsPerRead = 4;
constexpr std::string_view kBroken = "the backend broke the connection";

// glibc's own texts: they live as long as the process.
std::string_view error_text(int error) noexcept {
  const char* const text = ::strerrordesc_np(error);
  return text != nullptr ? text : "unknown error";
}

}  // namespace

void Tunnel::opened(Stream& stream, bool) noexcept {
  auto* const state = new (stream.state()) State;
  connect(stream, *state);
}

// Begins a connection to the address that is due.
void Tunnel::connect(Stream& stream, State& state) noexcept {
  const SocketAddress& address = addresses_[state.address];
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  state.descriptor = ::socket(address.family(), kType, 0);
  if (state.descriptor < 0 && (errno == EMFILE || errno == ENFILE) && stream.free_descriptor()) {
    state.descriptor = ::socket(address.family(), kType, 0);
  }
  if (state.descriptor < 0) return connect_failed(stream, state, errno);
  const int on = 1;
  ::setsockopt(state.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(state.descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::connect(state.descriptor, &address.any, address.size) != 0 && errno != EINPROGRESS) {
    return connect_failed(stream, state, errno);
  }
  state.connecting = true;
  stream.start_connect_timer();
  // A connection that is there already is announced by the first event, like any other.
  if (!stream.watch(state.descriptor)) connect_failed(stream, state, errno);
}

void Tunnel::connect_failed(Stream& stream, State& state, int error) noexcept {
  if (state.descriptor >= 0) ::close(state.descriptor);
  state.descriptor = -1;
  state.connecting = false;
  if (state.address + 1u < addresses_.size()) {
    ++state.address;
    return connect(stream, state);
  }
  stream.finish_output();  // nothing was begun, so nothing can look complete that is not
  fail(stream, state, "cannot connect to the backend", error);
}

// Without finish_output(): what the backend was saying must not look complete, and close_notify says that it is.
void Tunnel::fail(Stream& stream, State& state, std::string_view what, int error) noexcept {
  stream.note_failure(what, error_text(error));
  state.deaf = true;
  stream.abandon();
}

bool Tunnel::idle(Stream& stream) noexcept {
  State& state = state_of(stream);
  if (!state.connecting) {
    stream.abandon();  // likewise without finish_output()
    return false;
  }
  connect_failed(stream, state, ETIMEDOUT);
  return true;
}

void Tunnel::connected(Stream& stream, State& state) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(state.descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return connect_failed(stream, state, error);
  state.connecting = false;
  state.writable = true;
  stream.touch();
  shut_when_done(state);
}

void Tunnel::side_event(Stream& stream, std::uint32_t events) noexcept {
  State& state = state_of(stream);
  if (state.descriptor < 0) return;
  if (state.connecting) {
    // A socket just created reports a hang-up until connect() has begun; EPOLLOUT or EPOLLERR tell the outcome.
    if ((events & (EPOLLOUT | EPOLLERR)) == 0) return;
    connected(stream, state);
    if (state.descriptor < 0 || state.connecting) return;
  }
  if (state.output_over && (events & EPOLLERR) != 0) return stream.abandon();
  if ((events & EPOLLOUT) != 0) state.writable = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) state.hung_up = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) state.readable = true;
  pump(stream);
}

// From the backend towards the client: reads into rooms where the bytes are encrypted in place.
void Tunnel::pump(Stream& stream) noexcept {
  State& state = state_of(stream);
  if (!state.readable || state.output_over) return;
  std::array<std::span<std::uint8_t>, kRecordsPerRead> rooms;
  const std::size_t count = stream.lease(rooms);
  if (count == 0) return;
  std::array<iovec, kRecordsPerRead> list;
  std::size_t asked = 0;
  for (std::size_t i = 0; i < count; ++i) {
    list[i] = {rooms[i].data(), rooms[i].size()};
    asked += rooms[i].size();
  }
  ssize_t got;
  do {
    got = ::readv(state.descriptor, list.data(), static_cast<int>(count));
  } while (got < 0 && errno == EINTR);
  const int error = errno;
  stream.commit(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (got > 0) {
    stream.touch();
    if (static_cast<std::size_t>(got) < asked && !state.hung_up) {
      state.readable = false;
    } else {
      stream.want_output();
    }
    return;
  }
  state.readable = false;
  if (got < 0 && error == EAGAIN) return;
  if (got < 0) return fail(stream, state, kBroken, error);
  if (state.broken) return fail(stream, state, kBroken, ECONNRESET);
  state.output_over = true;
  stream.finish_output();
  if (state.deaf) stream.abandon();
}

// From the client towards the backend: sent from where it was decrypted.
std::size_t Tunnel::received(Stream& stream, std::span<const iovec> pieces) noexcept {
  State& state = state_of(stream);
  std::size_t offered = 0;
  for (const iovec& piece : pieces) offered += piece.iov_len;
  if (state.deaf) return offered;
  if (!state.writable) return 0;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  ssize_t sent;
  do {
    sent = ::sendmsg(state.descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN) sent = 0;
  if (sent < 0) {
    state.deaf = true;
    state.broken = errno != EPIPE;  // EPIPE: its end came before its reset; another error is reported only once
    if (state.output_over) stream.abandon();  // nothing can pass in either direction
    // It may have answered before it closed: what it said is still passed on.
    state.readable = state.hung_up = true;
    stream.want_output();
    return offered;
  }
  if (sent > 0) stream.touch();
  if (static_cast<std::size_t>(sent) < offered) state.writable = false;
  return static_cast<std::size_t>(sent);
}

void Tunnel::shut_when_done(State& state) noexcept {
  if (!state.input_over || state.shut || state.descriptor < 0 || state.connecting) return;
  state.shut = true;
  ::shutdown(state.descriptor, SHUT_WR);
}

void Tunnel::input_ended(Stream& stream) noexcept {
  State& state = state_of(stream);
  state.input_over = true;
  shut_when_done(state);
}

// The backend must not take a request that was cut for a complete one: closed() resets its connection.
void Tunnel::input_cut(Stream& stream) noexcept {
  stream.finish_output();
  stream.abandon();
}

void Tunnel::closed(Stream& stream, bool clean) noexcept {
  State& state = state_of(stream);
  if (state.descriptor < 0) return;
  if (!clean) reset_on_close(state.descriptor);
  ::close(state.descriptor);
  state.descriptor = -1;
}

}  // namespace breakwater::proxy
