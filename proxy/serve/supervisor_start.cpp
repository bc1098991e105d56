// Supervisor: from a configuration to running workers.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "proxy/admin/admin_pages.h"
#include "proxy/config/describe_guard.h"
#include "proxy/guard/guard_limits.h"
#include "proxy/reactor/listener.h"
#include "proxy/serve/process.h"
#include "proxy/serve/supervisor.h"

namespace breakwater::proxy {

// A table of 2 MiB; who has more connections waits for it to grow.
constexpr std::size_t kDescriptorsReserved = std::size_t{1} << 18;

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
  kernel_rules_.emplace(config);
  std::string error;
  xdp_ = XdpFilter::attach(config.xdp, kernel_rules_->ports(), error);
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
  facts.capacity = handshakes_per_second(*snapshot_.server);
  for (double* const rate : {&facts.capacity.ecdsa, &facts.capacity.rsa, &facts.capacity.resumed}) {
    *rate *= static_cast<double>(config.workers);
  }
  facts.start_ms = start_ms_;
  facts.reloads = reloads_;
  facts.draining = draining_;
  const XdpFilter::Counts dropped = xdp_ != nullptr ? xdp_->dropped() : XdpFilter::Counts{};
  facts.drops_in_kernel = xdp_ != nullptr && config.front_ends.empty();  // of their clients it knows nothing
  facts.xdp_dropped = dropped.packets;
  facts.xdp_dropped_syns = dropped.syns;
  return facts;
}

bool Supervisor::start() {
  descriptors_ = raise_descriptor_limit();
  reserve_descriptors(std::min(descriptors_, kDescriptorsReserved));
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
      reactors_.push_back(
          std::make_unique<Reactor>(reactor_settings(snapshot_, config.workers), limits, std::move(own), news_.get()));
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

}  // namespace breakwater::proxy
