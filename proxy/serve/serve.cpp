#include "proxy/serve/serve.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "proxy/admin/admin_pages.h"
#include "proxy/admin/admin_server.h"
#include "proxy/config/describe_guard.h"
#include "proxy/reactor/listener.h"
#include "proxy/serve/attack_log.h"
#include "proxy/serve/failure_summary.h"
#include "proxy/serve/process.h"
#include "proxy/serve/snapshot.h"
#include "proxy/xdp/xdp_filter.h"

namespace breakwater::proxy {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t monotonic_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count());
}

constexpr std::uint64_t kXdpSweepMs = 10'000;

std::uint64_t epoch_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

void start_log() {
  auto log = spdlog::stderr_color_mt("breakwater");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

constexpr int kTickMs = 1000;
constexpr int kKernelBlocksMs = 50;  // a block of a second should not begin much later in the kernel

// Port 0 asks for any: it is the one that there is.
bool same(const SocketAddress& old, const SocketAddress& fresh) {
  return fresh.port() == 0 || old.text() == fresh.text();
}

// Whether what is listened on is what the fresh configuration asks for.
bool listen_alike(const Config& old, const Config& fresh) {
  return std::equal(old.listen.begin(), old.listen.end(), fresh.listen.begin(), fresh.listen.end(), same);
}

class Supervisor {
 public:
  explicit Supervisor(const CommandLine& command_line) : builder_(command_line) {}
  int run();

 private:
  bool start();
  std::vector<std::vector<Descriptor>> open_listeners();
  void attach_xdp();
  void open_admin();
  void start_admin();
  ServerFacts facts() const;
  void announce() const;
  void block_signals();
  void loop();
  void obey_signals();
  void end(const char* signal);
  void reload();
  void say_what_needs_a_restart(const Config& fresh) const;
  void log_statistics() const;
  void tick();
  void tell_the_kernel();
  void tell_of_attacks(std::uint64_t now);
  bool all_finished() const;

  SnapshotBuilder builder_;
  Snapshot snapshot_;
  std::size_t chunk_capacity_ = kChunkCapacity;
  std::size_t descriptors_ = 0;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<std::thread> threads_;
  Descriptor signals_;
  Descriptor finished_;
  FailureSummary summary_;
  AttackLog attacks_;
  std::unique_ptr<XdpFilter> xdp_;  // null: the kernel drops nothing for us
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

int Supervisor::run() {
  start_log();
  block_signals();
  Problems problems;
  snapshot_ = builder_.build(nullptr, problems);
  if (!problems.empty()) {
    for (const Problem& problem : problems) spdlog::error("{}", problem.text());
    return kExitFailure;
  }
  if (!start()) return kExitFailure;
  announce();
  loop();
  admin_.reset();
  for (std::thread& thread : threads_) thread.join();
  std::size_t cut = 0;
  for (const auto& reactor : reactors_) cut += reactor->cut_connections();
  if (cut != 0) spdlog::warn("ended; {} connections were cut", cut);
  if (cut == 0) spdlog::info("ended; all connections were finished");
  return kExitOk;
}

void Supervisor::block_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);  // workers inherit it
  signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  finished_.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!signals_ || !finished_) throw std::system_error(errno, std::generic_category(), "starting");
}

// One list of listeners for each worker.
std::vector<std::vector<Descriptor>> Supervisor::open_listeners() {
  std::vector<std::vector<Descriptor>> all(snapshot_.config.workers);
  for (SocketAddress& address : snapshot_.config.listen) {
    const bool shared = port_is_taken(address);
    for (auto& listeners : all) {
      std::string error;
      listeners.push_back(open_listener(address, error));
      if (!listeners.back()) throw std::runtime_error(error);
    }
    if (shared) {
      spdlog::warn("another process of this user listens on {} as well: they share its connections", address.text());
    }
  }
  return all;
}

