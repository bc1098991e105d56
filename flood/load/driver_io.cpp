// A load's connections on the wire.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "flood/load/driver.h"

namespace breakwater::flood {
namespace {

constexpr std::uint32_t kInputEvents = EPOLLIN | EPOLLRDHUP;
constexpr std::uint32_t kEndEvents = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint64_t kSampleEvery = 32;
constexpr int kReadsInARow = 8;  // 2 MiB of one connection before others have their turn

Failure failure_of_connect(int error) noexcept {
  switch (error) {
    case ECONNREFUSED:
      return Failure::ConnectionRefused;
    case ETIMEDOUT:
      return Failure::ConnectTimeout;
    case EADDRNOTAVAIL:
      return Failure::OutOfPorts;
    case EMFILE:
    case ENFILE:
      return Failure::OutOfDescriptors;
    case ECONNRESET:
      return Failure::Reset;
    default:
      return Failure::ConnectFailed;
  }
}

}  // namespace

void Driver::start(std::uint64_t intended, bool counted) {
  Connection& connection = connections_[free_.back()];
  free_.pop_back();
  connection.stage = Stage::Connecting;
  connection.intended = intended;
  connection.counted = counted;
  connection.step = 0;
  connection.wants_output = connection.output_armed = connection.shut = false;
  connection.ending = connection.peer_ended = connection.broken = false;
  connection.sampled = connections_started_++ % kSampleEvery == 0;
  ++active_;
  if (counted) {
    ++tally_.started;
    ++items_started_;
    ++items_open_;
  }
  const bool watched = connection.spare >= 0;
  if (const int error = open_socket(connection); error != 0) return connect_failed(connection, error);
  arm_deadline(connection);
  behaviour_->begin(connection);
  // On loopback the connection is there already, and the first bytes can leave before anything is waited for.
  flush(connection);
  if (connection.stage == Stage::Free) return;
  if (connection.stage == Stage::Connecting) connection.wants_output = true;
  connection.output_armed = connection.wants_output;
  const std::uint32_t events = kInputEvents | (connection.wants_output ? EPOLLOUT : 0u);
  if (!watched) {
    if (!loop_.watch(connection, events)) connect_failed(connection, errno);
  } else if (connection.wants_output) {
    loop_.change(connection, events);
  }
}

// 0, or an errno.
int Driver::open_socket(Connection& connection) {
  connection.fd = std::exchange(connection.spare, -1);
  int result = 0;
  if (connection.fd >= 0) {
    result = connect_again(connection.fd, target_);
  } else {
    const auto source = behaviour_->source(connection);
    connection.source = source ? *source : sources_.next();
    result = connect_socket(target_, sources_.at(connection.source), no_delay_);
    if (result >= 0) connection.fd = result;
  }
  return result < 0 ? -result : 0;
}

void Driver::close_socket(Connection& connection, bool reset) {
  const int fd = std::exchange(connection.fd, -1);
  if (fd < 0) return;
  if (connection.sampled && connection.stage != Stage::Connecting) sample_tcp(fd, tally_.tcp);
  if (!reset) {
    close(fd);
  } else if (keeps_sockets_ && connection.stage != Stage::Connecting && disconnect_socket(fd)) {
    connection.spare = fd;
  } else {
    abort_socket(fd);
  }
}

void Driver::arm_deadline(Connection& connection) {
  deadlines_.push_back(connection.deadline, clock_now() + nanoseconds(load_.timeout_s));
}

void Driver::handle(Connection& connection, std::uint32_t events) {
  if (connection.stage == Stage::Free) return;
  if (connection.stage == Stage::Connecting && (events & (EPOLLHUP | EPOLLERR)) == 0) connected(connection);
  if (connection.stage == Stage::Free) return;
  if ((events & EPOLLOUT) != 0 && connection.wants_output && connection.stage != Stage::Connecting) flush(connection);
  if (connection.stage == Stage::Free) return;
  if ((events & kEndEvents) != 0 || connection.broken) connection.ending = true;
  if ((events & EPOLLIN) != 0 || connection.ending) read(connection);
}

void Driver::connected(Connection& connection) {
  connection.stage = Stage::Active;
  reach_.connected = true;
  back_off_.connected();
  behaviour_->connected(connection);
}

void Driver::connect_failed(Connection& connection, int error) {
  const std::uint64_t now = clock_now();
  const Failure failure = failure_of_connect(error);
  if (reach_.failures++ == 0) reach_.first_failure = now;
  reach_.error = error;
  fail(connection, failure);
  if (failure == Failure::OutOfDescriptors && active_ > 0) {
    back_off_.out_of_descriptors(now, active_);
  } else {
    back_off_.connect_failed(now);
  }
}

void Driver::arm_output(Connection& connection) {
  connection.wants_output = true;
  // Before start() has registered the socket, it is start() that asks for EPOLLOUT.
  if (connection.output_armed || connection.stage == Stage::Connecting) return;
  connection.output_armed = true;
  loop_.change(connection, kInputEvents | EPOLLOUT);
}

void Driver::flush(Connection& connection) {
  if (connection.broken) return;
  for (;;) {
    const ConstBytes output = behaviour_->output(connection);
    if (output.empty()) break;
    const ssize_t sent = send(connection.fd, output.data(), output.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return arm_output(connection);
      return send_failed(connection, errno);
    }
    if (connection.stage == Stage::Connecting) connected(connection);
    const auto size = static_cast<std::size_t>(sent);
    tally_.bytes_sent += size;
    behaviour_->sent(connection, size);
    if (connection.stage == Stage::Free) return;
    if (size < output.size()) return arm_output(connection);
  }
  connection.wants_output = false;
  if (connection.stage == Stage::Closing && !connection.shut) {
    shutdown(connection.fd, SHUT_WR);
    connection.shut = true;
  }
}

// The server may have said why before it went: that is read first, but not from here, where the loop's input may be in
// use.
void Driver::send_failed(Connection& connection, int error) {
  if (connection.stage == Stage::Connecting) return connect_failed(connection, error);
  connection.broken = true;
  connection.wants_output = false;
  loop_.read_again(connection);
}

void Driver::read(Connection& connection) {
  const MutableBytes input = loop_.input();
  for (int i = 0; i < kReadsInARow; ++i) {
    const std::size_t kept = connection.kept.size;
    const MutableBytes room = input.subspan(kept);
    const ssize_t got = recv(connection.fd, room.data(), room.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN && !connection.broken) return;
      if (connection.stage == Stage::Connecting) return connect_failed(connection, errno);
      return peer_ended(connection, true);
    }
    if (got == 0) return peer_ended(connection, connection.broken);
    const auto size = static_cast<std::size_t>(got);
    tally_.bytes_received += size;
    if (connection.stage == Stage::Connecting) connected(connection);
    copy_bytes(input.data(), connection.kept.view());
    consume(connection, input.first(kept + size));
    if (connection.stage == Stage::Free) return;
    // A read that was not filled has emptied the socket: the next edge comes with the next bytes.
    if (size < room.size() && !connection.ending) return;
  }
  loop_.read_again(connection);
}

