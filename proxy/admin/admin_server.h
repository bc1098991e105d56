// A small HTTP server for people and programs on this machine, on a thread of its own. Whatever its clients do, it
// holds kMaxConnections of them at most, each for kPatienceMs at most, and none keeps another waiting.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "proxy/admin/admin_connection.h"
#include "proxy/admin/admin_response.h"
#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {

class AdminServer {
 public:
  // When one more comes, the one that has been there for the longest time goes.
  static constexpr std::size_t kMaxConnections = 16;
  static constexpr std::uint64_t kTickMs = 1000;

  struct Callbacks {
    std::function<AdminAnswer(std::string_view path)> answer;
    std::function<void()> tick;  // once a second
  };

  // listener: not blocking. Both callbacks are called on the server's thread only. Throws std::system_error when the
  // system has no descriptor or thread for it.
  AdminServer(Descriptor listener, Callbacks callbacks);
  ~AdminServer();  // closes what is open, and returns when the thread has ended
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

 private:
  void run() noexcept;
  void accept_all(std::uint64_t now_ms);
  int milliseconds_to_wait(std::uint64_t now_ms) const noexcept;

  Descriptor listener_;
  Descriptor stop_;
  Callbacks callbacks_;
  std::vector<std::unique_ptr<AdminConnection>> connections_;  // the oldest first
  std::uint64_t next_tick_ms_ = 0;
  std::thread thread_;
};

}  // namespace breakwater::proxy
