#include "flood/plan/make_load.h"

#include <fmt/format.h>

#include <algorithm>

#include "flood/plan/address.h"
#include "flood/plan/http_request.h"
#include "flood/plan/keys.h"
#include "flood/plan/names.h"
#include "flood/plan/values.h"

namespace breakwater::flood {
namespace {

class Maker {
 public:
  Maker(const Draft& draft, const Draft& defaults, Problems& problems)
      : draft_(draft), defaults_(defaults), problems_(problems) {}

  Load make(const Target* target);

 private:
  const Given* find(std::string_view name) const {
    for (const Draft* draft : {&draft_, &defaults_}) {
      if (const auto found = draft->given.find(name); found != draft->given.end()) return &found->second;
    }
    return nullptr;
  }
  // About a key when it was given, else about the load.
  void complain(std::string_view key, std::string message) {
    const Given* const given = find(key);
    problems_.push_back({given != nullptr ? given->place : draft_.place, std::move(message)});
  }
  // A key as its user writes it.
  std::string written(std::string_view key) const {
    if (draft_.place.file.empty()) return fmt::format("--{}", key);
    std::string name(key);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }
  void take(const Key& key);
  void check_times();
  void check_mode();
  void check_plain();
  void check_request();
  void settle_tls(const Target& target);
  void check_sources(const Target& target);

  const Draft& draft_;
  const Draft& defaults_;
  Problems& problems_;
  Load load_;
};

std::string modes_of(const Key& key) {
  std::string text;
  for (const auto& [name, mode] : names_of<Mode>()) {
    if (key.has_meaning_in(mode)) text.append(text.empty() ? "" : ", ").append(name);
  }
  return text;
}

void Maker::take(const Key& key) {
  const Given* const given = find(key.name);
  if (given == nullptr) return;
  if (!key.has_meaning_in(load_.mode)) {
    if (!draft_.given.contains(key.name)) return;
    return complain(key.name, fmt::format("this has no meaning in mode {}; leave it out, or choose another mode ({})",
                                          to_text(load_.mode), modes_of(key)));
  }
  std::string error = key.take(load_, given->values);
  if (!error.empty()) complain(key.name, std::move(error));
}

void Maker::check_times() {
  if (load_.start_s + load_.duration_s > kMaxSeconds) {
    complain("start", fmt::format("the load would end later than 24 hours after the start; shorten {} or {}",
                                  written("start"), written("duration")));
  }
  if (load_.warmup_s >= load_.duration_s) {
    complain("warmup", fmt::format("nothing would be counted: a warm-up of {} s is part of a duration of {} s; "
                                   "lengthen {} or shorten {}",
                                   load_.warmup_s, load_.duration_s, written("duration"), written("warmup")));
  }
}

void Maker::check_plain() {
  if (find("pattern") == nullptr) {
    complain("mode", fmt::format("mode plain needs {}: what is sent and awaited in bytes, such as 300:1200,80:0; 0:0 "
                                 "connects and ends",
                                 written("pattern")));
  }
  if (load_.hold_s > 0 && load_.pattern_repeats && load_.repeats == 0) {
    complain("hold", fmt::format("the end of {} is repeated without bound, so nothing is ever held; leave one out",
                                 written("pattern")));
  }
  if (load_.hold_s == 0 && draft_.given.contains("ramp")) {
    complain("ramp", fmt::format("this is for connections that are held, and none is; give {} too, or {} for how many "
                                 "connections are begun a second",
                                 written("hold"), written("rate")));
  }
  if (find("path") == nullptr) {
    load_.path.clear();
    if (draft_.given.contains("host")) {
      complain("host", fmt::format("only requests have a Host header, and these bytes are none; give {} too, or leave "
                                   "{} out",
                                   written("path"), written("host")));
    }
  } else if (!load_.pattern_repeats) {
    complain("path", fmt::format("this is what the repeated step asks for, and {} has none; end it as in 80:1200x1",
                                 written("pattern")));
  }
}

void Maker::check_mode() {
  if (load_.mode == Mode::Plain) check_plain();
  if (find("rate") != nullptr && draft_.given.contains("ramp")) {
    complain("ramp", fmt::format("{} already says how fast connections are opened; leave {} out", written("rate"),
                                 written("ramp")));
  }
  const auto& alpn = load_.tls.alpn;
  if (load_.mode == Mode::Request && std::find(alpn.begin(), alpn.end(), "h2") != alpn.end()) {
    complain("alpn", fmt::format("requests are HTTP/1.1, so h2 may not be offered in mode request; leave {} out",
                                 written("alpn")));
  }
}

void Maker::settle_tls(const Target& target) {
  load_.tls.tickets = load_.mode == Mode::Resume;
  if (find("sni") == nullptr && target.host_is_name && check_server_name(target.host).empty()) {
    load_.tls.server_name = target.host;
  }
  if (load_.mode != Mode::Request && load_.mode != Mode::Plain) return;
  if (load_.mode == Mode::Request && load_.tls.alpn.empty()) load_.tls.alpn = {"http/1.1"};
  if (!load_.host.empty()) return;
  if (load_.tls.server_name.empty()) {
    load_.host = target.host.find(':') == std::string::npos ? target.host : fmt::format("[{}]", target.host);
  } else {
    load_.host = load_.tls.server_name;
  }
  if (target.port != 443) load_.host += fmt::format(":{}", target.port);
}

// Plain mode: whether the longest request that will be sent fits into its step.
void Maker::check_request() {
  if (load_.mode != Mode::Plain || load_.path.empty() || !load_.pattern_repeats) return;
  const std::size_t size = make_request(load_, load_.repeats != 0).size();
  const std::uint32_t room = load_.pattern.back().send;
  if (size <= room) return;
  complain("path", fmt::format("the request has {} bytes, and the repeated step of {} sends only {}; let it send at "
                               "least {}",
                               size, written("pattern"), room, size));
}

void Maker::check_sources(const Target& target) {
  for (const SourceRange& range : load_.sources) {
    if (range.first.is_v6 == target.address.is_v6) continue;
    return complain("source", fmt::format("{} is an IPv{} address and the target {} an IPv{} one; both must be of one "
                                          "family",
                                          to_text(range.first), range.first.is_v6 ? 6 : 4, to_text(target.address),
                                          target.address.is_v6 ? 6 : 4));
  }
}

Load Maker::make(const Target* target) {
  const std::size_t before = problems_.size();
  const Key* const mode = find_key("mode");
  take(*mode);
  if (problems_.size() != before) return load_;  // all else depends on it
  load_.name = to_text(load_.mode);
  for (const Key& key : load_keys()) {
    if (&key != mode) take(key);
  }
  if (problems_.size() != before) return load_;
  // With keep-alive the rate is of requests, over connections that are all opened at once.
  const bool over_open_connections = load_.mode == Mode::Request && load_.requests != 1;
  if (find("connections") == nullptr && load_.rate > 0 && !over_open_connections) load_.connections = 4096;
  check_times();
  check_mode();
  if (target != nullptr) {
    settle_tls(*target);
    check_request();
    check_sources(*target);
  }
  return load_;
}

}  // namespace

std::string Place::text() const {
  if (!flag.empty()) return flag;
  if (file.empty()) return {};
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

std::string Problem::text() const {
  const std::string at = place.text();
  return at.empty() ? message : fmt::format("{}: {}", at, message);
}

Load make_load(const Draft& draft, const Draft& defaults, const Target* target, Problems& problems) {
  return Maker(draft, defaults, problems).make(target);
}

}  // namespace breakwater::flood
