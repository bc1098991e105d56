// What the user asked for, from flags or from a file, with where each value stands, before it has been checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace breakwater::proxy {

// Where a value comes from: "breakwater.toml:3:1", or a flag such as "--listen".
struct Origin {
  std::string place;
  bool is_flag = false;
};

template <class T>
struct Located {
  T value{};
  Origin origin;
};
template <class T>
using Setting = std::optional<Located<T>>;

struct CertificateSetting {
  std::string chain;  // paths of PEM files
  std::string key;
  std::vector<std::string> names;
  Origin origin;
  std::optional<std::uint32_t> share = std::nullopt;  // of its hosts, in millionths
};

// [[listener]]: an address with rules of its own.
struct ListenerSetting {
  Located<std::string> address;
  Setting<std::string> guard;  // "on" or "off"
};

// What can be said of the guard but whether it is on. Shares are in millionths.
struct GuardKeys {
  std::vector<Located<std::string>> allow, deny;
  Setting<std::string> refusal;
  Setting<std::string> retry;
  Setting<std::int64_t> queue_limit_ms;
  Setting<std::int64_t> queue_deadline_ms;
  Setting<std::int64_t> address_share;
  Setting<std::int64_t> network_share;
  Setting<std::int64_t> fingerprint_share;
  Setting<std::int64_t> host_share;
  Setting<std::int64_t> ticket_share;
  Setting<std::int64_t> rsa_rate;
  Setting<std::int64_t> tls12_rate;
  Setting<std::int64_t> half_open_limit;
  Setting<std::int64_t> half_open_per_address;
  Setting<std::int64_t> block_after;
  Setting<std::int64_t> block_first_ms;  // 0: off
  Setting<std::int64_t> block_most_ms;
};

struct Settings {
  std::vector<Located<std::string>> listen;
  std::vector<ListenerSetting> listeners;
  std::vector<CertificateSetting> certificates;
  std::vector<Located<std::string>> proxy_protocol_from;
  Setting<std::string> backend;
  Setting<std::string> root;
  Setting<std::string> respond;
  Setting<std::int64_t> workers;
  Setting<std::string> cpus;
  Setting<std::string> tls_min;
  Setting<std::string> tickets;  // "on" or "off"
  Setting<std::vector<std::string>> groups;
  Setting<std::vector<std::string>> suites;
  Setting<std::vector<std::string>> alpn;
  Setting<bool> reject_unknown_names;
  Setting<std::string> ktls;
  Setting<std::string> io;
  Setting<std::string> crypto;
  Setting<std::string> guard;
  Setting<std::vector<std::string>> xdp;  // interfaces, or "off" alone
  GuardKeys guard_keys;
  Setting<std::string> admin;
  Setting<std::string> user;
  Setting<std::string> key_log;
  Setting<std::string> access_log;
  Setting<std::string> log_format;
  Setting<std::int64_t> handshake_timeout_ms;
  Setting<std::int64_t> idle_timeout_ms;
  Setting<std::int64_t> connect_timeout_ms;
  Setting<std::int64_t> drain_timeout_ms;
  Setting<std::int64_t> max_connections;
  Setting<std::int64_t> buffer_memory_mib;
};

// Something that is wrong, and what to do about it.
struct Problem {
  Origin origin;
  std::string message;

  std::string text() const { return origin.place.empty() ? message : origin.place + ": " + message; }
};
using Problems = std::vector<Problem>;

// Flags win over the file. A list given by flags replaces the file's list, and so does a choice of what to serve.
Settings merge(Settings flags, Settings file);

}  // namespace breakwater::proxy
