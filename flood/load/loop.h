// What all loads of a run share: the epoll instance, one input buffer, randomness, and the TLS clients and record
// buffers that connections borrow.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "flood/load/connection.h"
#include "flood/load/random.h"
#include "flood/load/record_buffers.h"

namespace breakwater::flood {

class Loop {
 public:
  Loop();  // throws std::system_error when the kernel gives no epoll instance
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Edge-triggered; the connection's address comes back with its events. False: no memory, or too many watches.
  bool watch(Connection& connection, std::uint32_t events) noexcept;
  void change(Connection& connection, std::uint32_t events) noexcept;

  // Waits at most so long (0: only looks), and hands each event to its driver. `began` is called with the time once it
  // is known that there are events. False: there were none.
  bool poll(std::uint64_t timeout_ns, const std::function<void(std::uint64_t now)>& began);

  // The connection has more to read than one turn allows: its driver's turn comes again with the next poll().
  void read_again(Connection& connection);
  bool has_more_to_read() const noexcept { return !again_.empty(); }

  Client* borrow_client();
  void give_back_client(Client* client) { free_clients_.push_back(client); }

  MutableBytes input() noexcept { return {input_.get(), kInputSize}; }
  RecordBuffers& record_buffers() noexcept { return record_buffers_; }
  Random& random() noexcept { return random_; }

  static constexpr std::size_t kInputSize = 256 * 1024;

 private:
  int wait(std::uint64_t timeout_ns) noexcept;

  int epoll_ = -1;
  std::array<epoll_event, 256> events_;
  std::unique_ptr<std::uint8_t[]> input_;
  std::vector<Connection*> again_;
  std::vector<Connection*> turn_;
  std::deque<Client> clients_;
  std::vector<Client*> free_clients_;
  RecordBuffers record_buffers_;
  Random random_;
};

}  // namespace breakwater::flood
