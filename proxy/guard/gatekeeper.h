// The guard of one worker, with its memory, its configuration and what it tells people: between the sessions and
// core/guard. With the guard off it lets everybody in and asks nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <breakwater/breakwater.h>
#include "core/guard/guard.h"
#include "proxy/guard/block_box.h"
#include "proxy/guard/front_ends.h"
#include "proxy/guard/guard_config.h"
#include "proxy/guard/report_board.h"
#include "proxy/guard/sampler.h"
#include "proxy/guard/talkers.h"
#include "proxy/guard/zeroed.h"
#include "proxy/reactor/counters.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

// What is remembered of clients, eight to a set. In all 4.2 MiB for a worker; with huge pages all of it from the first
// clients on, else what clients need.
struct GuardTables {
  std::array<guard::Usage::Set, 16'384> clients;
  std::array<guard::Usage::Set, 4'096> groups;
  std::array<guard::Usage::Set, 4'096> strikes;
  std::array<guard::HalfOpen::Set, 4'096> half_open;
  std::array<guard::Blocks::Set, 1'024> blocks;
  std::array<guard::Reputation::Set, 1'024> reputation;
};

using Refusals = std::array<Counter, guard::kReasons>;
RefusalCounts counts_of(const Refusals& refusals);  // as they are now; any thread may

class Gatekeeper final : public Judge {
 public:
  explicit Gatekeeper(Worker& worker);
  ~Gatekeeper();
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;

  // At start and at a reload. workers: among whom the limits of the process are shared.
  void use(std::shared_ptr<const GuardConfig> config, const Server& server, std::size_t workers);

  // From now on. Null: there are none.
  void trust(std::shared_ptr<const FrontEnds> front_ends) noexcept { front_ends_ = std::move(front_ends); }
  // Whoever connects from there says first who the client is, and is not judged itself.
  bool is_front_end(const SocketAddress& peer) const noexcept;

  // At the begin of a pass. delay_us: how long a client waits before it is accepted.
  void begin_pass(std::uint64_t now_us, std::uint64_t epoch_ms, std::uint64_t delay_us, std::size_t half_open) noexcept;

  // Of whom an address is. A client behind a front end cannot be kept away by the kernel, which sees the front end.
  enum class Way : std::uint8_t { Direct, BehindFrontEnd };
  // False: close the connection, with a reset; it is counted.
  bool admits(const SocketAddress& from, guard::Client& client, Way way = Way::Direct) noexcept;
  // A session's client is where its connection's user data says: see client_of().
  Judgement judge(Connection& connection, const Hello& hello) noexcept override;
  // False: end the connection.
  bool takes_piece(guard::Client& client, std::size_t bytes) noexcept {
    return config_ == nullptr || guard_.piece(client, bytes);
  }
  bool trickles(const guard::Client& client) const noexcept { return config_ != nullptr && guard_.trickles(client); }
  // Somebody is not served for a reason that is found elsewhere.
  void count_refusal(const guard::Client& client, guard::Reason reason) noexcept;
  void ended(guard::Client& client, guard::End end) noexcept;

  bool is_on() const noexcept { return config_ != nullptr; }
  // Whether work begins to pile up: then nothing should take long.
  bool is_busy() const noexcept { return pace_ != Pace::Peace; }
  bool is_loaded() const noexcept { return config_ != nullptr && guard_.is_loaded(); }
  bool is_crowded() const noexcept { return config_ != nullptr && guard_.is_crowded(); }
  // Whether who is refused gets a reset, and nothing that costs more.
  bool resets() const noexcept { return config_ != nullptr && !config_->alerts; }

  // Whether something has been found since the last call that the main thread should know at once.
  bool has_news() noexcept { return std::exchange(has_news_, false); }

  // Calls on_withdrawn(connection) for those whose jobs are not done, because they wait for too long or there are too
  // many better ones.
  template <class OnWithdrawn>
  void withdraw(OnWithdrawn&& on_withdrawn) {
    if (!is_loaded()) return;
    const std::uint64_t deadline = config_->queue_deadline_ms;
    worker_.withdraw_jobs(epoch_ms_ > deadline ? epoch_ms_ - deadline : 0, queue_limit_ns_, on_withdrawn);
  }

  // Once a second; does nothing while nobody reads.
  void publish(ReportBoard& board);

  // Any thread may read:
  const Refusals& refusals() const noexcept { return refusals_; }                       // by Reason
  bool was_loaded() const noexcept { return loaded_.load(std::memory_order_relaxed); }  // in the last pass
  BlockBox& found() noexcept { return found_; }  // by this worker, for the main thread
  BlockBox& told() noexcept { return told_; }    // by the main thread, of what others have found

 private:
  std::uint64_t now() const noexcept { return now_us_ * 1000; }
  std::uint64_t strain_of(const Waiting& waiting) const noexcept;
  void tell_of_block(const guard::Blocked& blocked, Way way) noexcept;
  void hear_of_blocks() noexcept;
  void note_arrival(const guard::Address& address, guard::Client& client) noexcept;
  std::uint8_t fingerprint_weight(bool refused_anyway) noexcept;
  enum class Pace : std::uint8_t { Peace, Busy, Loaded };
  void set_pace(Pace pace) noexcept;

  Worker& worker_;
  Zeroed<GuardTables> tables_;
  guard::SipKey key_;
  guard::Guard guard_;
  std::shared_ptr<const GuardConfig> config_;  // null: off
  std::shared_ptr<const FrontEnds> front_ends_;
  std::vector<std::uint32_t> host_limits_;  // what guard_'s limits view
  std::uint64_t queue_limit_ns_ = 0;
  std::size_t half_open_limit_ = 0;  // of this worker
  double address_share_ = 0;         // of a worker, for reports
  std::uint64_t now_us_ = 0;
  std::uint64_t epoch_ms_ = 0;
  std::uint64_t delay_ns_ = 0;  // how long work waited in the last pass
  Sampler sampler_;
  Pace pace_ = Pace::Peace;
  Talkers talkers_;
  Refusals refusals_;
  std::atomic<bool> loaded_{false};
  BlockBox found_, told_;
  bool has_news_ = false;
};

// Where the guard's part of a session is found; defined beside Session.
guard::Client& client_of(Connection& connection) noexcept;

guard::Address guard_address(const SocketAddress& address) noexcept;

}  // namespace breakwater::proxy
