#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <new>

#include "library/port/system_entropy.h"
#include "library/src/worker_impl.h"

namespace breakwater {
namespace {

// Connections whose jobs run before the first of them is resumed: enough for full batches, few enough that their
// signature rooms stay in the cache.
constexpr std::size_t kCheapConnections = 64;
constexpr std::size_t kDearConnections = 32;
constexpr std::size_t kMaxJobs = 2;  // of one connection at one time
static_assert((kCheapConnections + kDearConnections) * kMaxJobs <= batch::Batcher::kCapacity);
static_assert(kOperationKinds == batch::kOperations);
static_assert(kLanesAtMost == crypto::kLanes);

// A range of its own for the key generations of each worker (core/tls/traffic_keys.h).
std::uint64_t next_first_generation() noexcept {
  static std::atomic<std::uint64_t> workers{0};
  return workers.fetch_add(1, std::memory_order_relaxed) << 48;
}

}  // namespace

Worker::Impl::Impl()
    : tls_worker{.ticket_keys = nullptr, .entropy = system_entropy(), .keys = &keys}, keys(next_first_generation()) {
  if (secrets.is_promised()) tls_worker.stock = &secrets->stock;
}

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
  tls_worker.hash_lanes = {current->server->impl().arithmetic->sha512_lanes};
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
  leave_queue(slot);
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

batch::Tools Worker::Impl::tools_of(const Server::Impl& server) noexcept {
  return {.random = tls_worker.entropy, .arithmetic = server.arithmetic, .rsa = &secrets->rsa};
}

bool Worker::Impl::add_to_batch(Connection::State& state) noexcept {
  const Server::Impl& server = state.share->server->impl();
  if (!batcher.empty() && batch_server->arithmetic != server.arithmetic) return false;  // around a reload
  void* const room = signature_rooms.take();
  if (room == nullptr) return false;
  state.signature_room = new (room) SignatureRoom;
  batch_server = &server;
  const batch::Tools tools = tools_of(server);
  for (batch::Job& job : state.engine.jobs(state.signature_room->bytes)) batcher.add(job, tools);
  return true;
}

// The last lane run may go beyond the time of a slice, to twice as much, while it can be filled.
void Worker::Impl::fill_batch(RankedQueue& queue, LinkQueue& slice, std::size_t most) noexcept {
  const std::uint64_t budget = std::uint64_t{slices.time_us} * 1000;
  const auto estimate = [this] { return batcher.empty() ? 0 : batcher.estimate(batch_server->tuning); };
  const std::uint64_t before = estimate();
  const bool has_lanes = current->server->impl().arithmetic->p256_lanes != nullptr;
  for (std::size_t count = 0; count < most && !queue.empty(); ++count) {
    // What is left over when some lanes are filled may find company in the next slice, where it goes first.
    if (has_lanes && count != 0 && count % crypto::kLanes == 0 && !queue.has(crypto::kLanes)) return;
    const std::uint64_t added = estimate() - before;
    if (added >= 2 * budget) return;
    if (added >= budget && !batcher.has_free_lanes(batch_server->tuning)) return;
    auto& state = static_cast<Connection::State&>(*queue.first(slices.newest_first));
    if (!add_to_batch(state)) return;
    leave_queue(state);
    slice.append(state);
  }
}

void Worker::Impl::leave_queue(Connection::State& state) noexcept {
  if (state.phase != JobPhase::Waiting || !state.queued()) return;
  state.unlink();
  --queued;
  queued_ns -= state.queued_ns;
  operations_waiting.remove(state.operations);
}

Worker::Impl::Slot* Worker::Impl::next_withdrawn(std::uint64_t queued_before_ms, std::uint64_t most_ns) noexcept {
  if (queued == 0) return nullptr;
  running.append_all(waiting);
  QueueLink* found = nullptr;
  const auto rank_of = [](QueueLink* link) { return static_cast<Connection::State*>(link)->rank; };
  const auto look = [&](const LinkQueue& queue) {
    QueueLink* const oldest = queue.first();
    if (oldest == nullptr || rank_of(oldest) == 0) return;
    if (static_cast<Connection::State*>(oldest)->queued_ms < queued_before_ms) found = oldest;
  };
  running.cheap.for_each_rank(look);
  running.dear.for_each_rank(look);
  if (found == nullptr && queued_ns > most_ns) {
    // Of both queues the one of the worse rank.
    QueueLink* const cheap = running.cheap.least();
    QueueLink* const dear = running.dear.least();
    found = cheap == nullptr || (dear != nullptr && rank_of(dear) >= rank_of(cheap)) ? dear : cheap;
    if (found != nullptr && rank_of(found) == 0) return nullptr;
  }
  if (found == nullptr) return nullptr;
  auto& state = static_cast<Connection::State&>(*found);
  leave_queue(state);
  return static_cast<Slot*>(&state);
}

void Worker::Impl::run_slice() noexcept {
  LinkQueue slice;
  fill_batch(running.cheap, slice, kCheapConnections);
  fill_batch(running.dear, slice, std::min<std::size_t>(slices.most_rsa, kDearConnections));
  if (slice.empty()) return waiting.append_all(running);  // out of memory: later, when others have been resumed
  if (!batcher.empty()) {
    // A blinding that a child process shares with its parent is none: where the kernel promises nothing, it is made
    // anew.
    if (!secrets.is_promised()) secrets->rsa.forget_blindings();
    batcher.run(tools_of(*batch_server), batch_server->tuning);
  }
  std::array<tls::Connection*, kCheapConnections + kDearConnections> engines;
  std::size_t count = 0;
  for (QueueLink* link = slice.first(); link != nullptr; link = slice.next(*link)) {
    auto& state = static_cast<Connection::State&>(*link);
    state.phase = JobPhase::Ready;
    engines[count++] = &state.engine;
  }
  tls::Connection::derive_keys(tls_worker, std::span(engines).first(count));
  ready.append_all(slice);
}

void Worker::Impl::prepare() noexcept {
  if (tls_worker.stock == nullptr) return;
  const Server::Impl& server = current->server->impl();
  const batch::Tools tools{.random = tls_worker.entropy, .arithmetic = server.arithmetic, .rsa = nullptr};
  for (const tls::Group group : server.configuration.groups) {
    while (tls_worker.stock->has_room_for(group, crypto::kLanes)) {
      if (batcher.restock(*tls_worker.stock, group, tools, server.tuning) == 0) return;
    }
  }
}

bool Worker::Impl::wants_preparing() const noexcept {
  if (tls_worker.stock == nullptr) return false;
  const auto& groups = current->server->impl().configuration.groups;
  return std::any_of(groups.begin(), groups.end(),
                     [this](tls::Group group) { return tls_worker.stock->has_room_for(group, crypto::kLanes); });
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

bool Worker::jobs_waiting() const noexcept { return impl_->queued != 0 || !impl_->ready.empty(); }

void Worker::begin_jobs() noexcept {
  impl_->check_thread();
  impl_->running.append_all(impl_->waiting);
}

Connection* Worker::next_ready() noexcept {
  if (impl_->ready.empty() && !impl_->running.empty()) impl_->run_slice();
  return next_of_slice();
}

void Worker::begin_slice() noexcept {
  begin_jobs();
  if (impl_->ready.empty() && !impl_->running.empty()) impl_->run_slice();
}

Connection* Worker::next_of_slice() noexcept {
  QueueLink* const link = impl_->ready.first();
  if (link == nullptr) return nullptr;
  link->unlink();
  return static_cast<Impl::Slot*>(static_cast<Connection::State*>(link));
}

void Worker::prepare() noexcept {
  impl_->check_thread();
  impl_->prepare();
}

void Worker::set_judge(Judge* judge) noexcept {
  impl_->judge = judge;
  impl_->tls_worker.judge = {judge != nullptr ? &Impl::ask_judge : nullptr, impl_.get()};
}

void Worker::set_slices(const Slices& slices) noexcept { impl_->slices = slices; }

std::uint64_t Worker::queued_ns() const noexcept { return impl_->queued_ns; }

Waiting Worker::waiting() const noexcept {
  if (impl_->queued == 0) return {};  // as at most passes of an event loop
  Waiting found{.work_ns = impl_->operations_waiting.time(impl_->current->server->impl().tuning)};
  std::size_t best = kRanks;
  for (const JobQueue* const queue : {&impl_->waiting, &impl_->running}) {
    for (const RankedQueue* const ranked : {&queue->cheap, &queue->dear}) {
      const std::size_t rank = ranked->best();
      const auto* const oldest = static_cast<const Connection::State*>(ranked->first(false));
      if (oldest == nullptr || rank > best) continue;
      found.since_ms = rank < best ? oldest->queued_ms : std::min(found.since_ms, oldest->queued_ms);
      best = rank;
    }
  }
  return found;
}

std::uint8_t Worker::worst_rank() const noexcept {
  std::uint8_t worst = 0;
  for (const JobQueue* const queue : {&impl_->waiting, &impl_->running}) {
    for (const RankedQueue* const ranked : {&queue->cheap, &queue->dear}) {
      worst = std::max(worst, static_cast<std::uint8_t>(ranked->worst()));
    }
  }
  return worst;
}

Connection* Worker::next_withdrawn(std::uint64_t queued_before_ms, std::uint64_t most_ns) noexcept {
  impl_->check_thread();
  return impl_->next_withdrawn(queued_before_ms, most_ns);
}
bool Worker::wants_preparing() const noexcept { return impl_->wants_preparing(); }

std::array<OperationCount, kOperationKinds> Worker::operations() const noexcept {
  std::array<OperationCount, kOperationKinds> list;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const batch::OperationCount& count = impl_->batcher.counts()[i];
    list[i] = {batch::operation_name(static_cast<batch::Operation>(i)), count.alone, count.lane_runs,
               count.lanes_filled, count.runs_of};
  }
  return list;
}

std::size_t Worker::connections() const noexcept { return impl_->connections; }

std::size_t Worker::bytes_half_open() noexcept { return bytes_established() + Slab<tls::Handshake>::slot_size(); }
std::size_t Worker::bytes_established() noexcept { return Slab<Impl::Slot>::slot_size(); }

}  // namespace breakwater
