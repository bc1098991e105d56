// A configuration that has been checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <breakwater/breakwater.h>
#include "proxy/config/settings.h"
#include "proxy/guard/guard_config.h"
#include "proxy/log/log.h"
#include "proxy/reactor/socket_address.h"
#include "proxy/reactor/timeouts.h"

namespace breakwater::proxy {

// What holds for the connections that one address accepts.
struct ListenRules {
  std::optional<bool> guard = std::nullopt;  // whether they are judged; none: as Config::guard says

  bool is_judged(const GuardConfig& of_all) const noexcept { return guard.value_or(of_all.on); }
};

struct Config {
  std::vector<SocketAddress> listen;
  std::vector<ListenRules> listen_rules;         // one for each of `listen`
  std::vector<guard::Network> front_ends;        // that send PROXY headers
  std::vector<CertificateSetting> certificates;  // empty: self-signed ones are made
  ServerOptions tls;                             // without certificates and key log

  std::string backend;  // as written; empty: respond
  std::vector<SocketAddress> backend_addresses;
  std::string respond;
  bool respond_by_default = false;

  std::vector<int> cpus;  // to pin workers to, one after the other; empty: not pinned
  std::size_t workers = 1;
  Timeouts timeouts;
  std::size_t max_connections = 0;      // of the process; 0: by descriptors
  std::size_t buffer_memory_mib = 256;  // of the process
  std::vector<std::string> xdp;         // interfaces on which the kernel drops blocked addresses; empty: off
  std::string user;                     // to become after listening
  std::string key_log;                  // path
  std::string access_log;               // path
  LogFormat log_format = LogFormat::Text;
  GuardConfig guard;
  std::optional<SocketAddress> admin;  // on loopback; none: no administration interface
};

// Checks the settings and fills in what was not given. Problems are appended, one for each thing that is wrong.
// May ask the resolver for the addresses of names. runs says what the CPU can run.
Config make_config(const Settings& settings, Problems& problems, bool (*runs)(Arithmetic) noexcept = can_run);

// Reads the certificates' files, or makes self-signed ones for localhost (`self_signed`, kept over reloads).
// On failure the problem says which file and why.
std::vector<CertificateOptions> load_certificates(const Config& config, std::vector<CertificateOptions>& self_signed,
                                                  Problems& problems);

// A few lines for people: what is listened on, served, and with which limits.
std::string describe(const Config& config);

}  // namespace breakwater::proxy
