#include "proxy/admin/admin_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace breakwater::proxy {
namespace {

bool would_block() noexcept { return errno == EAGAIN || errno == EINTR; }

}  // namespace

short AdminConnection::events() const noexcept { return phase_ == Phase::Answer ? POLLOUT : POLLIN; }

bool AdminConnection::advance(std::uint64_t now_ms, const std::function<AdminAnswer(std::string_view path)>& answer) {
  if (phase_ == Phase::Request) read_request(answer);
  if (phase_ == Phase::Answer) send_answer(now_ms);
  if (phase_ == Phase::Linger) throw_away();
  return phase_ != Phase::Over && now_ms < deadline_ms_;
}

void AdminConnection::read_request(const std::function<AdminAnswer(std::string_view path)>& answer) {
  const ssize_t got = ::recv(socket_.get(), request_.data() + request_size_, request_.size() - request_size_, 0);
  if (got <= 0) {
    if (got == 0 || !would_block()) phase_ = Phase::Over;
    return;
  }
  request_size_ += static_cast<std::size_t>(got);
  const AdminRequest request = parse_admin_request({request_.data(), request_size_});
  if (request.status == 0) return;
  const bool good = request.status == 200;
  answer_ = encode(good ? answer(request.path) : error_answer(request.status), request.head);
  phase_ = Phase::Answer;
}

void AdminConnection::send_answer(std::uint64_t now_ms) noexcept {
  while (sent_ < answer_.size()) {
    const ssize_t sent = ::send(socket_.get(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (sent < 0) {
      if (!would_block()) phase_ = Phase::Over;
      return;
    }
    sent_ += static_cast<std::size_t>(sent);
  }
  ::shutdown(socket_.get(), SHUT_WR);
  phase_ = Phase::Linger;
  deadline_ms_ = std::min(deadline_ms_, now_ms + kLingerMs);
}

void AdminConnection::throw_away() noexcept {
  while (thrown_away_ < kMaxThrownAway) {
    const ssize_t got = ::recv(socket_.get(), request_.data(), request_.size(), 0);
    if (got < 0 && would_block()) return;
    if (got <= 0) break;
    thrown_away_ += static_cast<std::size_t>(got);
  }
  phase_ = Phase::Over;
}

}  // namespace breakwater::proxy
