// Passes bytes unchanged between a client and a backend, both ways, with backpressure and half-close kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/apps/application.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

class Tunnel final : public Application {
 public:
  // addresses: at least one; a connection tries them in order until one answers.
  explicit Tunnel(std::vector<SocketAddress> addresses) : addresses_(std::move(addresses)) {}

  void opened(Stream& stream, bool draining) noexcept override;
  std::size_t received(Stream& stream, std::span<const iovec> pieces) noexcept override;
  void input_ended(Stream& stream) noexcept override;
  void input_cut(Stream& stream) noexcept override;
  void writable(Stream& stream) noexcept override { pump(stream); }
  void side_event(Stream& stream, std::uint32_t events) noexcept override;
  void drain(Stream&) noexcept override {}  // runs until both sides have ended, or the drain timeout
  bool idle(Stream& stream) noexcept override;
  void closed(Stream& stream, bool clean) noexcept override;
  void tick(std::uint64_t) noexcept override {}

 private:
  // One connection.
  struct State {
    int descriptor = -1;
    std::uint16_t address = 0;  // index of the one being tried or in use
    bool connecting = false;
    bool readable = false;
    bool hung_up = false;  // the backend's FIN has been announced: read until the end
    bool writable = false;
    bool input_over = false;   // the client has ended its side
    bool shut = false;         // and the backend has been told
    bool deaf = false;         // the backend takes no more; what the client sends is dropped
    bool output_over = false;  // the backend has ended its side
    bool broken = false;       // the backend has reset the connection: an end that follows is none
  };
  static_assert(sizeof(State) <= Stream::kStateSize);

  static State& state_of(Stream& stream) noexcept { return *static_cast<State*>(stream.state()); }
  void connect(Stream& stream, State& state) noexcept;
  void connect_failed(Stream& stream, State& state, int error) noexcept;
  void connected(Stream& stream, State& state) noexcept;
  void pump(Stream& stream) noexcept;
  void fail(Stream& stream, State& state, std::string_view what, int error) noexcept;
  void shut_when_done(State& state) noexcept;

  std::vector<SocketAddress> addresses_;
};

}  // namespace breakwater::proxy
