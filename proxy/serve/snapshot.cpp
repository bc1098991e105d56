#include "proxy/serve/snapshot.h"

#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include "proxy/apps/responder.h"
#include "proxy/apps/tunnel.h"

namespace breakwater::proxy {

void say_warning(const Snapshot& snapshot) {
  if (!snapshot.server->warning().empty()) spdlog::warn("{}", snapshot.server->warning());
}

bool SnapshotBuilder::wants_json() const noexcept {
  const auto& format = command_line_.flags.log_format;
  return format && format->value == "json";
}

Snapshot SnapshotBuilder::build(const Server* previous, Problems& problems) {
  Snapshot snapshot;
  snapshot.config = make_config(read_settings(command_line_, problems), problems);
  Config& config = snapshot.config;
  ServerOptions options = config.tls;
  options.certificates = load_certificates(config, self_signed_, problems);
  if (!config.key_log.empty()) {
    if (key_log_ == nullptr || config.key_log != key_log_path_) {
      std::string error;
      if (auto opened = open_key_log(config.key_log, error)) {
        key_log_ = std::move(opened);
        key_log_path_ = config.key_log;
      } else {
        problems.push_back({{"key_log", false}, error});
      }
    }
    options.key_log = [log = key_log_](std::string_view line) { write_key_log_line(*log, line); };
  }
  open_access_log(config.access_log, problems);
  if (!problems.empty()) return snapshot;
  BuildResult built = Server::build(options, previous);
  // The server has made what it needs of the keys.
  for (CertificateOptions& certificate : options.certificates) {
    OPENSSL_cleanse(certificate.key_pem.data(), certificate.key_pem.size());
  }
  if (built.server == nullptr) problems.push_back({{}, built.error});
  snapshot.server = std::move(built.server);
  snapshot.access_log = access_log_;
  return snapshot;
}

// Anew at every reload: the old file may have been renamed to be rotated. A user without rights in that folder, whom
// the server has become since, keeps the file that is open.
void SnapshotBuilder::open_access_log(const std::string& path, Problems& problems) {
  if (path.empty()) {
    access_log_ = nullptr;
    return;
  }
  std::string error;
  if (auto opened = LogFile::open(path, "access log", LogFile::Readers::AsUmask, error)) {
    access_log_ = std::move(opened);
    access_log_path_ = path;
  } else if (access_log_ != nullptr && path == access_log_path_) {
    spdlog::warn("{}; lines go on into the file that was opened before", error);
  } else {
    problems.push_back({{"access_log", false}, error});
  }
}

ReactorSettings reactor_settings(const Snapshot& snapshot, std::size_t workers) {
  const Config& config = snapshot.config;
  ReactorSettings settings;
  settings.server = snapshot.server;
  settings.access_log = snapshot.access_log;
  settings.timeouts = config.timeouts;
  if (!config.front_ends.empty()) settings.front_ends = std::make_shared<const FrontEnds>(config.front_ends);
  GuardConfig guard = config.guard;
  guard.on = false;  // nobody to judge
  for (const ListenRules& rules : config.listen_rules) {
    settings.listeners.push_back({.judged = rules.is_judged(config.guard)});
    guard.on |= settings.listeners.back().judged;
  }
  settings.guard = std::make_shared<const GuardConfig>(std::move(guard));
  settings.workers = workers;
  settings.max_connections = (config.max_connections + workers - 1) / workers;
  if (config.backend.empty()) {
    settings.application = std::make_unique<Responder>(config.respond);
  } else {
    settings.application = std::make_unique<Tunnel>(config.backend_addresses);
  }
  return settings;
}

}  // namespace breakwater::proxy