void Driver::consume(Connection& connection, MutableBytes bytes) {
  std::size_t used = bytes.size();
  if (connection.stage == Stage::Active) used = behaviour_->input(connection, bytes);
  if (connection.stage == Stage::Free) return;
  if (connection.stage != Stage::Active) used = bytes.size();
  if (used != bytes.size() || connection.kept.size != 0) {
    loop_.record_buffers().keep(connection.kept, bytes.subspan(used));
  }
}

void Driver::peer_ended(Connection& connection, bool reset) {
  connection.peer_ended = true;
  if (connection.stage == Stage::Closing) return release(connection, reset);
  behaviour_->peer_ended(connection, reset);
}

void Driver::finish(Connection& connection) {
  if (load_.end == End::Abort || connection.broken) return release(connection, true);
  if (connection.peer_ended) return release(connection, false);
  start_closing(connection);
}

void Driver::start_closing(Connection& connection) {
  if (connection.stage == Stage::Held) --tally_.held;
  behaviour_->say_goodbye(connection);
  connection.stage = Stage::Closing;
  ++closing_;
  arm_deadline(connection);
  flush(connection);
}

void Driver::drop(Connection& connection) {
  if (connection.counted) {
    log(connection, Ending::Unfinished);
    ++tally_.unfinished;
    --items_open_;
    connection.counted = false;
  }
  release(connection, true);
}

void Driver::hold(Connection& connection) {
  connection.stage = Stage::Held;
  disarm_deadline(connection);
  give_back_client(connection);
  ++tally_.held;
  if (tally_.held > tally_.held_max) tally_.held_max = tally_.held;
}

void Driver::give_back_client(Connection& connection) {
  if (connection.client != nullptr) loop_.give_back_client(connection.client);
  connection.client = nullptr;
}

void Driver::release(Connection& connection, bool reset) {
  if (connection.stage == Stage::Held) --tally_.held;
  if (connection.stage == Stage::Closing) --closing_;
  close_socket(connection, reset);
  disarm_deadline(connection);
  TimedList::remove(connection.tick);
  give_back_client(connection);
  loop_.record_buffers().give_back(connection.kept);
  behaviour_->released(connection);
  connection.listed_again = false;
  connection.stage = Stage::Free;
  --active_;
  free_.push_back(connection.index);
}

}  // namespace breakwater::flood
