// One client connection: its socket, its TLS connection, what waits to be processed or sent, and its application.
//
// A session is processed in passes. In each pass: events set flags (client_events, side_events), run() reads and
// feeds the TLS engine and the application, jobs_done() goes on after private-key work, and settle() sends everything
// that came out in one call and decides what the session waits for next.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <breakwater/breakwater.h>
#include "proxy/apps/application.h"
#include "proxy/connection/context.h"
#include "proxy/connection/input_queue.h"
#include "proxy/connection/output_queue.h"
#include "proxy/proxy_protocol/proxy_header.h"
#include "proxy/reactor/reset.h"

namespace breakwater::proxy {

enum class Phase : std::uint8_t {
  Handshake,
  Open,       // the application is at work
  Lingering,  // all is sent and our side is shut; what the peer still sends is thrown away for a while, because closing
              // with unread data would reset the connection and could destroy what we sent last
  Dead,       // descriptor closed; waits for the end of the pass to be recycled
};

class Session;

// What a session needs only while its application is at work: a half-open connection does not pay for it.
class OpenPart final : public Stream {
 public:
  OpenPart(Session& session, Service& chosen) noexcept : service(chosen), session_(session) { ++service.connections; }
  ~OpenPart() { --service.connections; }
  OpenPart(const OpenPart&) = delete;
  OpenPart& operator=(const OpenPart&) = delete;

  // Stream:
  std::size_t lease(std::span<std::span<std::uint8_t>> rooms) noexcept override;
  void commit(std::size_t size) noexcept override;
  void want_output() noexcept override { wants_output = true; }
  void finish_output() noexcept override;
  void abandon() noexcept override;
  void touch() noexcept override;
  bool watch(int descriptor) noexcept override;
  bool free_descriptor() noexcept override;
  void start_connect_timer() noexcept override;
  void note_request() noexcept override;
  void note_failure(std::string_view what, std::string_view detail) noexcept override;
  void* state() noexcept override { return state_.data(); }

  Application& application() noexcept { return *service.application; }

  Service& service;
  AccessRecord* record = nullptr;  // null: no access log
  std::uint32_t side_events = 0;
  std::uint32_t pending_size = 0;  // plaintext at the front of the input that the application has not taken,
  std::uint32_t pending_gap = 0;   // and bytes behind it that are done with
  bool wants_output = false;       // the application waits for credit
  bool connecting = false;         // the application waits for a connection of its own

 private:
  Session& session_;
  alignas(8) std::array<std::uint8_t, kStateSize> state_;
};

class Session final : public TimerHook, public ListHook<HolderTag>, public ListHook<PassTag> {
 public:
  Session(Context& context, Connection& tls, int descriptor, Inherited inherited, const guard::Client& client) noexcept;

  // Sets epoll's events for the client's socket or the watched descriptor.
  void client_events(std::uint32_t events) noexcept;
  void side_events(std::uint32_t events) noexcept;

  // Reads once and processes what there is.
  void run() noexcept;
  // Worker::run_some_jobs named this connection.
  void jobs_done() noexcept;

  // Its handshake comes in more or smaller pieces than an honest client's would.
  bool trickles() const noexcept {
    return phase_ == Phase::Handshake && !jobs_pending_ && context_->gate.trickles(client_);
  }

  // What settle() found the session to be waiting for.
  enum class Next : std::uint8_t { Events, Again, Chunks, Recycle };
  Next settle() noexcept;

  void start_drain() noexcept;
  void timed_out() noexcept;
  // Ends the handshake at once, with a reset: it is not worth its price.
  void refuse(guard::Reason reason) noexcept;
  // The connection is a front end's: a header that says who the client is comes before TLS. Right after it was made.
  void expect_header() noexcept;
  // The socket may have something to read, though epoll has not said so.
  void try_reading() noexcept { readable_ = true; }
  // Has epoll tell of the socket from now on, also of what has come before. settle() does so at the latest.
  void watch(std::uint32_t more_events = 0) noexcept;
  // Ends the connection at once. clean: in order, as both sides wanted.
  // why: what is said of a handshake that ends with it, unless something else was the matter before.
  void kill(bool clean, HandshakeEnd why = HandshakeEnd::Reset) noexcept;

  Phase phase() const noexcept { return phase_; }
  bool holds_chunks() const noexcept { return input_.holds_chunks() || !output_.empty(); }

  // Input kept without a chunk while the handshake runs: any Finished message, of TLS 1.3 with SHA-384 and a
  // ChangeCipherSpec before it (6 and 74 bytes). More is kept in a chunk.
  static constexpr std::size_t kMaxStash = 80;

 private:
  friend class OpenPart;

