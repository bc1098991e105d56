// Breakwater: a TLS 1.2 and 1.3 server engine without I/O.
//
// You own the sockets and the buffers; Breakwater turns received bytes into plaintext and plaintext into bytes to send.
//
//   Server    certificates and settings; immutable once built; shared by all threads
//   Worker    what one thread needs: connections, their memory, the queue of private-key jobs
//   Connection one TLS connection of one worker
//
// The loop of a thread:
//
//   auto [server, error] = breakwater::Server::build(options);
//   breakwater::Worker worker(server);
//   breakwater::Connection* c = worker.open();            // for each accepted socket
//   result = c->receive(now, input_pieces, output);       // when bytes have arrived
//   ...after a pass over all sockets:
//   if (worker.jobs_waiting()) worker.run_jobs([&](breakwater::Connection& ready) {
//     ready.resume(now, output_of(ready));
//   });
//   ...send what is in output, in one piece, and then
//   worker.prepare();
//   ...wait for sockets, but not while worker.jobs_waiting(): who was resumed may have more to ask for
//
// Nothing here throws, blocks or locks on the path of a handshake or a record; after warm-up nothing is allocated there
// (signatures with RSA keys of other sizes than 2048, 3072 and 4096 bits excepted, which are libcrypto's).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace breakwater {

enum class Version : std::uint16_t { None = 0, Tls12 = 0x0303, Tls13 = 0x0304 };
enum class SignatureKind : std::uint8_t { None, Ecdsa, Rsa };

// A certificate chain with its key, as PEM text. The leaf comes first.
struct CertificateOptions {
  std::string chain_pem = {};
  std::string key_pem = {};
  std::string origin = {};              // file name for messages
  std::vector<std::string> names = {};  // host names it serves; empty: those of the certificate (subjectAltName)
};

// What computes the key exchange and the signatures. All give the same results, in constant time.
enum class Arithmetic : std::uint8_t {
  Auto,      // the fastest one that this CPU can run
  Portable,  // plain C++, on every CPU
  Adx,       // for CPUs with the instructions BMI2 and ADX (Intel since 2014, AMD since 2017)
  Ifma,  // Adx, and for many connections at once eight lanes of AVX-512 IFMA (Intel servers since 2021, AMD since 2022)
};
// Whether this CPU can run it; Auto and Portable run everywhere.
bool can_run(Arithmetic arithmetic) noexcept;

struct ServerOptions {
  std::vector<CertificateOptions> certificates = {};  // the first one's host is the default; ECDSA and RSA for one name
                                                      // may both be given
  std::vector<std::string> alpn = {};                 // in order of preference; empty: ALPN is ignored
  Version min_version = Version::Tls12;
  Version max_version = Version::Tls13;
  std::vector<std::string> groups = {};  // "x25519", "secp256r1", in order of preference; empty: default
  std::vector<std::string> suites = {};  // IANA names, in order of preference; empty: default
  bool reject_unknown_names = false;
  bool tickets = true;
  std::uint8_t tickets_per_handshake = 2;
  std::uint32_t ticket_lifetime_s = 86400;                  // at most 604800
  std::uint32_t ticket_rotation_s = 28800;                  // a new key seals tickets this often
  std::uint16_t record_size_limit = 16385;                  // RFC 8449: 64..16385
  std::uint64_t key_update_after = std::uint64_t{1} << 23;  // records under one key
  Arithmetic arithmetic = Arithmetic::Auto;                 // build() refuses what this CPU cannot run
  // Debugging only: receives NSS key log lines ("CLIENT_RANDOM ..."), without a newline. May be called from any worker.
  std::function<void(std::string_view line)> key_log = {};
};

class Server;
using ServerPtr = std::shared_ptr<const Server>;

struct BuildResult {
  ServerPtr server = {};   // null on failure
  std::string error = {};  // what is wrong and what to do about it, one line
};

// Ticket keys live here, so that they survive a reload: hand the old server's to the new one.
class TicketKeys;

