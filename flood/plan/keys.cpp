#include "flood/plan/keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "flood/plan/names.h"
#include "flood/plan/numbers.h"
#include "flood/plan/sources.h"
#include "flood/plan/values.h"

namespace breakwater::flood {
namespace {

using Values = std::vector<std::string>;

template <class... Modes>
constexpr std::uint32_t only(Modes... modes) {
  return ((1u << static_cast<unsigned>(modes)) | ...);
}
constexpr std::uint32_t kAll = (1u << (static_cast<unsigned>(Mode::Plain) + 1)) - 1;
constexpr std::uint32_t kHello = kAll & ~only(Mode::Garbage, Mode::Plain);                // sends a ClientHello
constexpr std::uint32_t kHandshake = kHello & ~only(Mode::Stall);                         // and may get an answer
constexpr std::uint32_t kEnding = (kHandshake & ~only(Mode::Hello)) | only(Mode::Plain);  // may end in good order
constexpr std::uint32_t kHolding = only(Mode::Stall, Mode::Idle, Mode::Plain);
constexpr std::uint32_t kAsking = only(Mode::Request, Mode::Plain);  // may send HTTP requests

template <std::uint32_t Load::*member, std::uint32_t least, std::uint32_t most>
std::string whole(Load& load, const Values& values) {
  std::uint64_t value = 0;
  std::string error = take_whole(values[0], least, most, value);
  if (error.empty()) load.*member = static_cast<std::uint32_t>(value);
  return error;
}

// Between a thousandth and `most`; with_zero: or nothing at all.
template <double Load::*member, std::uint32_t most, bool with_zero = false>
std::string number(Load& load, const Values& values) {
  return take_number(values[0], with_zero ? 0 : 0.001, most, load.*member);
}

template <auto member>
std::string tls_name(Load& load, const Values& values) {
  return take_name(values[0], load.tls.*member);
}

std::string take_rate(Load& load, const Values& values) {
  std::string error = number<&Load::rate, 10'000'000>(load, values);
  return error.empty() ? error : error + ", or leave it out: then each connection is followed by the next at once";
}

std::string take_count(Load& load, const Values& values) {
  std::string error = take_whole(values[0], 1, 1'000'000'000'000, load.count);
  return error.empty() ? error : error + ", or leave it out for no bound but the duration";
}

std::string take_sources(Load& load, const Values& values) {
  load.sources.clear();
  for (const std::string& value : values) {
    std::string error;
    const auto range = parse_source(value, error);
    if (!range) return error;
    load.sources.push_back(*range);
  }
  return {};
}

std::string take_alpn(Load& load, const Values& values) {
  load.tls.alpn.clear();
  for (const std::string& value : values) {
    for (std::string& name : split(value, ',')) {
      if (name.empty() || name.size() > 255)
        return "names of protocols have 1 to 255 bytes; write a list such as h2,http/1.1";
      load.tls.alpn.push_back(std::move(name));
    }
  }
  return load.tls.alpn.size() <= 16 ? "" : "too many protocols; give at most 16";
}

std::string take_pattern(Load& load, const Values& values) { return parse_pattern(values, load); }

std::string take_name_of_load(Load& load, const Values& values) {
  load.name = values[0];
  return is_printable(load.name, 64) ? "" : "a name has 1 to 64 characters, none of them a control character";
}

std::string take_server_name(Load& load, const Values& values) {
  load.tls.server_name = values[0];
  return check_server_name(load.tls.server_name);
}

std::string take_path(Load& load, const Values& values) {
  load.path = values[0];
  return check_path(load.path);
}

std::string take_host(Load& load, const Values& values) {
  load.host = values[0];
  return check_host(load.host);
}

std::vector<Key> make_keys() {
  constexpr const char* kWhat = "What each connection does";
  constexpr const char* kTls = "TLS";
  constexpr const char* kMuch = "How much and how long";
  constexpr const char* kFrom = "Where from";
  constexpr const char* kOwn = "Of some modes";
  return {
      {"mode", Kind::Text, choices<Mode>(), "See Modes below. Default full", kWhat, "mode = \"hello\"", kAll, false,
       [](Load& load, const Values& values) { return take_name(values[0], load.mode); }},
      {"name", Kind::Text, "TEXT", "Of the load in reports. Default: its mode", kWhat, "name = \"browsers\"", kAll,
       false, take_name_of_load},
      {"end", Kind::Text, choices<End>(),
       "How a connection ends: by RST, so that no port is kept busy, or by\nclose_notify and FIN. Default abort", kWhat,
       "end = \"close\"", kEnding, false,
       [](Load& load, const Values& values) { return take_name(values[0], load.end); }},

      {"tls", Kind::Text, choices<Version>(), "The only version accepted. Default 1.3", kTls, "tls = \"1.2\"", kHello,
       false, tls_name<&ClientSettings::version>},
      {"auth", Kind::Text, choices<Auth>(), "Signatures offered: which certificate the server takes. Default any", kTls,
       "auth = \"rsa\"", kHello, false, tls_name<&ClientSettings::auth>},
      {"cipher", Kind::Text, choices<Cipher>(), "Ciphers offered. Default any", kTls, "cipher = \"aes128\"", kHello,
       false, tls_name<&ClientSettings::cipher>},
      {"group", Kind::Text, choices<Group>(),
       "Key exchange. secp256r1 costs this side nothing, x25519 one\nmultiplication. Default secp256r1", kTls,
       "group = \"x25519\"", kHello, false, tls_name<&ClientSettings::group>},
      {"shape", Kind::Text, choices<Shape>(), "What the ClientHello looks like. Default tool", kTls,
       "shape = \"browser\"", kHello, false, tls_name<&ClientSettings::shape>},
      {"sni", Kind::Text, "NAME", "Server name sent; \"\" for none. Default: HOST when it is a name", kTls,
       "sni = \"www.example.com\"", kHello, false, take_server_name},
      {"alpn", Kind::List, "LIST",
       "Protocols offered, such as h2,http/1.1. Default: as the shape has it;\nhttp/1.1 in mode request", kTls,
       "alpn = [\"h2\", \"http/1.1\"]", kHello, false, take_alpn},
      {"check-signature", Kind::Switch, "", "Verify the server's signature, with its certificate's key", kTls,
       "check_signature = true", kHandshake, false,
       [](Load& load, const Values& values) {
         load.tls.check_signature = values[0] == "true";
         return std::string();
       }},
      {"corrupt-finished", Kind::Switch, "", "Send a wrong Finished: every handshake must fail", kTls,
       "corrupt_finished = true", only(Mode::Full, Mode::Resume, Mode::Trickle), false,
       [](Load& load, const Values& values) {
         load.tls.corrupt_finished = values[0] == "true";
         return std::string();
       }},

      {"connections", Kind::Whole, "N",
       "At once. Default 64; with --rate at most so many, default 4096 (64 that are kept open)", kMuch,
       "connections = 256", kAll, false, whole<&Load::connections, 1, kMaxConnections>},
      {"rate", Kind::Number, "R",
       "Start so many a second, whatever the server does, and count latency\n"
       "from when each was due. Default: as fast as the server answers",
       kMuch, "rate = 1000", kAll, false, take_rate},
      {"duration", Kind::Number, "SECONDS", "Default 10", kMuch, "duration = 30", kAll, false,
       number<&Load::duration_s, 86'400>},
      {"count", Kind::Whole, "N", "Stop after so many starts (mode request: requests)", kMuch, "count = 100000", kAll,
       false, take_count},
      {"warmup", Kind::Number, "SECONDS", "Part of the duration that is not counted. Default 0", kMuch, "warmup = 2",
       kAll, false, number<&Load::warmup_s, 86'400, true>},
      {"timeout", Kind::Number, "SECONDS", "For one handshake or request. Default 10", kMuch, "timeout = 5", kAll,
       false, number<&Load::timeout_s, 3'600>},
      {"start", Kind::Number, "SECONDS", "When in the run the load begins. Default 0", kMuch, "start = 5", kAll, true,
       number<&Load::start_s, 86'400, true>},

      {"source", Kind::Repeat, "ADDR",
       "Where connections come from, in turn: an address, FIRST-LAST,\n"
       "PREFIX/LENGTH or FIRST+STEPxCOUNT; may be given again.\nDefault: the kernel chooses",
       kFrom, "source = \"127.0.1.0/24\"", kAll, false, take_sources},

      {"hold", Kind::Number, "SECONDS",
       "How long a connection is held. Default: stall, idle: to the end;\nplain: not at all", kOwn, "hold = 30",
       kHolding, false, number<&Load::hold_s, 86'400>},
      {"ramp", Kind::Number, "RATE", "Where connections are held: open at most so many a second. Default 5000", kOwn,
       "ramp = 1000", kHolding, false, number<&Load::ramp, 10'000'000>},
      {"interval", Kind::Whole, "MS", "trickle: milliseconds between bytes. Default 100", kOwn, "interval = 500",
       only(Mode::Trickle), false, whole<&Load::interval_ms, 1, 3'600'000>},
      {"path", Kind::Text, "PATH",
       "request: what is asked for. Default /. plain: the repeated step is\n"
       "an HTTP request for this, as long as the step says",
       kOwn, "path = \"/index.html\"", kAsking, false, take_path},
      {"host", Kind::Text, "NAME", "Host header of requests. Default: the server name, else HOST", kOwn,
       "host = \"www.example.com\"", kAsking, false, take_host},
      {"requests", Kind::Whole, "N", "request: so many on one connection, 0 for no bound. Default 1", kOwn,
       "requests = 100", only(Mode::Request), false, whole<&Load::requests, 0, 1'000'000'000>},
      {"tickets", Kind::Whole, "N",
       "resume: collect so many sessions first and use them in turn.\nDefault 1: one ticket, replayed", kOwn,
       "tickets = 100", only(Mode::Resume), false, whole<&Load::tickets, 1, 100'000>},
      {"fresh-tickets", Kind::Switch, "", "resume: put each new ticket in the place of the one used", kOwn,
       "fresh_tickets = true", only(Mode::Resume), false,
       [](Load& load, const Values& values) {
         load.fresh_tickets = values[0] == "true";
         return std::string();
       }},
      {"own-tickets", Kind::Switch, "", "resume: use a ticket only from the address that got it", kOwn,
       "own_tickets = true", only(Mode::Resume), false,
       [](Load& load, const Values& values) {
         load.own_tickets = values[0] == "true";
         return std::string();
       }},
      {"pattern", Kind::List, "A:B,C:D",
       "plain: send A bytes, await B, send C, await D, end; needed there.\nC:DxN: the last step N times (0: no bound), "
       "and each time counts",
       kOwn, "pattern = \"300:1200,80:0\"", only(Mode::Plain), false, take_pattern},
  };
}

}  // namespace

std::span<const Key> load_keys() {
  static const std::vector<Key> keys = make_keys();
  return keys;
}

const Key* find_key(std::string_view name) {
  const std::span<const Key> keys = load_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [name](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace breakwater::flood
