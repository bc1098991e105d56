// Supervisor: what SIGHUP does.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "proxy/config/describe_guard.h"
#include "proxy/serve/supervisor.h"

namespace breakwater::proxy {
namespace {

// Port 0 asks for any: it is the one that there is.
bool same(const SocketAddress& old, const SocketAddress& fresh) {
  return fresh.port() == 0 || old.text() == fresh.text();
}

// Whether what is listened on is what the fresh configuration asks for.
bool listen_alike(const Config& old, const Config& fresh) {
  return std::equal(old.listen.begin(), old.listen.end(), fresh.listen.begin(), fresh.listen.end(), same);
}

}  // namespace

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
  set_log_format(snapshot_.config.log_format);
  say_warning(snapshot_);
  tell_xdp_of_rules();
  for (const auto& reactor : reactors_) reactor->reload(reactor_settings(snapshot_, reactors_.size()));
  ++reloads_;
  admin_facts_.set(facts());
  spdlog::info("reloaded; new connections use the new configuration");
}

// Who is on a list now, or a front end, must not wait for the end of a block.
void Supervisor::tell_xdp_of_rules() {
  if (xdp_ == nullptr) return;
  kernel_rules_.emplace(snapshot_.config);
  const auto is_spared = [this](const guard::Network& client) { return !kernel_rules_->may_drop(client); };
  if (!xdp_->set_ports(kernel_rules_->ports())) spdlog::warn("reload: the kernel does not take the listeners' rules");
  xdp_->release_if(is_spared);
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

}  // namespace breakwater::proxy