class Server {
 public:
  // Reads the certificates, checks that keys match and are usable, and encodes what is sent.
  // previous (may be null): the server this one replaces; its ticket keys are taken over.
  static BuildResult build(const ServerOptions& options, const Server* previous = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Makes a new ticket key when it is time. Call now and then (once a minute) from any one thread.
  void rotate_ticket_keys(std::uint64_t now_ms) const;

  std::size_t max_flight_size() const noexcept;  // room any output needs before the handshake is done
  std::vector<std::string> host_names() const;
  std::size_t host_count() const noexcept;  // sets of certificates; Hello::host counts them
  // A host's certificates: indices into ServerOptions::certificates, in order of preference. Empty where there is no
  // such host.
  std::span<const std::uint32_t> certificates_of(std::size_t host) const noexcept;
  // The arithmetic of a full handshake with the certificate that costs most, in nanoseconds, as measured at start: of
  // all certificates, or of those whose key is of this kind; 0 where there are none.
  std::uint32_t dearest_handshake_ns() const noexcept;
  std::uint32_t resumption_ns() const noexcept;  // and of a TLS 1.3 resumption, with the dearer group
  std::uint32_t dearest_handshake_ns(SignatureKind kind) const noexcept;
  std::string_view arithmetic() const noexcept;  // the one in use: "portable", "adx", "ifma"
  // What somebody should know, one line: an arithmetic gave a wrong answer to the test that each has to pass before it
  // is used, and the next slower one is used instead. Mostly empty.
  std::string_view warning() const noexcept;

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A self-signed pair for the given names (DNS names or IP addresses), valid 90 days.
enum class SelfSignedKey : std::uint8_t { EcdsaP256, Rsa2048 };
std::optional<CertificateOptions> make_self_signed(SelfSignedKey key, std::span<const std::string> names);

enum class Event : std::uint8_t {
  WantInput,      // keep the input from `consumed` on and present it again with what arrives next
  WantJobs,       // the connection waits for Worker::run_jobs; do not feed it until then
  HandshakeDone,  // facts() is final; call receive() again with the rest of the input
  Plaintext,      // one record was decrypted in place; call receive() again with the rest
  PeerClosed,     // close_notify received: nothing more will arrive
  Failed,         // see failure(); send what is in output, half-close, drain a little, close
};

struct Result {
  Event event = Event::WantInput;
  std::size_t consumed = 0;          // bytes of input that are done with, plaintext included
  std::size_t plaintext_offset = 0;  // where in the input the plaintext lies (may cross pieces)
  std::size_t plaintext_size = 0;
};

// Room for what is to be sent. Calls append at `size`.
struct Output {
  std::span<std::uint8_t> storage = {};
  std::size_t size = 0;
};

enum class FailureCause : std::uint8_t {
  None,
  PeerViolation,    // the peer broke a rule; `alert` was sent
  NothingInCommon,  // no version, suite, group or protocol in common; `alert` was sent
  Internal,         // our side failed; `alert` was sent
  PeerAlert,        // the peer sent the fatal alert `alert`
  Refused,          // the judge refused it; `alert` was sent
};
struct Failure {
  FailureCause cause = FailureCause::None;
  std::uint8_t alert = 0;  // RFC 8446 6
  std::string_view reason = {};
};
std::string_view alert_name(std::uint8_t alert) noexcept;  // "handshake_failure"

// What was negotiated; of a handshake that was refused, its version, what would have signed, and the ticket. Names are
// those of the IANA registries.
struct Facts {
  Version version = Version::None;
  std::string_view suite;
  std::string_view group;             // empty when a TLS 1.2 session was resumed
  std::string_view signature_scheme;  // empty when resumed
  std::string_view protocol;          // ALPN, empty when none
  std::string_view server_name;       // as the client sent it, lower case; valid until release_handshake()
  bool resumed = false;
  bool hello_retry = false;
  std::uint64_t ticket_id = 0;  // identity of the ticket that was used
};

// What a client asks for, told when its hello is complete and before any private-key or key-exchange arithmetic is done
// for it. Views are good for the call.
class Connection;

class Hello {
 public:
  Version version = Version::None;
  SignatureKind signature = SignatureKind::None;  // what the certificate's key would make; None: resumed
  std::string_view server_name = {};              // lower case, empty when none
  bool known_name = false;                        // a certificate serves it
  bool resumed = false;                           // with a ticket of ours that is right and not too old,
  std::uint64_t ticket_id = 0;                    // and its identity
  std::uint16_t host = 0;                         // which of the server's hosts (sets of certificates)
  std::uint32_t cost_ns = 0;     // of its arithmetic, in nanoseconds, each operation its share of a full run of lanes
  bool lacks_share = false;      // all that comes of it now is a HelloRetryRequest for a key share
  bool retried = false;          // it has followed a HelloRetryRequest
  bool can_retry = false;        // Verdict::Retry is possible
  bool generator_share = false;  // its key share is the group's base point, which no library sends

  // The JA4 fingerprint of the software, 36 characters. Computed when asked for, in about half a microsecond.
  std::array<char, 36> ja4() const noexcept;

  explicit Hello(const void* proposal) noexcept : proposal_(proposal) {}

 private:
  const void* proposal_;
};

enum class Verdict : std::uint8_t {
  Proceed,
  Retry,   // TLS 1.3: the client has to bring back a cookie first. Where it cannot be asked: Proceed
  Refuse,  // the connection fails with FailureCause::Refused
};

// Whose jobs run first, where not all can at once: 0 is the best.
inline constexpr std::uint8_t kRanks = 16;

struct Judgement {
  Verdict verdict = Verdict::Proceed;
  std::uint8_t rank = 0;
};

// Decides which handshakes are worth their price. Asked within receive(), once for each hello; must not call anything
// of the connection but user_data().
class Judge {
 public:
  virtual Judgement judge(Connection& connection, const Hello& hello) noexcept = 0;

 protected:
  ~Judge() = default;
};

// How Worker::run_some_jobs cuts the queue into slices.
struct Slices {
  std::uint32_t time_us = 4000;  // of arithmetic, once for connections with RSA signatures and once for the others
  std::uint32_t most_rsa = 32;   // connections with RSA signatures in one slice, at most 32
  bool newest_first = false;     // within a rank; else in the order in which they came
};

// What waits in a worker's queue of jobs.
struct Waiting {
  std::uint64_t work_ns = 0;   // until the last of it is done, if nothing better comes: by how full its lanes will be
  std::uint64_t since_ms = 0;  // since when the oldest of the best rank waits, as given to receive(); 0: nobody does
};

inline constexpr std::size_t kHeadRoom = 40;  // bytes before a payload given to seal() that are Breakwater's to write
inline constexpr std::size_t kTailRoom = 17;  // bytes behind it
inline constexpr std::size_t kMaxRecord = 5 + 16384 + 2048;  // the longest record a peer may send
inline constexpr std::size_t kMinOutput = 512;               // room any output needs once the handshake is done

inline constexpr std::size_t kLanesAtMost = 8;  // operations that are done at once

// How often a worker has done one of the operations that cost most, those that make key pairs ahead included.
struct OperationCount {
  std::string_view name = {};      // "P-256 ECDH", as `breakwater speed` has it
  std::uint64_t alone = 0;         // one by one
  std::uint64_t lane_runs = 0;     // many at once, so many times,
  std::uint64_t lanes_filled = 0;  // for so many connections or key pairs; lanes_filled / lane_runs is 8 at best
  std::array<std::uint64_t, kLanesAtMost> runs_of = {};  // the lane runs by how many lanes they filled: [0] one
};
inline constexpr std::size_t kOperationKinds = 9;

class Worker;

class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Takes received bytes; decrypts in place; stops at the first event. Pieces may be cut anywhere.
  // now_ms: milliseconds since the Unix epoch.
  Result receive(std::uint64_t now_ms, std::span<const std::span<std::uint8_t>> input, Output& output) noexcept;

  // Goes on after Worker::run_jobs named this connection. Same events as receive(); WantInput here means: call
  // receive() with the input that was kept, if there is any (a client may have sent its next messages together).
  Result resume(std::uint64_t now_ms, Output& output) noexcept;

  struct Sealed {
    std::size_t offset = 0;  // where in the buffer the bytes to send begin
    std::size_t size = 0;    // 0: failed, see failure()
  };
  // Encrypts buffer[payload_offset, +payload_size) in place as one record, using kHeadRoom before and kTailRoom behind.
  Sealed seal(std::span<std::uint8_t> buffer, std::size_t payload_offset, std::size_t payload_size) noexcept;
  std::size_t max_payload() const noexcept;

  // Appends close_notify. Nothing may be sealed afterwards.
  void close(Output& output) noexcept;

  bool handshake_done() const noexcept;
  // Gives the memory of the handshake (about 1.3 KiB) back to the worker. Do it once facts().server_name is not needed.
  void release_handshake() noexcept;
  Facts facts() const noexcept;
  Failure failure() const noexcept;

  void set_user_data(void* data) noexcept { user_data_ = data; }
  void* user_data() const noexcept { return user_data_; }
  Worker& worker() const noexcept { return *worker_; }

 private:
  friend class Worker;
  struct State;
  Connection(Worker& worker, State& state) noexcept : worker_(&worker), state_(&state) {}
  Worker* worker_;
  State* state_;
  void* user_data_ = nullptr;
};

class Worker {
 public:
  explicit Worker(ServerPtr server);
  ~Worker();  // all connections must be closed before
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // A new connection, or null when memory is exhausted. Memory comes from slabs that only grow.
  Connection* open();
  // Ends a connection and wipes its secrets. Jobs it waits for are withdrawn.
  void close(Connection& connection) noexcept;

