// The main thread of `breakwater serve`: starts the workers, listens to signals, and looks after what is no worker's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "proxy/admin/admin_server.h"
#include "proxy/admin/facts.h"
#include "proxy/reactor/reactor.h"
#include "proxy/serve/attack_log.h"
#include "proxy/serve/failure_summary.h"
#include "proxy/serve/kernel_rules.h"
#include "proxy/serve/snapshot.h"
#include "proxy/xdp/xdp_filter.h"

namespace breakwater::proxy {

std::uint64_t monotonic_ms();

class Supervisor {
 public:
  explicit Supervisor(const CommandLine& command_line) : builder_(command_line) {}
  int run();  // the exit status

 private:
  // supervisor_start.cpp
  bool start();
  std::vector<std::vector<Descriptor>> open_listeners();
  void attach_xdp();
  void tell_xdp_of_rules();
  void open_admin();
  void start_admin();
  ServerFacts facts() const;
  void announce() const;

  // supervisor.cpp
  void block_signals();
  void loop();
  void obey_signals();
  void end(const char* signal);
  void log_statistics() const;
  void tick();
  void tell_of_blocks();
  void tell_of_attacks(std::uint64_t now);
  bool all_finished() const;

  // supervisor_reload.cpp
  void reload();
  void say_what_needs_a_restart(const Config& fresh) const;

  SnapshotBuilder builder_;
  Snapshot snapshot_;
  std::size_t chunk_capacity_ = kChunkCapacity;
  std::size_t descriptors_ = 0;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<std::thread> threads_;
  Descriptor signals_;
  Descriptor news_;  // of workers: one has ended, or found somebody to block
  FailureSummary summary_;
  AttackLog attacks_;
  std::uint64_t told_refusals_ = 0;          // how many there were when attacks_ was told last,
  std::uint64_t told_dropped_ = 0;           // and packets that the kernel had dropped
  std::unique_ptr<XdpFilter> xdp_;           // null: the kernel drops nothing for us
  std::optional<KernelRules> kernel_rules_;  // with xdp_
  std::uint64_t next_rotation_ms_ = 0;
  std::uint64_t next_tick_ms_ = 0;
  std::uint64_t next_sweep_ms_ = 0;
  bool draining_ = false;
  const std::uint64_t start_ms_ = monotonic_ms();
  std::uint64_t reloads_ = 0;
  Descriptor admin_listener_;
  SharedFacts admin_facts_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace breakwater::proxy
