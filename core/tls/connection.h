// One server-side TLS connection, without I/O: bytes and job results go in; bytes, jobs and plaintext come out.
//
// The host owns all memory. A Connection is small and lives as long as the TCP connection; a Handshake is larger and
// is needed from start() until handshake_done() (release_handshake() gives it back). Neither may move while in use.
//
//   Connection connection; connection.start(worker, handshake);
//   result = connection.receive(worker, now, input, output);
//     WantJobs        -> run connection.jobs(room), then connection.resume(worker, now, output); where there are many,
//                        Connection::derive_keys() before they are resumed saves time
//     WantInput       -> bytes from result.consumed on are kept and presented again with what arrives next
//     HandshakeDone   -> negotiated() is final; go on with the rest of the input
//     Plaintext       -> input[plaintext_offset, +plaintext_size) was decrypted in place; go on with the rest
//     PeerClosed      -> close_notify received
//     Failed          -> error() says why; an alert for the peer may be in output
// After every call, output holds what must be sent, if anything, in one piece.
// A protected record may lie in at most kMaxRecordPieces pieces of input (core/tls/scatter.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/batch/job.h"
#include "core/batch/key_pair_stock.h"
#include "core/port/aead.h"
#include "core/port/bytes.h"
#include "core/port/entropy.h"
#include "core/tls/config.h"
#include "core/tls/connection_state.h"
#include "core/tls/error.h"
#include "core/tls/hmac.h"
#include "core/tls/judge.h"
#include "core/tls/negotiated.h"
#include "core/tls/registry.h"
#include "core/tls/ticket_keys.h"
#include "core/tls/traffic_keys.h"

namespace breakwater::tls {

class Handshake;

// Milliseconds since the Unix epoch, as the host's clock tells: ticket ages and lifetimes are measured with it.
using Milliseconds = std::uint64_t;

// What one thread brings to every call.
struct Worker {
  const TicketKeyRing* ticket_keys = nullptr;  // null or empty: no tickets and no HelloRetryRequest cookies of ours
  Entropy entropy{};
  ExpandedKeys* keys = nullptr;  // scratch for expanded AEAD keys, shared by all connections of a thread
  // Key pairs made ahead; null: none. A handshake that finds one of its group here does without the first stage of
  // jobs.
  batch::KeyPairStock* stock = nullptr;
  HashLanes hash_lanes{};
  Judge judge{};
};

enum class Event : std::uint8_t { WantInput, WantJobs, HandshakeDone, Plaintext, PeerClosed, Failed };

struct Result {
  Event event = Event::WantInput;
  std::size_t consumed = 0;          // bytes of the input that are done with; includes the plaintext reported here
  std::size_t plaintext_offset = 0;  // Plaintext: where in the input it lies (may cross pieces)
  std::size_t plaintext_size = 0;
};

// Room for what the engine sends. The host provides storage; calls append at `size`.
struct Output {
  MutableBytes storage;
  std::size_t size = 0;

  std::size_t room() const noexcept { return storage.size() - size; }
  MutableBytes free_space() const noexcept { return storage.subspan(size); }
};

inline constexpr std::size_t kHeadRoom = 40;    // before a payload given to seal(): header, nonce, a KeyUpdate record
inline constexpr std::size_t kTailRoom = 17;    // behind it: content type, tag
inline constexpr std::size_t kMinOutput = 512;  // free bytes in output for any call once the handshake is done

// Bytes of output that any flight of this configuration fits in.
std::size_t max_flight_size(const Configuration& configuration) noexcept;

class Connection {
 public:
  Connection() noexcept = default;
  Connection(const Connection&) = delete;  // two with one key would use a nonce twice
  Connection& operator=(const Connection&) = delete;

  // Begins a connection. configuration and handshake outlive it (the handshake until released).
  void start(const Configuration& configuration, Handshake& handshake) noexcept;

  // Takes input, decrypting in place. Stops at the first event. input pieces may be cut anywhere.
  // output needs max_flight_size() bytes of room before the handshake is done, kMinOutput after.
  Result receive(Worker& worker, Milliseconds now, std::span<const MutableBytes> input, Output& output) noexcept;

  // Jobs to run while WantJobs; each is Pending until run. A connection that waits keeps no room for a signature (up to
  // batch::kMaxSignatureSize bytes): whoever runs the jobs gives it here, and leaves it untouched until resume() is
  // back.
  std::span<batch::Job> jobs(MutableBytes signature_room) noexcept;

  // Takes up the handshake after every pending job has run. WantInput here means: call receive() with the input that
  // was kept, if there is any (a client may have sent its next messages together).
  Result resume(Worker& worker, Milliseconds now, Output& output) noexcept;

  struct Sealed {
    std::size_t offset = 0;  // where in the buffer the bytes to send begin
    std::size_t size = 0;    // 0: failed, error() says why
  };
  // Encrypts buffer[payload_offset, +payload_size) in place as one application-data record. At least kHeadRoom bytes
  // before and kTailRoom after the payload are ours to write. payload_size <= max_payload(). A KeyUpdate that is due
  // goes in front, into the head room (RFC 8446 5.5).
  Sealed seal(Worker& worker, MutableBytes buffer, std::size_t payload_offset, std::size_t payload_size) noexcept;

  // Appends close_notify; nothing may be sealed afterwards. Before the handshake is done this ends the connection.
  void close(Worker& worker, Output& output) noexcept;

  // Of connections whose jobs have run, before each is resumed: derives their keys together, in lanes. It may be left
  // out, and connections that it does not concern are passed over; resume() then does it for one at a time.
  static void derive_keys(Worker& worker, std::span<Connection* const> connections) noexcept;

  bool handshake_done() const noexcept;
  // Whether our first flight after the hello has been written (a HelloRetryRequest is none).
  bool has_answered() const noexcept;
  // Gives the Handshake back once the handshake is done or has failed; null when already given back. It is wiped.
  Handshake* release_handshake() noexcept;

  std::size_t max_payload() const noexcept;  // per record: 16,384 or what the peer's record_size_limit allows
  const Negotiated& negotiated() const noexcept;
  std::string_view server_name() const noexcept;  // lower case, empty when none; until release_handshake()
  const Error& error() const noexcept;
  bool failed() const noexcept;

  // Wipes secrets. Call at the end of the connection's life (the Handshake, if still held, is wiped too).
  void finish(Worker& worker) noexcept;

 private:
  ConnectionState state_;
};

}  // namespace breakwater::tls
