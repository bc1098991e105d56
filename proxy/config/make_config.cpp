#include <fmt/format.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "library/src/arithmetic_advice.h"
#include "proxy/config/check_guard.h"
#include "proxy/config/config.h"
#include "proxy/config/values.h"
#include "proxy/guard/talkers.h"

namespace breakwater::proxy {
namespace {

constexpr std::string_view kDefaultResponse = "Breakwater serves TLS here.\n";
constexpr std::string_view kDefaultListen = "127.0.0.1:8443";
constexpr std::uint64_t kTunnelIdleMs = 3'600'000;

class Checker {
 public:
  Checker(const Settings& settings, Problems& problems, bool (*runs)(Arithmetic) noexcept)
      : settings_(settings), problems_(problems), runs_(runs) {}

  Config check();

 private:
  void complain(const Origin& origin, std::string message) { problems_.push_back({origin, std::move(message)}); }
  void refuse_what_is_not_there_yet();
  void only(const Setting<std::string>& setting, std::initializer_list<std::string_view> allowed,
            std::initializer_list<std::string_view> not_yet, std::string_view instead);
  void listen(Config& config);
  void admin(Config& config);
  void listen_on(const Located<std::string>& entry, const ListenRules& rules, Config& config);
  void service(Config& config);
  void processors(Config& config);
  void tls(Config& config);
  void arithmetic(Config& config);
  void limits(Config& config);
  void xdp(Config& config);
  void user(Config& config);
  void guard(Config& config);
  void time(const Setting<std::int64_t>& setting, std::uint64_t& target, std::int64_t least_ms);

  const Settings& settings_;
  Problems& problems_;
  bool (*runs_)(Arithmetic) noexcept;
};

std::string quoted(std::initializer_list<std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += *(words.begin() + i);
  }
  return text;
}

void Checker::only(const Setting<std::string>& setting, std::initializer_list<std::string_view> allowed,
                   std::initializer_list<std::string_view> not_yet, std::string_view instead) {
  if (!setting) return;
  const std::string& value = setting->value;
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  if (std::find(not_yet.begin(), not_yet.end(), value) != not_yet.end()) {
    return complain(setting->origin, fmt::format("\"{}\" is not available in this version; {}", value, instead));
  }
  complain(setting->origin, fmt::format("\"{}\" is not known here; use {}", value, quoted(allowed)));
}

void Checker::refuse_what_is_not_there_yet() {
  only(settings_.ktls, {"auto", "off"}, {"on"}, "use auto, which takes kernel TLS as soon as it is there, or off");
  only(settings_.io, {"auto", "epoll"}, {"uring"}, "use auto or epoll");
  only(settings_.crypto, {"auto", "portable", "adx", "ifma"}, {}, "");
  only(settings_.log_format, {"text", "json"}, {}, "");
  if (settings_.root) {
    complain(settings_.root->origin,
             "serving files is not available in this version; use backend with a file server behind it, or respond");
  }
}

void Checker::listen(Config& config) {
  for (const Located<std::string>& entry : settings_.listen) listen_on(entry, {}, config);
  for (const ListenerSetting& listener : settings_.listeners) {
    only(listener.guard, {"on", "off"}, {}, "");
    ListenRules rules;
    if (listener.guard) rules.guard = listener.guard->value == "on";
    listen_on(listener.address, rules, config);
  }
  if (settings_.listen.empty() && settings_.listeners.empty()) {
    listen_on({std::string(kDefaultListen), {}}, {}, config);
  }
}

void Checker::listen_on(const Located<std::string>& entry, const ListenRules& rules, Config& config) {
  std::string error;
  const auto target = parse_host_port(entry.value, true, error);
  std::vector<SocketAddress> addresses;
  if (target) addresses = resolve(*target, true, error);
  if (addresses.empty()) return complain(entry.origin, error);
  for (const SocketAddress& address : addresses) {
    const auto same = [&](const SocketAddress& other) { return address.port() != 0 && other.text() == address.text(); };
    if (std::any_of(config.listen.begin(), config.listen.end(), same)) {
      complain(entry.origin, fmt::format("{} is given twice; leave one out", address.text()));
    } else {
      config.listen.push_back(address);
      config.listen_rules.push_back(rules);
    }
  }
}

// Who reaches it sees who is served and who is blocked, unencrypted: it stays on this machine.
void Checker::admin(Config& config) {
  if (!settings_.admin) return;
  const auto& [value, origin] = *settings_.admin;
  std::string error;
  const auto target = parse_host_port(value, true, error);
  std::vector<SocketAddress> addresses;
  if (target) addresses = resolve(*target, true, error);
  if (addresses.empty()) return complain(origin, error);
  // A name such as localhost may have both: IPv4 is what others try first.
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const SocketAddress& address) { return address.family() == AF_INET; });
  for (const SocketAddress& address : addresses) {
    if (address.is_loopback()) continue;
    return complain(origin, fmt::format("{} can be reached from other machines, and what is told there is neither "
                                        "encrypted nor asks who wants to know; use 127.0.0.1:PORT or [::1]:PORT",
                                        address.text()));
  }
  for (const SocketAddress& address : config.listen) {
    if (address.port() == 0 || address.text() != addresses[0].text()) continue;
    return complain(origin, fmt::format("{} is where clients are served; use another port", address.text()));
  }
  config.admin = addresses[0];
}