// Of the addresses that are listened on now: port 0 has become a port.
void Supervisor::attach_xdp() {
  const Config& config = snapshot_.config;
  if (config.xdp.empty()) return;
  std::vector<std::uint16_t> ports;
  for (const SocketAddress& address : config.listen) ports.push_back(address.port());
  std::string error;
  xdp_ = XdpFilter::attach(config.xdp, ports, error);
  if (xdp_ == nullptr) spdlog::warn("blocked addresses are not dropped in the kernel: {}", error);
}

void Supervisor::open_admin() {
  auto& address = snapshot_.config.admin;
  if (!address) return;
  std::string error;
  admin_listener_ = open_listener(*address, error, Sharing::Alone, "--admin");
  if (!admin_listener_) throw std::runtime_error(error);
}

void Supervisor::start_admin() {
  if (!admin_listener_) return;
  std::vector<WatchedWorker> workers;
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    workers.push_back({reactors_[i].get(), cpu_clock_of(threads_[i])});
  }
  admin_facts_.set(facts());
  const auto pages = std::make_shared<AdminPages>(std::move(workers), [this] { return admin_facts_.get(); });
  admin_ = std::make_unique<AdminServer>(
      std::move(admin_listener_), AdminServer::Callbacks{[pages](std::string_view path) { return pages->answer(path); },
                                                         [pages] { pages->tick(); }});
}

ServerFacts Supervisor::facts() const {
  const Config& config = snapshot_.config;
  ServerFacts facts;
  facts.version = BREAKWATER_VERSION;
  facts.service = config.backend.empty() ? std::string("built-in response") : "backend " + config.backend;
  facts.arithmetic = snapshot_.server->arithmetic();
  for (const SocketAddress& address : config.listen) facts.listen.push_back(address.text());
  facts.start_ms = start_ms_;
  facts.reloads = reloads_;
  facts.draining = draining_;
  return facts;
}

bool Supervisor::start() {
  descriptors_ = raise_descriptor_limit();
  const Config& config = snapshot_.config;
  // A flight is one chunk: certificate chains beyond the usual make larger chunks.
  chunk_capacity_ = std::max(kChunkCapacity, snapshot_.server->max_flight_size());
  ReactorLimits limits;
  limits.chunk_capacity = chunk_capacity_;
  limits.chunk_limit =
      std::max<std::size_t>(16, config.buffer_memory_mib * 1024 * 1024 / config.workers / chunk_capacity_);
  try {
    auto listeners = open_listeners();
    attach_xdp();
    open_admin();
    if (!config.user.empty()) {
      const std::string error = become_user(config.user);
      if (!error.empty()) throw std::runtime_error(error);
    }
    for (auto& own : listeners) {
      reactors_.push_back(std::make_unique<Reactor>(reactor_settings(snapshot_, config.workers), limits, std::move(own),
                                                    finished_.get()));
    }
    for (std::size_t i = 0; i < reactors_.size(); ++i) {
      threads_.emplace_back([reactor = reactors_[i].get()] { reactor->run(); });
      name_thread(threads_.back(), fmt::format("breakwater/{}", i));
      if (!config.cpus.empty() && !pin(threads_.back(), config.cpus[i % config.cpus.size()])) {
        spdlog::warn("worker {} could not be pinned to CPU {}", i, config.cpus[i % config.cpus.size()]);
      }
    }
    start_admin();
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
    for (const auto& reactor : reactors_) reactor->stop_now();
    for (std::thread& thread : threads_) thread.join();
    return false;
  }
  return true;
}

