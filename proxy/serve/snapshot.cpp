#include "proxy/serve/snapshot.h"

#include <openssl/crypto.h>

#include "proxy/apps/responder.h"
#include "proxy/apps/tunnel.h"

namespace breakwater::proxy {

Snapshot SnapshotBuilder::build(const Server* previous, Problems& problems) {
  Snapshot snapshot;
  snapshot.config = make_config(read_settings(command_line_, problems), problems);
  Config& config = snapshot.config;
  ServerOptions options = config.tls;
  options.certificates = load_certificates(config, self_signed_, problems);
  if (!config.key_log.empty()) {
    if (key_log_ == nullptr || config.key_log != key_log_path_) {
      std::string error;
      if (auto opened = KeyLogFile::open(config.key_log, error)) {
        key_log_ = std::move(opened);
        key_log_path_ = config.key_log;
      } else {
        problems.push_back({{"key_log", false}, error});
      }
    }
    options.key_log = [log = key_log_](std::string_view line) { log->write(line); };
  }
  if (!problems.empty()) return snapshot;
  BuildResult built = Server::build(options, previous);
  // The server has made what it needs of the keys.
  for (CertificateOptions& certificate : options.certificates) {
    OPENSSL_cleanse(certificate.key_pem.data(), certificate.key_pem.size());
  }
  if (built.server == nullptr) problems.push_back({{}, built.error});
  snapshot.server = std::move(built.server);
  return snapshot;
}

ReactorSettings reactor_settings(const Snapshot& snapshot, std::size_t workers) {
  const Config& config = snapshot.config;
  ReactorSettings settings;
  settings.server = snapshot.server;
  settings.timeouts = config.timeouts;
  settings.max_connections = (config.max_connections + workers - 1) / workers;
  if (config.backend.empty()) {
    settings.application = std::make_unique<Responder>(config.respond);
  } else {
    settings.application = std::make_unique<Tunnel>(config.backend_addresses);
  }
  return settings;
}

}  // namespace breakwater::proxy
