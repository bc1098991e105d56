#include "proxy/serve/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "proxy/json/json_writer.h"
#include "proxy/log/log.h"

namespace breakwater::proxy {
namespace {

constexpr int kTickMs = 1000;
constexpr std::uint64_t kXdpSweepMs = 10'000;

std::uint64_t epoch_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

}  // namespace

std::uint64_t monotonic_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

int Supervisor::run() {
  start_log(builder_.wants_json() ? LogFormat::Json : LogFormat::Text);
  block_signals();
  Problems problems;
  snapshot_ = builder_.build(nullptr, problems);
  set_log_format(snapshot_.config.log_format);
  if (!problems.empty()) {
    for (const Problem& problem : problems) spdlog::error("{}", problem.text());
    return kExitFailure;
  }
  say_warning(snapshot_);
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
  news_.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!signals_ || !news_) throw std::system_error(errno, std::generic_category(), "starting");
}

bool Supervisor::all_finished() const {
  return std::all_of(reactors_.begin(), reactors_.end(), [](const auto& reactor) { return reactor->finished(); });
}

void Supervisor::loop() {
  while (!all_finished()) {
    pollfd events[] = {{signals_.get(), POLLIN, 0}, {news_.get(), POLLIN, 0}};
    ::poll(events, 2, kTickMs);
    if ((events[1].revents & POLLIN) != 0) {
      std::uint64_t ignored;
      [[maybe_unused]] const ssize_t got = ::read(news_.get(), &ignored, sizeof ignored);
    }
    obey_signals();
    tell_of_blocks();
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

void Supervisor::log_statistics() const {
  std::string line;
  JsonWriter facts;
  const auto add = [&](std::string_view name, std::uint64_t value) {
    line += fmt::format(" {}={}", name, value);
    facts.field(name, value);
  };
  facts.begin_object();
#define BREAKWATER_PRINT(name, kind, what)                                       \
  {                                                                              \
    std::uint64_t sum = 0;                                                       \
    for (const auto& reactor : reactors_) sum += reactor->counters().name.get(); \
    add(#name, sum);                                                             \
  }
  BREAKWATER_COUNTERS(BREAKWATER_PRINT)
#undef BREAKWATER_PRINT
  const XdpFilter::Counts dropped = xdp_ != nullptr ? xdp_->dropped() : XdpFilter::Counts{};
  add("xdp_dropped", dropped.packets);
  add("xdp_dropped_syns", dropped.syns);
  log_event(Severity::Info, {"statistics", "statistics:" + line, facts.end_object().take()});
}

// What one worker has found is for the kernel and for the other workers.
void Supervisor::tell_of_blocks() {
  for (const auto& finder : reactors_) {
    for (const NewBlock& block : finder->blocks_found().take()) {
      if (xdp_ != nullptr && block.direct && kernel_rules_->may_drop(block.blocked.network)) {
        xdp_->block(block.blocked.network, block.blocked.until);
      }
      for (const auto& other : reactors_) {
        if (other != finder) other->blocks_told().put(block);
      }
    }
  }
}

void Supervisor::tell_of_attacks(std::uint64_t now) {
  // In peace nobody has reports made.
  bool seen = attacks_.is_attacked();
  // Never less than before, also when it cannot be read.
  const std::uint64_t dropped = std::max(told_dropped_, xdp_ != nullptr ? xdp_->dropped().packets : 0);
  seen |= std::exchange(told_dropped_, dropped) != dropped;
  std::uint64_t refusals = 0;
  for (const auto& reactor : reactors_) {
    seen |= reactor->was_loaded();
    for (const Counter& counter : reactor->refusals()) refusals += counter.get();
  }
  seen |= refusals != told_refusals_;
  if (!seen) return;
  // They may be older than what has been seen: then the next ones are asked for as well.
  std::vector<GuardReport> reports;
  for (const auto& reactor : reactors_) reports.push_back(reactor->report_board().read());
  told_refusals_ = 0;
  for (const GuardReport& report : reports) {
    for (const auto& [reason, count] : report.refusals) told_refusals_ += count;
  }
  if (const auto event = attacks_.collect(reports, dropped, now)) log_event(Severity::Warning, *event);
}

void Supervisor::tick() {
  std::vector<const FailureTable*> tables;
  for (const auto& reactor : reactors_) tables.push_back(&reactor->failures());
  const std::uint64_t now = monotonic_ms();
  if (const auto event = summary_.collect(tables, now)) log_event(Severity::Warning, *event);
  tell_of_attacks(now);
  if (xdp_ != nullptr) admin_facts_.set(facts());
  if (now >= next_rotation_ms_) {
    next_rotation_ms_ = now + 60'000;
    snapshot_.server->rotate_ticket_keys(epoch_ms());
  }
  if (xdp_ != nullptr && now >= next_sweep_ms_) {
    next_sweep_ms_ = now + kXdpSweepMs;
    xdp_->sweep(now * 1'000'000);
  }
}

}  // namespace breakwater::proxy