  // session_input.cpp
  bool can_read() const noexcept;
  void read_once() noexcept;
  void take_header() noexcept;
  void meet_client() noexcept;
  void digest() noexcept;
  bool deliver(std::span<const ByteRange> ranges, std::size_t boundary) noexcept;
  bool offer_pending() noexcept;
  bool has_pending() const noexcept { return open_ != nullptr && open_->pending_size != 0; }
  void end_input() noexcept;
  void peer_fin() noexcept;
  void client_left() noexcept;
  // The client has ended its side before it had an answer, so it cannot finish the handshake, whatever it has sent:
  // nothing needs to be computed for it. What it is depends on its header, which is read in any case.
  bool leaves_unanswered() const noexcept {
    return phase_ == Phase::Handshake && hung_up_ && !answered_ && !header_due_;
  }
  void throw_away() noexcept;
  void stash_input() noexcept;
  bool unstash_input() noexcept;

  // session_output.cpp
  bool attach(Chunk* chunk, bool fresh, const Output& output) noexcept;
  Chunk* output_chunk(std::size_t room, bool& fresh) noexcept;
  Chunk* output_chunk_or_kill(std::size_t room, bool& fresh) noexcept;
  void flush_others() noexcept;
  void kill_for_want_of_chunks() noexcept;
  std::size_t credit() const noexcept;
  void finish_output() noexcept;
  bool closes_when_sent() const noexcept;
  void flush(bool close_follows = false) noexcept;
  void watch_output() noexcept;
  void linger() noexcept;

  // session.cpp
  void reset_when_closed() noexcept;
  void end_in_order() noexcept;
  enum class Step : std::uint8_t { Continue, Stop };
  Step handle(const Result& result) noexcept;
  void established() noexcept;
  void failed() noexcept;
  void handshake_over(HandshakeEnd why) noexcept;
  guard::End guard_end(HandshakeEnd why) const noexcept;
  void close_application(bool clean) noexcept;
  void forget_relayed() noexcept;
  void abandon() noexcept;
  DeadlineList<Session>& timer() noexcept;
  void start_timer() noexcept;
  void renew_timer() noexcept;
  void hold_or_release() noexcept;

  Phase phase_ : 2 = Phase::Handshake;
  bool readable_ : 1 = false;        // the socket may have more to read
  bool hung_up_ : 1 = false;         // the peer's FIN is in the socket: read until the end
  bool fin_ : 1 = false;             // and has been read
  bool broken_ : 1 = false;          // epoll reported an error on the socket
  bool writable_ : 1 = true;         // the socket may take more
  bool watched_ : 1 = false;         // epoll knows the socket
  bool output_watched_ : 1 = false;  // epoll tells when it can again
  bool jobs_pending_ : 1 = false;
  bool starved_ : 1 = false;          // could not get a chunk
  bool input_over_ : 1 = false;       // close_notify seen
  bool input_over_told_ : 1 = false;  // and the application knows
  bool finished_ : 1 = false;         // close_notify is sent or queued
  bool abandoned_ : 1 = false;
  bool shut_ : 1 = false;    // shutdown(SHUT_WR) was called
  bool flight_ : 1 = false;  // output_ holds output of the handshake
  bool flight_counted_ : 1 = false;
  bool progress_ : 1 = false;    // bytes moved since the last settle()
  bool answered_ : 1 = false;    // something of the handshake was written
  bool worked_ : 1 = false;      // and it took jobs
  bool header_due_ : 1 = false;  // a front end has not said yet who the client is
  Inherited inherited_ : 2;      // from the listener, unless the socket has been told itself
  bool own_ : 1 = false;         // it is the front end itself, to look whether we are there
  std::uint8_t stash_size_ : 7 = 0;
  int descriptor_;
  guard::Client client_;
  Context* context_;
  Connection* tls_;
  OpenPart* open_ = nullptr;          // from HandshakeDone on, until lingering
  SocketAddress* relayed_ = nullptr;  // what a front end says of the client, until HandshakeDone; else null
  InputQueue input_;
  OutputQueue output_;
  // Both are the low halves of clocks: what counts are differences, of less than 49 days and 71 minutes.
  std::uint32_t holding_since_;  // when it was accepted; once open, when it last made progress while holding chunks; ms
  std::uint32_t jobs_since_ = 0;  // when it began to wait for jobs; microseconds
  union {
    ProxyHeaderParser header_;                   // Handshake, while header_due_
    std::array<std::uint8_t, kMaxStash> stash_;  // Handshake
    std::uint8_t patience_;      // Open: how many more times its timer is started when it expires; see start_timer()
    std::uint32_t thrown_away_;  // Lingering: bytes read so far
  };

 public:
  guard::Client& client() noexcept { return client_; }
  // Milliseconds since it last made progress while holding chunks. Half-open connections are judged by their age.
  std::uint32_t held_for(std::uint64_t now_ms) const noexcept {
    return static_cast<std::uint32_t>(now_ms) - holding_since_;
  }
};

}  // namespace breakwater::proxy
