#include "proxy/admin/admin_server.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace breakwater::proxy {
namespace {

std::uint64_t monotonic_ms() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// Without descriptors accept() fails again and again, and poll() would return at once.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

AdminServer::AdminServer(Descriptor listener, Callbacks callbacks)
    : listener_(std::move(listener)),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      callbacks_(std::move(callbacks)) {
  if (!stop_) throw std::system_error(errno, std::generic_category(), "starting the administration interface");
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "breakwater/adm");
}

AdminServer::~AdminServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

int AdminServer::milliseconds_to_wait(std::uint64_t now_ms) const noexcept {
  std::uint64_t until = next_tick_ms_;
  for (const auto& connection : connections_) until = std::min(until, connection->deadline_ms());
  return until <= now_ms ? 0 : static_cast<int>(until - now_ms);
}

void AdminServer::run() noexcept {
  next_tick_ms_ = monotonic_ms();
  for (;;) {
    try {
      std::vector<pollfd> events{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const auto& connection : connections_) events.push_back({connection->descriptor(), connection->events(), 0});
      ::poll(events.data(), events.size(), milliseconds_to_wait(monotonic_ms()));
      if (events[0].revents != 0) return;
      const std::uint64_t now = monotonic_ms();
      if (now >= next_tick_ms_) {
        next_tick_ms_ = std::max(next_tick_ms_ + kTickMs, now);  // in step, unless it has fallen behind
        callbacks_.tick();
      }
      std::erase_if(connections_, [&](const auto& connection) { return !connection->advance(now, callbacks_.answer); });
      if (events[1].revents != 0) accept_all(now);
    } catch (const std::exception& error) {  // no memory: those who wait go, the server stays
      connections_.clear();
      spdlog::warn("administration interface: {}", error.what());
      std::this_thread::sleep_for(kPause);
    }
  }
}

void AdminServer::accept_all(std::uint64_t now_ms) {
  for (std::size_t i = 0; i < kMaxConnections; ++i) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      const bool nobody = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
      if (!nobody) std::this_thread::sleep_for(kPause);
      return;
    }
    if (connections_.size() == kMaxConnections) connections_.erase(connections_.begin());
    connections_.push_back(std::make_unique<AdminConnection>(std::move(socket), now_ms));
  }
}

}  // namespace breakwater::proxy