void Checker::service(Config& config) {
  const auto& [backend, respond] = std::tie(settings_.backend, settings_.respond);
  if (backend && respond) {
    return complain(respond->origin, "both backend and respond are given; choose one of them");
  }
  if (backend) {
    std::string error;
    const auto target = parse_host_port(backend->value, false, error);
    if (target) config.backend_addresses = resolve(*target, false, error);
    if (config.backend_addresses.empty()) complain(backend->origin, error);
    config.backend = backend->value;
    return;
  }
  config.respond = respond ? respond->value : std::string(kDefaultResponse);
  config.respond_by_default = !respond;
}

void Checker::processors(Config& config) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) CPU_SET(0, &allowed);
  config.workers = static_cast<std::size_t>(CPU_COUNT(&allowed));
  if (settings_.cpus) {
    std::string error;
    const auto cpus = parse_cpus(settings_.cpus->value, error);
    if (!cpus) return complain(settings_.cpus->origin, error);
    for (const int cpu : *cpus) {
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) continue;
      complain(settings_.cpus->origin,
               fmt::format("CPU {} does not exist or is not allowed to this process; `taskset -cp $$` shows which are",
                           cpu));
      return;
    }
    config.cpus = *cpus;
    config.workers = cpus->size();
  }
  if (settings_.workers) {
    const std::int64_t count = settings_.workers->value;
    if (count < 1 || count > 1024) {
      return complain(settings_.workers->origin,
                      fmt::format("{} workers cannot be; give a number from 1 to 1024", count));
    }
    config.workers = static_cast<std::size_t>(count);
  }
}

void Checker::tls(Config& config) {
  if (settings_.tls_min) {
    const std::string& value = settings_.tls_min->value;
    if (value == "1.3") {
      config.tls.min_version = Version::Tls13;
    } else if (value != "1.2") {
      complain(settings_.tls_min->origin,
               fmt::format("\"{}\" is no version that is spoken here; use 1.2 or 1.3", value));
    }
  }
  only(settings_.tickets, {"on", "off"}, {}, "");
  if (settings_.tickets) config.tls.tickets = settings_.tickets->value == "on";
  if (settings_.groups) {
    for (const std::string& group : settings_.groups->value) {
      if (group == "P-256" || group == "prime256v1") {
        config.tls.groups.emplace_back("secp256r1");
      } else if (group == "X25519") {
        config.tls.groups.emplace_back("x25519");
      } else if (group == "x25519" || group == "secp256r1") {
        config.tls.groups.push_back(group);
      } else {
        complain(settings_.groups->origin,
                 fmt::format("\"{}\" is no group that is known here; use x25519 and secp256r1", group));
      }
    }
  }
  if (settings_.suites) config.tls.suites = settings_.suites->value;
  if (settings_.reject_unknown_names) config.tls.reject_unknown_names = settings_.reject_unknown_names->value;
  if (settings_.alpn) {
    for (const std::string& name : settings_.alpn->value) {
      if (name.empty() || name.size() > 255) {
        complain(settings_.alpn->origin, "a protocol name has 1 to 255 bytes (RFC 7301 3.1)");
      } else if (config.backend.empty() && name != "http/1.1" && name != "http/1.0") {
        complain(settings_.alpn->origin,
                 fmt::format("the built-in responder does not speak \"{}\"; leave alpn out, or use a backend", name));
      }
    }
    config.tls.alpn = settings_.alpn->value;
  } else if (config.backend.empty()) {
    config.tls.alpn = {"http/1.1", "http/1.0"};
  }
  config.certificates = settings_.certificates;
  if (settings_.key_log) config.key_log = settings_.key_log->value;
  if (settings_.access_log) config.access_log = settings_.access_log->value;
  if (settings_.log_format && settings_.log_format->value == "json") config.log_format = LogFormat::Json;
}

void Checker::arithmetic(Config& config) {
  if (!settings_.crypto) return;
  const auto& [value, origin] = *settings_.crypto;
  if (value == "portable") config.tls.arithmetic = Arithmetic::Portable;
  if (value == "adx") config.tls.arithmetic = Arithmetic::Adx;
  if (value == "ifma") config.tls.arithmetic = Arithmetic::Ifma;
  if (runs_(config.tls.arithmetic)) return;
  complain(origin, fmt::format("\"{}\" {}", value, what_it_lacks(config.tls.arithmetic, runs_(Arithmetic::Adx))));
}

void Checker::time(const Setting<std::int64_t>& setting, std::uint64_t& target, std::int64_t least_ms) {
  if (!setting) return;
  if (setting->value < least_ms) {
    return complain(setting->origin, fmt::format("this time is too short; give at least {} ms", least_ms));
  }
  target = static_cast<std::uint64_t>(setting->value);
}

