// What an application sees of a connection: plaintext in, plaintext out, with credit; nothing of TLS.
//
// All calls of one connection come from the thread of its worker. Nothing here may block, throw or allocate.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace breakwater::proxy {

class Stream {
 public:
  // Rooms for plaintext to be sent. Fills `rooms` from the front and returns how many it gave. Fewer than asked for:
  // the credit is used up, and Application::writable() will be called when there is some again.
  // Followed by one commit() before anything else is called.
  virtual std::size_t lease(std::span<std::span<std::uint8_t>> rooms) noexcept = 0;

  // Sends the first `size` bytes of the leased rooms, taken in order; gives back the rest.
  virtual void commit(std::size_t size) noexcept = 0;

  // Asks for writable() in the next pass, or when there is credit again.
  virtual void want_output() noexcept = 0;

  // Nothing will be sent any more: tells the peer so, after what was committed. Input goes on.
  virtual void finish_output() noexcept = 0;

  // The connection is of no more use: closes it once what was committed has been sent. Input is thrown away.
  virtual void abandon() noexcept = 0;

  // There was progress: the idle timer starts again.
  virtual void touch() noexcept = 0;

  // Watches another descriptor on behalf of this connection, edge triggered: Application::side_event() is told.
  // False when the system refuses. Closing the descriptor ends it.
  virtual bool watch(int descriptor) noexcept = 0;

  // Closes some less valuable connection because descriptors have run out. False when there is none.
  virtual bool free_descriptor() noexcept = 0;

  // The application waits for a connection of its own: Application::idle() is called after connect_timeout, unless
  // touch() comes first.
  virtual void start_connect_timer() noexcept = 0;

  // A request has been answered, or its answer has begun: for statistics and the access log.
  virtual void note_request() noexcept = 0;

  // Counts a failure for the log, which sums them up. Both texts must live as long as the process.
  virtual void note_failure(std::string_view what, std::string_view detail) noexcept = 0;

  // Memory of the application for this connection, aligned for any pointer, uninitialised at opened().
  static constexpr std::size_t kStateSize = 96;
  virtual void* state() noexcept = 0;

 protected:
  ~Stream() = default;
};

class Application {
 public:
  virtual ~Application() = default;

  // The handshake is done. The first call for a connection. draining: the server is shutting down already.
  virtual void opened(Stream& stream, bool draining) noexcept = 0;

  // Plaintext has arrived; returns how many bytes were taken, from the front. What was not taken stays where it is and
  // is presented again after side_event() or writable(); nothing more is read from the peer until then.
  virtual std::size_t received(Stream& stream, std::span<const iovec> pieces) noexcept = 0;

  // The peer will send no more, and said so with close_notify. All plaintext has been taken.
  virtual void input_ended(Stream& stream) noexcept = 0;

  // The peer's TCP connection ended without close_notify: what arrived may have been cut short by an attacker.
  virtual void input_cut(Stream& stream) noexcept = 0;

  // There is credit.
  virtual void writable(Stream& stream) noexcept = 0;

  // epoll events of a descriptor given to Stream::watch().
  virtual void side_event(Stream& stream, std::uint32_t events) noexcept = 0;

  // The server is shutting down: end when what is under way is done.
  virtual void drain(Stream& stream) noexcept = 0;

  // The idle time is over. The connection is closed unless this returns true.
  virtual bool idle(Stream& stream) noexcept = 0;

  // The last call for a connection. clean: both sides ended it in order.
  virtual void closed(Stream& stream, bool clean) noexcept = 0;

  // About once a second. epoch_s: seconds since the Unix epoch.
  virtual void tick(std::uint64_t epoch_s) noexcept = 0;
};

}  // namespace breakwater::proxy
