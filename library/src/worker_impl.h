// What a Worker and its connections hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "breakwater/breakwater.h"
#include "core/batch/batcher.h"
#include "core/batch/job.h"
#include "core/batch/rsa_workspace.h"
#include "core/tls/connection.h"
#include "core/tls/handshake.h"
#include "core/tls/ticket_keys.h"
#include "library/src/link_queue.h"
#include "library/src/server_impl.h"
#include "library/src/slab.h"
#include "library/src/wiped_on_fork.h"

namespace breakwater {

// One worker's share in a server: counts connections without touching a counter that all threads share, and keeps the
// worker's own copy of the ticket keys.
struct ServerShare {
  explicit ServerShare(ServerPtr shared) : server(std::move(shared)) {}
  ServerShare(const ServerShare&) = delete;
  ServerShare& operator=(const ServerShare&) = delete;
  ~ServerShare() { wipe(&ticket_keys, sizeof ticket_keys); }

  // Takes the keys anew when they have changed; locks only then.
  void refresh_ticket_keys() noexcept {
    const TicketKeys& source = *server->impl().ticket_keys;
    if (source.generation() != generation) generation = source.copy_to(ticket_keys);
  }

  ServerPtr server;
  tls::TicketKeyRing ticket_keys;
  std::uint64_t generation = 0;  // of ticket_keys
  std::size_t connections = 0;
  ServerShare* previous = nullptr;  // the worker's list of shares
  ServerShare* next = nullptr;
};

// Where a connection stands with the job queue.
enum class JobPhase : std::uint8_t {
  None,     // waits for no job
  Waiting,  // its jobs are to run; in Impl::waiting or Impl::running
  Ready,    // its jobs have run; in Impl::ready, or handed out and not resumed yet
};

// Where a signature lies from the job that makes it until the flight that carries it.
struct SignatureRoom {
  std::uint8_t bytes[batch::kMaxSignatureSize];
};

// Connections that wait for jobs. Those with an RSA signature among them wait apart: it takes as long as ten others.
struct JobQueue {
  LinkQueue cheap;
  LinkQueue dear;

  bool empty() const noexcept { return cheap.empty() && dear.empty(); }
  void append_all(JobQueue& other) noexcept {
    cheap.append_all(other.cheap);
    dear.append_all(other.dear);
  }
};

// What no other process may ever have a copy of. Zeros mean: empty.
struct WorkerSecrets {
  batch::KeyPairStock stock;
  batch::RsaWorkspace rsa;
};

struct Connection::State : QueueLink {
  JobPhase phase = JobPhase::None;
  SignatureRoom* signature_room = nullptr;  // while Ready
  ServerShare* share = nullptr;
  tls::Handshake* handshake = nullptr;  // null once released
  tls::Connection engine;
};

struct Worker::Impl {
  // The handle the user holds and the state behind it, in one piece of memory.
  struct Slot : Connection, Connection::State {
    explicit Slot(Worker& worker) noexcept : Connection(worker, static_cast<Connection::State&>(*this)) {}
  };

  Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  // Makes `server` the one new connections use.
  void use(ServerPtr server);
  void drop(ServerShare& share) noexcept;

  // Null when memory is exhausted.
  Slot* open(Worker& worker) noexcept;
  void close(Slot& slot) noexcept;
  void release_handshake(Connection::State& state) noexcept;

  // Runs the jobs of the first connections in `running`, as Worker::run_some_jobs says, and moves them to `ready`.
  void run_slice() noexcept;
  // Takes at most so many connections from `queue` into the batch, and no more than the time of a slice allows.
  void fill_batch(LinkQueue& queue, LinkQueue& slice, std::size_t most) noexcept;
  batch::Tools tools_of(const Server::Impl& server) noexcept;
  // Puts one into the batch. False: not now.
  bool add_to_batch(Connection::State& state) noexcept;
  void prepare() noexcept;
  bool wants_preparing() const noexcept;
  void release_signature_room(Connection::State& state) noexcept;

  // What every engine call needs, with the ticket keys of this connection's server.
  tls::Worker& worker_for(Connection::State& state) noexcept;

  // Puts a connection whose engine asked for jobs into the queue, and translates the result.
  Result settle(Connection::State& state, const tls::Result& result) noexcept;

  // A worker belongs to the thread that first uses it. Checked in debug builds.
  void check_thread() noexcept;

  tls::Worker tls_worker;
  tls::ExpandedKeys keys;
  Slab<Slot> slots;
  Slab<tls::Handshake> handshakes;
  Slab<SignatureRoom> signature_rooms;
  WipedOnFork<WorkerSecrets> secrets;
  batch::Batcher batcher;
  const Server::Impl* batch_server = nullptr;  // whose arithmetic and tuning the batch is for
  JobQueue waiting;                            // since the last begin_jobs()
  JobQueue running;                            // the ones begin_jobs() found
  LinkQueue ready;
  ServerShare* current = nullptr;
  ServerShare* shares = nullptr;
  std::size_t connections = 0;
#ifdef BREAKWATER_DEBUG
  std::thread::id thread;
#endif
};

}  // namespace breakwater