void Supervisor::announce() const {
  const Config& config = snapshot_.config;
  std::string addresses;
  for (const SocketAddress& address : config.listen) addresses += (addresses.empty() ? "" : " ") + address.text();
  std::string names;
  for (const std::string& name : snapshot_.server->host_names()) names += (names.empty() ? "" : " ") + name;
  spdlog::info("listening on {}; {}; {} worker{}{}; {} arithmetic; certificates for {}", addresses,
               config.backend.empty() ? std::string("built-in response") : "backend " + config.backend, config.workers,
               config.workers == 1 ? "" : "s", config.cpus.empty() ? "" : ", pinned", snapshot_.server->arithmetic(),
               names.empty() ? "any name" : names);
  if (xdp_ != nullptr) spdlog::info("blocked addresses are dropped in the kernel: {}", xdp_->describe());
  if (config.admin) spdlog::info("administration on http://{}/", config.admin->text());
  if (config.certificates.empty()) {
    spdlog::warn(
        "no certificate was given: self-signed ones for localhost are in use, which no browser trusts; "
        "give --cert and --key");
  }
  if (config.respond_by_default)
    spdlog::info(
        "nothing to serve was given: every request is answered with a short text; "
        "give --backend or --respond");
  spdlog::info("guard {}", describe_guard(config, *snapshot_.server, "; "));
  if (::geteuid() == 0) spdlog::info("running as root; --user lets it become someone else once the sockets are open");
  if (!config.key_log.empty()) {
    spdlog::warn("session secrets are written to {}: whoever reads it can read all traffic", config.key_log);
  }
  if (descriptors_ < 4096) {
    spdlog::warn("only {} descriptors are allowed, which bounds connections; raise it with ulimit -n", descriptors_);
  }
}

bool Supervisor::all_finished() const {
  return std::all_of(reactors_.begin(), reactors_.end(), [](const auto& reactor) { return reactor->finished(); });
}

void Supervisor::loop() {
  while (!all_finished()) {
    pollfd events[] = {{signals_.get(), POLLIN, 0}, {finished_.get(), POLLIN, 0}};
    ::poll(events, 2, xdp_ != nullptr ? kKernelBlocksMs : kTickMs);
    if ((events[1].revents & POLLIN) != 0) {
      std::uint64_t ignored;
      [[maybe_unused]] const ssize_t got = ::read(finished_.get(), &ignored, sizeof ignored);
    }
    obey_signals();
    tell_the_kernel();
    if (const std::uint64_t now = monotonic_ms(); now >= next_tick_ms_) {
      next_tick_ms_ = now + kTickMs - 1;
      tick();
    }
  }
}

void Supervisor::obey_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGHUP:
        reload();
        break;
      case SIGUSR1:
        log_statistics();
        break;
      case SIGTERM:
        end("SIGTERM");
        break;
      case SIGINT:
        end("SIGINT");
        break;
      default:
        break;
    }
  }
}

void Supervisor::end(const char* signal) {
  if (draining_) {
    spdlog::info("{} again: ending at once", signal);
    for (const auto& reactor : reactors_) reactor->stop_now();
    return;
  }
  draining_ = true;
  spdlog::info("{}: accepting no more; connections have {} ms to finish", signal, snapshot_.config.timeouts.drain_ms);
  admin_facts_.set(facts());
  for (const auto& reactor : reactors_) reactor->drain();
}

void Supervisor::reload() {
  if (draining_) return;
  Problems problems;
  Snapshot fresh;
  try {
    fresh = builder_.build(snapshot_.server.get(), problems);
  } catch (const std::exception& error) {  // whatever a library throws must not end a running server
    problems.push_back({{}, error.what()});
  }
  if (problems.empty() && fresh.server->max_flight_size() > chunk_capacity_) {
    problems.push_back({{}, "the certificate chain is too long for the buffers made at start; restart to use it"});
  }
  if (!problems.empty()) {
    for (const Problem& problem : problems) spdlog::error("reload: {}", problem.text());
    spdlog::error("reload failed: the old configuration stays in use");
    return;
  }
  say_what_needs_a_restart(fresh.config);
  if (!listen_alike(snapshot_.config, fresh.config)) fresh.config.listen_rules = snapshot_.config.listen_rules;
  fresh.config.listen = snapshot_.config.listen;  // with the ports that the system chose
  fresh.config.workers = snapshot_.config.workers;
  fresh.config.cpus = snapshot_.config.cpus;
  fresh.config.xdp = snapshot_.config.xdp;
  fresh.config.admin = snapshot_.config.admin;
  snapshot_ = std::move(fresh);
  for (const auto& reactor : reactors_) reactor->reload(reactor_settings(snapshot_, reactors_.size()));
  ++reloads_;
  admin_facts_.set(facts());
  spdlog::info("reloaded; new connections use the new configuration");
}

