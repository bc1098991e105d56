// One client of the administration interface: one request, one answer.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "proxy/admin/admin_request.h"
#include "proxy/admin/admin_response.h"
#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {

class AdminConnection {
 public:
  static constexpr std::uint64_t kPatienceMs = 5000;  // from accept to the end of the answer
  static constexpr std::uint64_t kLingerMs = 1000;    // for what the client still sends
  static constexpr std::size_t kMaxThrownAway = 64 * 1024;

  // socket: not blocking.
  AdminConnection(Descriptor socket, std::uint64_t now_ms) noexcept
      : socket_(std::move(socket)), deadline_ms_(now_ms + kPatienceMs) {}

  int descriptor() const noexcept { return socket_.get(); }
  short events() const noexcept;  // for poll()
  std::uint64_t deadline_ms() const noexcept { return deadline_ms_; }

  // Does what can be done without waiting. False: it is over.
  bool advance(std::uint64_t now_ms, const std::function<AdminAnswer(std::string_view path)>& answer);

 private:
  enum class Phase : std::uint8_t {
    Request,
    Answer,
    Linger,  // the answer is sent and our side shut: closing with unread data would reset the connection and could
             // destroy the answer
    Over,
  };

  void read_request(const std::function<AdminAnswer(std::string_view path)>& answer);
  void send_answer(std::uint64_t now_ms) noexcept;
  void throw_away() noexcept;

  Descriptor socket_;
  Phase phase_ = Phase::Request;
  std::uint64_t deadline_ms_;
  std::size_t thrown_away_ = 0;
  std::size_t request_size_ = 0;
  std::array<char, kMaxAdminRequest> request_;
  std::string answer_;
  std::size_t sent_ = 0;
};

}  // namespace breakwater::proxy
