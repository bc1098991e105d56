#include "proxy/config/settings.h"

namespace breakwater::proxy {
namespace {

template <class T>
void prefer(std::optional<T>& flag, std::optional<T>& file) {
  if (!flag) flag = std::move(file);
}

void prefer(std::vector<Located<std::string>>& flags, std::vector<Located<std::string>>& file) {
  if (flags.empty()) flags = std::move(file);
}

// The two lists are all that there are flags for.
void prefer(GuardKeys& flags, GuardKeys& file) {
  prefer(flags.allow, file.allow);
  prefer(flags.deny, file.deny);
  file.allow = std::move(flags.allow);
  file.deny = std::move(flags.deny);
  flags = std::move(file);
}

}  // namespace

Settings merge(Settings flags, Settings file) {
  if (flags.listen.empty()) {
    flags.listen = std::move(file.listen);
    flags.listeners = std::move(file.listeners);
  }
  prefer(flags.proxy_protocol_from, file.proxy_protocol_from);
  if (flags.certificates.empty()) flags.certificates = std::move(file.certificates);
  if (!flags.backend && !flags.root && !flags.respond) {
    flags.backend = std::move(file.backend);
    flags.root = std::move(file.root);
    flags.respond = std::move(file.respond);
  }
  prefer(flags.workers, file.workers);
  prefer(flags.cpus, file.cpus);
  prefer(flags.tls_min, file.tls_min);
  prefer(flags.tickets, file.tickets);
  prefer(flags.groups, file.groups);
  prefer(flags.suites, file.suites);
  prefer(flags.alpn, file.alpn);
  prefer(flags.reject_unknown_names, file.reject_unknown_names);
  prefer(flags.ktls, file.ktls);
  prefer(flags.io, file.io);
  prefer(flags.crypto, file.crypto);
  prefer(flags.guard, file.guard);
  prefer(flags.xdp, file.xdp);
  prefer(flags.guard_keys, file.guard_keys);
  prefer(flags.admin, file.admin);
  prefer(flags.user, file.user);
  prefer(flags.key_log, file.key_log);
  prefer(flags.access_log, file.access_log);
  prefer(flags.log_format, file.log_format);
  prefer(flags.handshake_timeout_ms, file.handshake_timeout_ms);
  prefer(flags.idle_timeout_ms, file.idle_timeout_ms);
  prefer(flags.connect_timeout_ms, file.connect_timeout_ms);
  prefer(flags.drain_timeout_ms, file.drain_timeout_ms);
  prefer(flags.max_connections, file.max_connections);
  prefer(flags.buffer_memory_mib, file.buffer_memory_mib);
  return flags;
}

}  // namespace breakwater::proxy
