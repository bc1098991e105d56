// Session: from the application through the TLS engine to the socket.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "proxy/connection/session.h"

namespace breakwater::proxy {

// A chunk with `room` free bytes for engine output: the last of the queue, else an empty one.
Chunk* Session::output_chunk(std::size_t room, bool& fresh) noexcept {
  Chunk* const tail = output_.open_tail(room);
  fresh = tail == nullptr;
  if (tail != nullptr) return tail;
  if (context_->spare == nullptr) context_->spare = context_->pool.lease_reserved();
  return context_->spare;
}

// The same for output that there must be room for: null, with the connection closed, when there is none.
Chunk* Session::output_chunk_or_kill(std::size_t room, bool& fresh) noexcept {
  Chunk* chunk = output_chunk(room, fresh);
  if (chunk != nullptr) return chunk;
  flush_others();
  chunk = output_chunk(room, fresh);
  if (chunk == nullptr) kill_for_want_of_chunks();
  return chunk;
}

// When chunks run out because much of what this pass brought is complete but would go out at its end, it goes now.
void Session::flush_others() noexcept {
  context_->settling.for_each([this](Session& other) {
    if (&other != this) other.flush();
  });
}

void Session::kill_for_want_of_chunks() noexcept {
  context_->failures.note("no buffer was free", {});
  kill(false, HandshakeEnd::NoMemory);
}

// Takes up what the engine wrote into the chunk. True when it wrote anything.
bool Session::attach(Chunk* chunk, bool fresh, const Output& output) noexcept {
  if (output.size == chunk->end) return false;
  chunk->end = static_cast<std::uint32_t>(output.size);
  if (fresh) {
    context_->spare = nullptr;
    output_.push(chunk);
  }
  return true;
}

std::size_t Session::credit() const noexcept {
  if (finished_ || abandoned_ || phase_ != Phase::Open) return 0;
  return kMaxQueuedChunks - std::min(kMaxQueuedChunks, output_.chunks());
}

void Session::finish_output() noexcept {
  if (finished_ || phase_ != Phase::Open) return;
  finished_ = true;
  if (!open_->connecting) start_timer();
  bool fresh = false;
  Chunk* const chunk = output_chunk(kMinOutput, fresh);
  if (chunk == nullptr) return;  // without it the peer sees a cut; there is no memory for more
  Output output{chunk->whole(), chunk->end};
  tls_->close(output);
  attach(chunk, fresh, output);
}

void Session::watch(std::uint32_t more_events) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | more_events;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(this) | static_cast<std::uintptr_t>(EventTag::Client);
  const int operation = watched_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  watched_ = epoll_ctl(context_->epoll, operation, descriptor_, &event) == 0;
  if (!watched_) kill(false, HandshakeEnd::NoMemory);
}

// Most connections never fill their socket, so they are not watched for output from the beginning.
void Session::watch_output() noexcept {
  writable_ = false;
  if (output_watched_) return;
  output_watched_ = true;
  watch(EPOLLOUT);
}

// Whether the connection is closed as soon as all is sent: both sides have ended (or this one has given up), and
// nothing of the peer's is left to read. With bytes unread close() would send a reset, which takes from the peer what
// he has not read yet.
bool Session::closes_when_sent() const noexcept {
  const bool ended = (finished_ || abandoned_) && phase_ != Phase::Lingering && (abandoned_ || input_over_told_);
  return ended && (fin_ || (input_over_told_ && !readable_));
}

// Sends what is queued, all of it in one call as long as the socket takes it.
// close_follows: the last segment waits for the FIN and takes it along.
void Session::flush(bool close_follows) noexcept {
  if (flight_ && !flight_counted_ && !output_.empty()) {
    flight_counted_ = true;
    context_->counters.flights.add();
  }
  if (!output_.empty()) end_in_order();
  while (!output_.empty() && writable_) {
    std::array<iovec, kMaxQueuedChunks + 3> list;
    msghdr message{};
    message.msg_iov = list.data();
    message.msg_iovlen = output_.gather(list);
    std::size_t asked = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) asked += list[i].iov_len;
    context_->counters.sends.add();  // before the call: who has got the bytes finds them counted
    if (flight_) context_->counters.flight_sends.add();
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (close_follows ? MSG_MORE : 0);
    const ssize_t sent = message.msg_iovlen == 1 ? ::send(descriptor_, list[0].iov_base, asked, flags)
                                                 : ::sendmsg(descriptor_, &message, flags);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return kill(false);
      return watch_output();
    }
    output_.sent(static_cast<std::size_t>(sent), context_->pool);
    renew_timer();
    if (static_cast<std::size_t>(sent) < asked) return watch_output();
  }
  if (output_.empty()) flight_ = flight_counted_ = false;
}

// All is sent and shut; what comes from the peer now is thrown away until he ends too, or the time is over.
void Session::linger() noexcept {
  input_.clear(context_->pool);
  if (phase_ == Phase::Handshake) handshake_over(HandshakeEnd::Internal);
  close_application(!abandoned_);
  phase_ = Phase::Lingering;
  starved_ = false;  // nothing that follows needs a chunk
  thrown_away_ = 0;
  context_->lingering.arm(*this, context_->now_ms);
}

Session::Next Session::settle() noexcept {
  if (phase_ == Phase::Dead) return Next::Recycle;
  flush(closes_when_sent());
  if (phase_ == Phase::Dead) return Next::Recycle;
  if (output_.empty() && (finished_ || abandoned_)) {
    if (closes_when_sent()) {
      shut_ = true;
      kill(!abandoned_);
      return Next::Recycle;
    }
    if (!shut_) {
      shut_ = true;
      ::shutdown(descriptor_, SHUT_WR);
    }
    if (phase_ != Phase::Lingering && (abandoned_ || input_over_told_)) linger();
  }
  if (!watched_) watch();
  if (phase_ == Phase::Dead) return Next::Recycle;
  hold_or_release();
  if (starved_) return Next::Chunks;
  if (phase_ == Phase::Lingering) return readable_ ? Next::Again : Next::Events;
  const bool application_waits =
      open_ != nullptr && !abandoned_ && (open_->side_events != 0 || (open_->wants_output && credit() > 0));
  return can_read() || application_waits ? Next::Again : Next::Events;
}

}  // namespace breakwater::proxy
