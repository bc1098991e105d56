#include <atomic>
#include <cassert>
#include <new>

#include "core/batch/executor.h"
#include "library/port/system_entropy.h"
#include "library/src/worker_impl.h"

namespace breakwater {
namespace {

// Connections whose jobs run before the first of them is resumed: enough for full batches, few enough that their
// signature rooms stay in the cache.
constexpr int kBatch = 64;

// A range of its own for the key generations of each worker (core/tls/traffic_keys.h).
std::uint64_t next_first_generation() noexcept {
  static std::atomic<std::uint64_t> workers{0};
  return workers.fetch_add(1, std::memory_order_relaxed) << 48;
}

}  // namespace

Worker::Impl::Impl()
    : tls_worker{.ticket_keys = nullptr, .entropy = system_entropy(), .keys = &keys}, keys(next_first_generation()) {}

Worker::Impl::~Impl() {
  assert(connections == 0 && "close every connection before its worker");
  while (shares != nullptr) drop(*shares);
  wipe(&keys, sizeof keys);
}

void Worker::Impl::use(ServerPtr server) {
  assert(server != nullptr && "a worker needs a server that was built");
  auto* const share = new ServerShare(std::move(server));
  ServerShare* const old = current;
  share->next = shares;
  if (shares != nullptr) shares->previous = share;
  shares = current = share;
  if (old != nullptr && old->connections == 0) drop(*old);
}

void Worker::Impl::drop(ServerShare& share) noexcept {
  (share.previous != nullptr ? share.previous->next : shares) = share.next;
  if (share.next != nullptr) share.next->previous = share.previous;
  delete &share;
}

Worker::Impl::Slot* Worker::Impl::open(Worker& worker) noexcept {
  void* const slot_place = slots.take();
  if (slot_place == nullptr) return nullptr;
  void* const handshake_place = handshakes.take();
  if (handshake_place == nullptr) {
    slots.give_back(slot_place);
    return nullptr;
  }
  auto* const slot = new (slot_place) Slot(worker);
  slot->handshake = new (handshake_place) tls::Handshake;
  slot->share = current;
  ++current->connections;
  ++connections;
  slot->engine.start(current->server->impl().configuration, *slot->handshake);
  return slot;
}

void Worker::Impl::close(Slot& slot) noexcept {
  if (slot.queued()) slot.unlink();
  slot.engine.finish(tls_worker);
  release_signature_room(slot);
  release_handshake(slot);
  ServerShare& share = *slot.share;
  slot.~Slot();
  slots.give_back(&slot);
  --connections;
  if (--share.connections == 0 && &share != current) drop(share);
}

void Worker::Impl::release_handshake(Connection::State& state) noexcept {
  if (state.handshake == nullptr) return;
  state.handshake->~Handshake();
  handshakes.give_back(state.handshake);
  state.handshake = nullptr;
}

void Worker::Impl::release_signature_room(Connection::State& state) noexcept {
  if (state.signature_room == nullptr) return;
  signature_rooms.give_back(state.signature_room);
  state.signature_room = nullptr;
}

void Worker::Impl::run_batch() noexcept {
  for (int i = 0; i < kBatch && !running.empty(); ++i) {
    auto& state = static_cast<Connection::State&>(*running.first());
    void* const room = signature_rooms.take();
    if (room == nullptr) return waiting.append_all(running);  // out of memory: later, when others have been resumed
    state.signature_room = new (room) SignatureRoom;
    const crypto::Implementation& arithmetic = *state.share->server->impl().arithmetic;
    for (batch::Job& job : state.engine.jobs(state.signature_room->bytes)) {
      if (job.status == batch::JobStatus::Pending) batch::run(job, tls_worker.entropy, arithmetic);
    }
    state.phase = JobPhase::Ready;
    state.unlink();
    ready.append(state);
  }
}

void Worker::Impl::check_thread() noexcept {
#ifdef BREAKWATER_DEBUG
  if (thread == std::thread::id()) thread = std::this_thread::get_id();
  assert(thread == std::this_thread::get_id() && "a worker and its connections belong to one thread");
#endif
}

Worker::Worker(ServerPtr server) : impl_(std::make_unique<Impl>()) { impl_->use(std::move(server)); }
Worker::~Worker() = default;

void Worker::use(ServerPtr server) {
  impl_->check_thread();
  impl_->use(std::move(server));
}

Connection* Worker::open() {
  impl_->check_thread();
  return impl_->open(*this);
}

void Worker::close(Connection& connection) noexcept {
  impl_->check_thread();
  assert(&connection.worker() == this && "a connection is closed by the worker that opened it");
  impl_->close(static_cast<Impl::Slot&>(connection));
}

bool Worker::jobs_waiting() const noexcept {
  return !impl_->waiting.empty() || !impl_->running.empty() || !impl_->ready.empty();
}

void Worker::begin_jobs() noexcept {
  impl_->check_thread();
  impl_->running.append_all(impl_->waiting);
}

Connection* Worker::next_ready() noexcept {
  if (impl_->ready.empty()) impl_->run_batch();
  QueueLink* const link = impl_->ready.first();
  if (link == nullptr) return nullptr;
  link->unlink();
  return static_cast<Impl::Slot*>(static_cast<Connection::State*>(link));
}

std::size_t Worker::connections() const noexcept { return impl_->connections; }

std::size_t Worker::bytes_half_open() noexcept { return bytes_established() + Slab<tls::Handshake>::slot_size(); }
std::size_t Worker::bytes_established() noexcept { return Slab<Impl::Slot>::slot_size(); }

}  // namespace breakwater
