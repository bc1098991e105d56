#include "proxy/top/fetch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{3000};
constexpr std::size_t kMostBytes = 4 * 1024 * 1024;

// Waits for the socket; false with errno when the time is over.
bool wait_for(int socket, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd question{socket, events, 0};
    const int ready = left <= 0 ? 0 : ::poll(&question, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0) errno = ETIMEDOUT;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool connect_to(int socket, const SocketAddress& address, Clock::time_point until) {
  if (::connect(socket, &address.any, address.size) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(socket, POLLOUT, until)) return false;
  int result = 0;
  socklen_t size = sizeof result;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &result, &size);
  errno = result;
  return result == 0;
}

bool send_all(int socket, std::string_view bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EINTR && (errno != EAGAIN || !wait_for(socket, POLLOUT, until))) return false;
  }
  return true;
}

bool receive_all(int socket, std::string& bytes, Clock::time_point until) {
  std::array<char, 16 * 1024> part;
  for (;;) {
    const ssize_t got = ::recv(socket, part.data(), part.size(), 0);
    if (got == 0) return true;
    if (got > 0) bytes.append(part.data(), static_cast<std::size_t>(got));
    if (bytes.size() > kMostBytes) {
      errno = EMSGSIZE;
      return false;
    }
    if (got < 0 && errno != EINTR && (errno != EAGAIN || !wait_for(socket, POLLIN, until))) return false;
  }
}

}  // namespace

std::optional<std::string> fetch(const SocketAddress& address, const std::string& path, std::string& error) {
  const auto until = Clock::now() + kPatience;
  const Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, address.text());
  std::string answer;
  if (!socket || !connect_to(socket.get(), address, until) || !send_all(socket.get(), request, until) ||
      !receive_all(socket.get(), answer, until)) {
    error = std::strerror(errno);
    return std::nullopt;
  }
  const std::size_t head = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 200 ") || head == std::string::npos) {
    error = "this is not the administration interface of Breakwater";
    return std::nullopt;
  }
  return answer.substr(head + 4);
}

}  // namespace breakwater::proxy