void Supervisor::say_what_needs_a_restart(const Config& fresh) const {
  const Config& old = snapshot_.config;
  if (!listen_alike(old, fresh)) spdlog::warn("reload: listen has changed, which takes a restart");
  if (old.workers != fresh.workers || old.cpus != fresh.cpus)
    spdlog::warn("reload: workers or cpus have changed, which takes a restart");
  const bool admin = old.admin.has_value() != fresh.admin.has_value() || (old.admin && !same(*old.admin, *fresh.admin));
  if (admin) spdlog::warn("reload: admin has changed, which takes a restart");
  if (old.user != fresh.user) spdlog::warn("reload: user has changed, which takes a restart");
  if (old.xdp != fresh.xdp) spdlog::warn("reload: xdp has changed, which takes a restart");
  if (old.buffer_memory_mib != fresh.buffer_memory_mib)
    spdlog::warn("reload: buffer_memory has changed, which takes a restart");
}

void Supervisor::log_statistics() const {
  std::string line;
#define BREAKWATER_PRINT(name, kind, what)                                       \
  {                                                                              \
    std::uint64_t sum = 0;                                                       \
    for (const auto& reactor : reactors_) sum += reactor->counters().name.get(); \
    line += fmt::format(" {}={}", #name, sum);                                   \
  }
  BREAKWATER_COUNTERS(BREAKWATER_PRINT)
#undef BREAKWATER_PRINT
  const XdpFilter::Counts dropped = xdp_ != nullptr ? xdp_->dropped() : XdpFilter::Counts{};
  line += fmt::format(" xdp_dropped={} xdp_dropped_syns={}", dropped.packets, dropped.syns);
  spdlog::info("statistics:{}", line);
}

// New blocks of the workers, for XDP. Where there is none they go: each worker blocks by itself.
void Supervisor::tell_the_kernel() {
  for (const auto& reactor : reactors_) {
    for (const NewBlock& block : reactor->block_outbox().take()) {
      if (xdp_ != nullptr) xdp_->block(block.network, block.until_ns);
    }
  }
}

void Supervisor::tell_of_attacks(std::uint64_t now) {
  std::vector<GuardReport> reports;
  for (const auto& reactor : reactors_) reports.push_back(reactor->report_board().read());
  for (const std::string& line : attacks_.collect(reports, now)) spdlog::warn("{}", line);
}

void Supervisor::tick() {
  std::vector<const FailureTable*> tables;
  for (const auto& reactor : reactors_) tables.push_back(&reactor->failures());
  const std::uint64_t now = monotonic_ms();
  const std::string line = summary_.collect(tables, now);
  if (!line.empty()) spdlog::warn("{}", line);
  tell_of_attacks(now);
  if (now >= next_rotation_ms_) {
    next_rotation_ms_ = now + 60'000;
    snapshot_.server->rotate_ticket_keys(epoch_ms());
  }
  if (xdp_ != nullptr && now >= next_sweep_ms_) {
    next_sweep_ms_ = now + kXdpSweepMs;
    xdp_->sweep(now * 1'000'000);
  }
}

}  // namespace

int serve(const CommandLine& command_line) { return Supervisor(command_line).run(); }

int check(const CommandLine& command_line) {
  Problems problems;
  SnapshotBuilder builder(command_line);
  const Snapshot snapshot = builder.build(nullptr, problems);
  for (const Problem& problem : problems) std::cout << problem.text() << '\n';
  if (!problems.empty()) return kExitFailure;
  std::cout << "OK\n"
            << describe(snapshot.config) << "  guard            "
            << describe_guard(snapshot.config, *snapshot.server, "\n                   ") << '\n';
  return kExitOk;
}

}  // namespace breakwater::proxy
