// What a proxy cannot avoid, and nothing else: bytes are copied between a client and a plain service, as they come.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace breakwater::floor {

// Pairs of a client's socket and one to the service, edge-triggered in an epoll instance that belongs to the caller.
// All memory is set aside from the start: a chunk is lent to a socket while bytes read from it wait for room in the
// other's buffer. The end of one direction is passed on (half-closed); a broken one ends both.
class Relay {
 public:
  static constexpr std::size_t kMaxClients = 256;

  Relay(int epoll, const sockaddr_storage& backend, socklen_t backend_size);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Takes over a client whose socket is in the epoll instance with kEvents, and what was read from it already (at most
  // a chunk). client_ended: its end was announced, and no further event will tell of it. False: it could not be, and
  // the caller closes it.
  bool begin(int client, std::span<const char> early, bool client_ended);
  bool owns(int socket) const noexcept;
  // Nothing is closed before end_of_turn(), so that no number of a socket is used again while events for it are left.
  void on_event(int socket, std::uint32_t events);
  // Behind each batch of events. Returns how many clients are gone.
  std::size_t end_of_turn();
  bool has_more() const noexcept { return !again_.empty(); }  // then epoll must not wait

  static const std::uint32_t kEvents;

 private:
  // One socket; what it sends flows to its peer.
  struct Side {
    int peer = -1;  // -1: not ours
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  // of what its chunk holds
    char* chunk = nullptr;
    bool is_client = false;
    bool readable = false;  // there may be more to read
    bool hung_up = false;   // the end is to be read behind the last bytes
    bool ended = false;     // and has been
    bool passed_on = false;
    bool listed = false;  // in again_
    bool doomed = false;  // in doomed_
  };

  Side& side(int socket) noexcept { return sides_[static_cast<std::size_t>(socket)]; }
  int connect_to_backend();
  bool pump(int from);  // false: the pair is broken
  bool send_chunk(Side& side);
  void give_back(Side& side);
  void doom(int socket);

  const int epoll_;
  const sockaddr_storage backend_;
  const socklen_t backend_size_;
  std::unique_ptr<char[]> memory_;
  std::vector<char*> chunks_;  // that nobody has; the one used last is lent first
  std::vector<Side> sides_;    // by descriptor
  std::vector<int> again_;     // had more to read than their share of a turn
  std::vector<int> turn_;
  std::vector<int> doomed_;
};

}  // namespace breakwater::floor