void Checker::limits(Config& config) {
  if (!config.backend.empty()) config.timeouts.idle_ms = kTunnelIdleMs;
  time(settings_.handshake_timeout_ms, config.timeouts.handshake_ms, 100);
  time(settings_.idle_timeout_ms, config.timeouts.idle_ms, 100);
  time(settings_.connect_timeout_ms, config.timeouts.connect_ms, 100);
  time(settings_.drain_timeout_ms, config.timeouts.drain_ms, 0);
  if (settings_.max_connections) {
    const std::int64_t count = settings_.max_connections->value;
    if (count < 1) {
      complain(settings_.max_connections->origin,
               "give a number of connections, or leave it out for as many as can be");
    } else {
      config.max_connections = static_cast<std::size_t>(count);
    }
  }
  if (settings_.buffer_memory_mib) {
    const std::int64_t size = settings_.buffer_memory_mib->value;
    if (size < 1 || size > 1'048'576) {
      complain(settings_.buffer_memory_mib->origin, "give the memory for buffers in MiB, at least 1");
    } else {
      config.buffer_memory_mib = static_cast<std::size_t>(size);
    }
  }
}

// Whether there are such interfaces is seen at start: one that is missing is no reason not to serve.
void Checker::xdp(Config& config) {
  if (!settings_.xdp) return;
  const auto& [names, origin] = *settings_.xdp;
  if (names == std::vector<std::string>{"off"}) return;
  for (const std::string& name : names) {
    if (name.empty() || name == "off" || name.size() >= IF_NAMESIZE ||
        name.find_first_of("/ \t\n") != std::string::npos) {
      complain(origin, fmt::format("\"{}\" is no name of an interface; write [\"eth0\"], or \"off\" alone", name));
    } else if (std::find(config.xdp.begin(), config.xdp.end(), name) != config.xdp.end()) {
      complain(origin, fmt::format("{} is given twice; leave one out", name));
    } else {
      config.xdp.push_back(name);
    }
  }
}

void Checker::user(Config& config) {
  if (!settings_.user) return;
  config.user = settings_.user->value;
  if (::getpwnam(config.user.c_str()) == nullptr) {
    complain(settings_.user->origin, fmt::format("there is no user \"{}\" on this machine", config.user));
  }
}

void Checker::guard(Config& config) {
  only(settings_.guard, {"on", "off"}, {}, "");
  config.guard = check_guard(settings_, problems_);
  if (settings_.guard) config.guard.on = settings_.guard->value == "on";
}

Config Checker::check() {
  Config config;
  refuse_what_is_not_there_yet();
  listen(config);
  config.front_ends = check_networks(settings_.proxy_protocol_from, problems_);
  admin(config);
  service(config);
  processors(config);
  tls(config);
  arithmetic(config);
  limits(config);
  xdp(config);
  user(config);
  guard(config);
  return config;
}

std::string_view name_of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::Auto:
      break;
    case Arithmetic::Portable:
      return "portable";
    case Arithmetic::Adx:
      return "adx";
    case Arithmetic::Ifma:
      return "ifma";
  }
  return "auto";
}

}  // namespace

Config make_config(const Settings& settings, Problems& problems, bool (*runs)(Arithmetic) noexcept) {
  return Checker(settings, problems, runs).check();
}

std::string describe(const Config& config) {
  std::string addresses;
  for (const SocketAddress& address : config.listen) {
    if (!addresses.empty()) addresses += ", ";
    addresses += address.text();
  }
  std::string front_ends;
  for (const guard::Network& network : config.front_ends) {
    front_ends += (front_ends.empty() ? "  PROXY headers    from " : ", ") + text_of(network);
  }
  if (!front_ends.empty()) front_ends += '\n';
  std::string interfaces;
  for (const std::string& name : config.xdp) interfaces += (interfaces.empty() ? "" : ", ") + name;
  return fmt::format(
      "  listen           {}\n"
      "{}"
      "  certificates     {}\n"
      "  serve            {}\n"
      "  workers          {}\n"
      "  TLS              {} and later, tickets {}\n"
      "  arithmetic       {}\n"
      "  timeouts         handshake {} ms, idle {} ms, connect {} ms, drain {} ms\n"
      "  connections      {}\n"
      "  buffers          {} MiB\n"
      "  XDP              {}\n"
      "  administration   {}\n",
      addresses, front_ends,
      config.certificates.empty() ? std::string("self-signed for localhost")
                                  : std::to_string(config.certificates.size()),
      config.backend.empty() ? std::string("the built-in response") : "backend " + config.backend, config.workers,
      config.tls.min_version == Version::Tls13 ? "1.3" : "1.2", config.tls.tickets ? "on" : "off",
      name_of(config.tls.arithmetic), config.timeouts.handshake_ms, config.timeouts.idle_ms, config.timeouts.connect_ms,
      config.timeouts.drain_ms,
      config.max_connections == 0 ? std::string("as many as descriptors allow")
                                  : std::to_string(config.max_connections),
      config.buffer_memory_mib, interfaces.empty() ? "off" : interfaces,
      config.admin ? config.admin->text() : std::string("none"));
}

}  // namespace breakwater::proxy
