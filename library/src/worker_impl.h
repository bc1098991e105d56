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
#include "library/src/job_queue.h"
#include "library/src/server_impl.h"
#include "library/src/slab.h"
#include "library/src/waiting_operations.h"
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

// What no other process may ever have a copy of. Zeros mean: empty.
struct WorkerSecrets {
  batch::KeyPairStock stock;
  batch::RsaWorkspace rsa;
};

struct Connection::State : QueueLink {
  JobPhase phase = JobPhase::None;
  std::uint8_t rank = 0;                                         // as the judge has it
  WaitingOperations::Own operations = WaitingOperations::kNone;  // while Waiting: its jobs,
  std::uint32_t queued_ns = 0;                                   // what they cost,
  std::uint64_t queued_ms = 0;                                   // and since when it waits
  SignatureRoom* signature_room = nullptr;                       // while Ready
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
  void fill_batch(RankedQueue& queue, LinkQueue& slice, std::size_t most) noexcept;
  batch::Tools tools_of(const Server::Impl& server) noexcept;
  // Puts one into the batch. False: not now.
  bool add_to_batch(Connection::State& state) noexcept;
  void prepare() noexcept;
  bool wants_preparing() const noexcept;
  void release_signature_room(Connection::State& state) noexcept;

  // What every engine call needs, with the ticket keys of this connection's server.
  tls::Worker& worker_for(Connection::State& state) noexcept;

  // Puts a connection whose engine asked for jobs into the queue, and translates the result.
  Result settle(Connection::State& state, std::uint64_t now_ms, const tls::Result& result) noexcept;

  // The engine's judge: asks the host's, for the connection whose call it is.
  static tls::Verdict ask_judge(void* self, const tls::Proposal& proposal) noexcept;

  // Takes a connection out of the queue of jobs.
  void leave_queue(Connection::State& state) noexcept;
  // The next one that Worker::withdraw_jobs is to name, in no queue any more; null: there is none.
  Slot* next_withdrawn(std::uint64_t queued_before_ms, std::uint64_t most_ns) noexcept;

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
  std::size_t queued = 0;                // connections in waiting and running
  std::uint64_t queued_ns = 0;           // what all that wait cost
  WaitingOperations operations_waiting;  // and what they are
  Slices slices;
  Judge* judge = nullptr;
  Connection::State* called = nullptr;  // whose engine was called last
  ServerShare* current = nullptr;
  ServerShare* shares = nullptr;
  std::size_t connections = 0;
#ifdef BREAKWATER_DEBUG
  std::thread::id thread;
#endif
};

}  // namespace breakwater
