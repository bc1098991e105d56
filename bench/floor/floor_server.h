// A TCP server that does what a TLS server does on the wire, and nothing else: what it costs is what no TLS server can
// go below. For each connection it awaits and sends the numbers of bytes the pattern says, then waits for the client to
// end, or passes bytes between it and a service, as a proxy does.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/floor/options.h"
#include "bench/floor/relay.h"

namespace breakwater::floor {

// One thread, edge-triggered. State is an array indexed by descriptor, made once: nothing is allocated for a
// connection.
class FloorServer {
 public:
  // Takes over `listener` (listening, non-blocking). `most_descriptors`: every descriptor is below this number.
  FloorServer(int listener, const Options& options, std::size_t most_descriptors);
  ~FloorServer();
  FloorServer(const FloorServer&) = delete;
  FloorServer& operator=(const FloorServer&) = delete;

  // Serves until a signal handler has set `stop`. `while_waiting` is the signal mask while nothing is to be done.
  // False when the kernel refuses epoll; errno says why.
  bool run(const volatile std::sig_atomic_t& stop, const sigset_t& while_waiting);

 private:
  struct Connection {
    std::uint8_t step = 0;        // of the pattern; its length when all is done, which without one is at once
    std::uint32_t received = 0;   // bytes of this step, and whatever came early of the next ones
    std::uint32_t unsent = 0;     // what the socket's buffer had no room for
    std::uint32_t repeats = 0;    // the last step was done so often, if that is bounded
    bool waits_for_room = false;  // EPOLLOUT is asked for
    bool watched = false;         // in the epoll instance
  };

  void accept_all();
  bool ends_at_accept(int socket, Connection& connection);
  void on_event(int socket, std::uint32_t events);
  // What has become of a connection.
  enum class Fate : std::uint8_t { Lives, Over, Relayed };
  Fate receive(int socket, Connection& connection, bool client_ended);
  bool answer(int socket, Connection& connection);
  bool send_rest(int socket, Connection& connection);
  Fate hand_over(int socket, Connection& connection, std::span<const char> last_read, bool client_ended);
  bool is_full() const noexcept { return relay_ != nullptr && clients_ >= Relay::kMaxClients; }
  bool is_done(const Connection& connection) const noexcept {
    return connection.step == pattern_.count && connection.unsent == 0;
  }
  void end(int socket);
  void end_by_reset(int socket);

  const Pattern pattern_;
  const bool reset_;
  const int listener_;
  const int epoll_;
  bool refused_ = false;  // clients wait, and the edge for them is spent: the next end must try again
  std::size_t clients_ = 0;
  std::unique_ptr<Relay> relay_;  // null without a service
  std::vector<Connection> connections_;
  std::vector<char> incoming_;
  const std::vector<char> outgoing_;
};

}  // namespace breakwater::floor