  // New connections use this server from now on; the old ones keep theirs.
  void use(ServerPtr server);

  bool jobs_waiting() const noexcept;
  // Runs the jobs that are queued now, then calls on_ready(connection) for each connection that can be resumed.
  // on_ready may call resume(), receive() and close() of any connection.
  template <class OnReady>
  void run_jobs(OnReady&& on_ready) {
    begin_jobs();
    while (Connection* ready = next_ready()) on_ready(*ready);
  }
  // The same for a slice of the queue (Slices): as many connections as take about 4 ms of arithmetic, at most 64, and
  // for another 4 ms (8 where it takes that to fill the last lanes), at most 32, such as need RSA signatures. So no
  // flood of RSA handshakes keeps the others waiting, nor they it; and between slices a host can send what is ready,
  // close connections whose time is over, whose jobs are then never run, and look for new input. Where eight fill the
  // lanes, up to seven may be left for the next slice, which new ones can share with them. jobs_waiting() tells whether
  // more is to be done.
  template <class OnReady>
  void run_some_jobs(OnReady&& on_ready) {
    begin_slice();
    while (Connection* ready = next_of_slice()) on_ready(*ready);
  }

  // Who decides about handshakes; null: all proceed, and rank 0 is everybody's. It outlives the worker or its
  // replacement. Call it before the worker is used, or from its thread.
  void set_judge(Judge* judge) noexcept;
  void set_slices(const Slices& slices) noexcept;

