// From settings to what the workers run with: at start, and again at every reload.
#pragma once

#include <memory>
#include <vector>

#include "proxy/cli/command_line.h"
#include "proxy/config/config.h"
#include "proxy/reactor/reactor.h"
#include "proxy/serve/key_log.h"

namespace breakwater::proxy {

struct Snapshot {
  Config config;
  ServerPtr server;
  std::shared_ptr<LogFile> access_log;  // null: none
};

class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(const CommandLine& command_line) : command_line_(command_line) {}

  // Whether the command line asks for a log in JSON; what a file asks for is known once it is read.
  bool wants_json() const noexcept;

  // Reads everything anew. `previous` hands its ticket keys on. An empty server when there are problems.
  Snapshot build(const Server* previous, Problems& problems);

 private:
  void open_access_log(const std::string& path, Problems& problems);

  const CommandLine& command_line_;
  std::vector<CertificateOptions> self_signed_;
  std::shared_ptr<LogFile> key_log_;
  std::string key_log_path_;
  std::shared_ptr<LogFile> access_log_;
  std::string access_log_path_;
};

// Logs what is not as it was asked for, if anything.
void say_warning(const Snapshot& snapshot);

// What one of `workers` workers gets of it.
ReactorSettings reactor_settings(const Snapshot& snapshot, std::size_t workers);

}  // namespace breakwater::proxy
