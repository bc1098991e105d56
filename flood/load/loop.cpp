#include "flood/load/loop.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "flood/load/clock.h"
#include "flood/load/driver.h"

namespace breakwater::flood {

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), input_(std::make_unique<std::uint8_t[]>(kInputSize)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Loop::~Loop() { close(epoll_); }

bool Loop::watch(Connection& connection, std::uint32_t events) noexcept {
  epoll_event event = {};
  event.events = events | EPOLLET;
  event.data.ptr = &connection;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) == 0;
}

void Loop::change(Connection& connection, std::uint32_t events) noexcept {
  epoll_event event = {};
  event.events = events | EPOLLET;
  event.data.ptr = &connection;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

int Loop::wait(std::uint64_t timeout_ns) noexcept {
  const int room = static_cast<int>(events_.size());
  if (timeout_ns == 0) return epoll_wait(epoll_, events_.data(), room, 0);
  const timespec timeout = {static_cast<time_t>(timeout_ns / kSecond), static_cast<long>(timeout_ns % kSecond)};
  const int count = epoll_pwait2(epoll_, events_.data(), room, &timeout, nullptr);
  if (count >= 0 || errno != ENOSYS) return count;
  // A kernel before 5.11: whole milliseconds.
  return epoll_wait(epoll_, events_.data(), room, static_cast<int>((timeout_ns + kMillisecond - 1) / kMillisecond));
}

bool Loop::poll(std::uint64_t timeout_ns, const std::function<void(std::uint64_t now)>& began) {
  const int count = wait(again_.empty() ? timeout_ns : 0);
  if (count <= 0 && again_.empty()) return false;
  began(clock_now());
  // Those that still had something come behind the events, which may have ended some of them. A connection is used
  // again only after poll() (Driver::advance()), so an event never meets another connection than its own.
  turn_.swap(again_);
  for (int i = 0; i < count; ++i) {
    auto& connection = *static_cast<Connection*>(events_[static_cast<std::size_t>(i)].data.ptr);
    connection.driver->handle(connection, events_[static_cast<std::size_t>(i)].events);
  }
  for (Connection* connection : turn_) {
    if (!connection->listed_again) continue;  // it ended, or was read above
    connection->listed_again = false;
    connection->driver->handle(*connection, EPOLLIN);
  }
  turn_.clear();
  return true;
}

void Loop::read_again(Connection& connection) {
  if (connection.listed_again) return;
  connection.listed_again = true;
  again_.push_back(&connection);
}

Client* Loop::borrow_client() {
  if (free_clients_.empty()) return &clients_.emplace_back();
  Client* client = free_clients_.back();
  free_clients_.pop_back();
  return client;
}

}  // namespace breakwater::flood