  // What the jobs that are queued cost, in nanoseconds, each operation its share of a full run of lanes.
  std::uint64_t queued_ns() const noexcept;
  // How long they will take and have waited.
  Waiting waiting() const noexcept;
  // The worst rank of those who wait; 0 when nobody does.
  std::uint8_t worst_rank() const noexcept;
  // Takes out of the queue those that have waited since before a time (milliseconds since the Unix epoch, as given to
  // receive()), and while more than `most_ns` are queued, the oldest of the worst rank; those of rank 0 stay in any
  // case. Calls on_withdrawn(connection) for each, which has to close it: nothing was computed for it.
  template <class OnWithdrawn>
  void withdraw_jobs(std::uint64_t queued_before_ms, std::uint64_t most_ns, OnWithdrawn&& on_withdrawn) {
    while (Connection* const connection = next_withdrawn(queued_before_ms, most_ns)) on_withdrawn(*connection);
  }

  // Makes key pairs ahead where eight or more are missing, at most 64 of each group, so that handshakes need not wait
  // for theirs. Call it when a pass over all sockets is over and what it made is sent; without it all works as well,
  // with one round of jobs more for each handshake. Key pairs made before a fork() are gone in the child.
  void prepare() noexcept;
  // Whether prepare() would make any now.
  bool wants_preparing() const noexcept;

  std::array<OperationCount, kOperationKinds> operations() const noexcept;
  std::size_t connections() const noexcept;
  // Bytes of ours for one connection: while its handshake runs, and after release_handshake().
  static std::size_t bytes_half_open() noexcept;
  static std::size_t bytes_established() noexcept;

 private:
  friend class Connection;
  void begin_jobs() noexcept;
  Connection* next_ready() noexcept;
  void begin_slice() noexcept;
  Connection* next_of_slice() noexcept;
  Connection* next_withdrawn(std::uint64_t queued_before_ms, std::uint64_t most_ns) noexcept;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace breakwater
