#include "proxy/config/toml_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "proxy/config/read_file.h"
#include "proxy/config/values.h"

namespace breakwater::proxy {
namespace {

std::string_view article(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a point";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

class Reader {
 public:
  Reader(std::string name, std::filesystem::path folder, Problems& problems)
      : name_(std::move(name)), folder_(std::move(folder)), problems_(problems) {}

  Settings read(const toml::table& table);

  Origin origin(const toml::source_region& region) const {
    return {fmt::format("{}:{}:{}", name_, region.begin.line, region.begin.column), false};
  }

 private:
  using Take = std::function<void(const toml::node&)>;
  using Keys = std::map<std::string_view, Take>;

  void complain(const toml::source_region& region, std::string message) {
    problems_.push_back({origin(region), std::move(message)});
  }
  void wrong_type(const toml::node& node, std::string_view wanted) {
    complain(node.source(), fmt::format("this must be {}, not {}", wanted, article(node)));
  }
  void walk(const toml::table& table, const Keys& keys, std::string_view where);

  std::optional<std::string> text(const toml::node& node) {
    if (const auto value = node.value_exact<std::string>()) return value;
    wrong_type(node, "a string");
    return std::nullopt;
  }
  std::optional<std::vector<std::string>> texts(const toml::node& node);

  Take string(Setting<std::string>& target) {
    return [this, &target](const toml::node& node) {
      if (auto value = text(node)) target = {{std::move(*value), origin(node.source())}};
    };
  }
  Take on_off(Setting<std::string>& target);
  Take number(Setting<std::int64_t>& target);
  Take duration(Setting<std::int64_t>& target);
  Take boolean(Setting<bool>& target);
  Take share(Setting<std::int64_t>& target);
  Take time_or_off(Setting<std::int64_t>& target);
  Take texts_in_place(std::vector<Located<std::string>>& target);
  Take list(Setting<std::vector<std::string>>& target) {
    return [this, &target](const toml::node& node) {
      if (auto value = texts(node)) target = {{std::move(*value), origin(node.source())}};
    };
  }
  Take list_or_one(Setting<std::vector<std::string>>& target) {
    return [this, &target](const toml::node& node) {
      if (const auto one = node.value_exact<std::string>()) {
        target = {{{*one}, origin(node.source())}};
      } else if (auto value = texts(node)) {
        target = {{std::move(*value), origin(node.source())}};
      }
    };
  }
  // One table, or several of the same name; form: how to write it.
  Take tables(std::function<void(const toml::table&)> take, std::string_view form);
  void listener(const toml::table& table, Settings& settings);
  void certificate(const toml::table& table, Settings& settings);
  void add_guard_keys(Keys& keys, GuardKeys& target);
  std::string path(const std::string& given) const {
    return given.empty() ? given : (folder_ / given).lexically_normal().string();
  }

  std::string name_;
  std::filesystem::path folder_;
  Problems& problems_;
};

// The known name that is nearest, to help with a slip of the pen.
std::string_view nearest(std::string_view word, const auto& keys) {
  std::string_view best;
  std::size_t best_distance = 3;
  for (const auto& [key, take] : keys) {
    std::vector<std::size_t> row(key.size() + 1);
    for (std::size_t i = 0; i <= key.size(); ++i) row[i] = i;
    for (std::size_t j = 1; j <= word.size(); ++j) {
      std::size_t diagonal = row[0];
      row[0] = j;
      for (std::size_t i = 1; i <= key.size(); ++i) {
        const std::size_t change = diagonal + (key[i - 1] == word[j - 1] ? 0 : 1);
        diagonal = row[i];
        row[i] = std::min({change, row[i] + 1, row[i - 1] + 1});
      }
    }
    if (row[key.size()] < best_distance) {
      best_distance = row[key.size()];
      best = key;
    }
  }
  return best;
}

void Reader::walk(const toml::table& table, const Keys& keys, std::string_view where) {
  for (auto&& [key, node] : table) {
    const auto known = keys.find(key.str());
    if (known != keys.end()) {
      known->second(node);
      continue;
    }
    const std::string_view guess = nearest(key.str(), keys);
    complain(key.source(), guess.empty()
                               ? fmt::format("unknown key \"{}\"{}; see breakwater(8) for all keys", key.str(), where)
                               : fmt::format("unknown key \"{}\"{}; did you mean \"{}\"?", key.str(), where, guess));
  }
}

std::optional<std::vector<std::string>> Reader::texts(const toml::node& node) {
  const toml::array* const array = node.as_array();
  if (array == nullptr) {
    wrong_type(node, "a list of strings");
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    auto value = text(element);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

Reader::Take Reader::on_off(Setting<std::string>& target) {
  return [this, &target](const toml::node& node) {
    if (const auto flag = node.value_exact<bool>()) {
      target = {{*flag ? "on" : "off", origin(node.source())}};
    } else if (const auto value = node.value_exact<std::string>()) {
      target = {{*value, origin(node.source())}};
    } else {
      wrong_type(node, "\"on\", \"off\", true or false");
    }
  };
}

Reader::Take Reader::number(Setting<std::int64_t>& target) {
  return [this, &target](const toml::node& node) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value) return wrong_type(node, "a whole number");
    target = {{*value, origin(node.source())}};
  };
}

Reader::Take Reader::duration(Setting<std::int64_t>& target) {
  return [this, &target](const toml::node& node) {
    std::optional<std::int64_t> milliseconds;
    if (const auto seconds = node.value_exact<std::int64_t>()) {
      if (*seconds >= 0 && *seconds <= 31'536'000) milliseconds = *seconds * 1000;
    } else if (const auto value = node.value_exact<std::string>()) {
      milliseconds = parse_duration_ms(*value);
    } else {
      return wrong_type(node, "a time");
    }
    if (!milliseconds) {
      return complain(node.source(),
                      "this is no time; write a number of seconds, or \"500ms\", \"10s\", \"5m\", \"1h\"");
    }
    target = {{*milliseconds, origin(node.source())}};
  };
}

Reader::Take Reader::boolean(Setting<bool>& target) {
  return [this, &target](const toml::node& node) {
    const auto value = node.value_exact<bool>();
    if (!value) return wrong_type(node, "true or false");
    target = {{*value, origin(node.source())}};
  };
}

Reader::Take Reader::share(Setting<std::int64_t>& target) {
  return [this, &target](const toml::node& node) {
    std::optional<std::int64_t> millionths;
    if (const auto value = node.value_exact<std::string>()) {
      millionths = parse_share(*value);
    } else if (node.is_number()) {
      millionths = share_of_percent(node.value<double>().value_or(0));
    } else {
      return wrong_type(node, "a share, such as \"25%\"");
    }
    if (!millionths) {
      return complain(node.source(),
                      "this is no share; write \"0.1%\" or \"25%\", or a number of percent: more than 0, at "
                      "most 100, with up to four digits behind the point");
    }
    target = {{*millionths, origin(node.source())}};
  };
}

Reader::Take Reader::time_or_off(Setting<std::int64_t>& target) {
  return [this, &target](const toml::node& node) {
    if (node.value_exact<std::string>() != "off") return duration(target)(node);
    target = {{0, origin(node.source())}};
  };
}

// Each with its own place. A single one needs no list.
Reader::Take Reader::texts_in_place(std::vector<Located<std::string>>& target) {
  return [this, &target](const toml::node& node) {
    if (const toml::array* const array = node.as_array()) {
      for (const toml::node& element : *array) {
        if (auto value = text(element)) target.push_back({std::move(*value), origin(element.source())});
      }
    } else if (const auto value = node.value_exact<std::string>()) {
      target.push_back({*value, origin(node.source())});
    } else {
      wrong_type(node, "a list of strings");
    }
  };
}

Reader::Take Reader::tables(std::function<void(const toml::table&)> take, std::string_view form) {
  return [this, take = std::move(take), form](const toml::node& node) {
    const auto one = [&](const toml::node& element) {
      const toml::table* const table = element.as_table();
      if (table == nullptr) return wrong_type(element, form);
      take(*table);
    };
    if (const toml::array* const array = node.as_array()) {
      for (const toml::node& element : *array) one(element);
    } else {
      one(node);
    }
  };
}

void Reader::listener(const toml::table& table, Settings& settings) {
  ListenerSetting listener;
  Setting<std::string> address;
  walk(table, {{"address", string(address)}, {"guard", on_off(listener.guard)}}, " of [[listener]]");
  if (!table.contains("address")) {
    complain(table.source(), "a listener needs an address, such as \"0.0.0.0:443\"");
  }
  if (!address) return;
  listener.address = std::move(*address);
  settings.listeners.push_back(std::move(listener));
}

void Reader::certificate(const toml::table& table, Settings& settings) {
  CertificateSetting certificate;
  certificate.origin = origin(table.source());
  Setting<std::string> chain, key;
  Setting<std::vector<std::string>> names;
  Setting<std::int64_t> millionths;
  walk(table, {{"chain", string(chain)}, {"key", string(key)}, {"names", list(names)}, {"share", share(millionths)}},
       " of [[certificate]]");
  if (table.contains("chain") != table.contains("key") || table.empty()) {
    complain(table.source(), "a certificate needs both a chain and a key: paths of PEM files");
  }
  if (chain) certificate.chain = path(chain->value);
  if (key) certificate.key = path(key->value);
  if (names) certificate.names = std::move(names->value);
  if (millionths) certificate.share = static_cast<std::uint32_t>(millionths->value);
  if (chain && key) settings.certificates.push_back(std::move(certificate));
}

void Reader::add_guard_keys(Keys& keys, GuardKeys& target) {
  keys.insert({
      {"allow", texts_in_place(target.allow)},
      {"deny", texts_in_place(target.deny)},
      {"refusal", string(target.refusal)},
      {"retry", string(target.retry)},
      {"queue_limit", duration(target.queue_limit_ms)},
      {"queue_deadline", duration(target.queue_deadline_ms)},
      {"address_share", share(target.address_share)},
      {"network_share", share(target.network_share)},
      {"fingerprint_share", share(target.fingerprint_share)},
      {"host_share", share(target.host_share)},
      {"ticket_share", share(target.ticket_share)},
      {"rsa_rate", number(target.rsa_rate)},
      {"tls12_rate", number(target.tls12_rate)},
      {"half_open_limit", number(target.half_open_limit)},
      {"half_open_per_address", number(target.half_open_per_address)},
      {"block_after", number(target.block_after)},
      {"block_first", time_or_off(target.block_first_ms)},
      {"block_most", duration(target.block_most_ms)},
  });
}

Settings Reader::read(const toml::table& table) {
  Settings s;
  Keys keys = {
      {"listen", texts_in_place(s.listen)},
      {"listener", tables([this, &s](const toml::table& table) { listener(table, s); },
                          "a table; write [[listener]] with the keys address and guard below it")},
      {"proxy_protocol_from", texts_in_place(s.proxy_protocol_from)},
      {"certificate", tables([this, &s](const toml::table& table) { certificate(table, s); },
                             "a table; write [[certificate]] with the keys chain, key and names below it")},
      {"backend", string(s.backend)},
      {"root", string(s.root)},
      {"respond", string(s.respond)},
      {"workers", number(s.workers)},
      {"cpus", string(s.cpus)},
      {"tls_min", string(s.tls_min)},
      {"tickets", on_off(s.tickets)},
      {"groups", list(s.groups)},
      {"suites", list(s.suites)},
      {"alpn", list(s.alpn)},
      {"reject_unknown_names", boolean(s.reject_unknown_names)},
      {"ktls", string(s.ktls)},
      {"io", string(s.io)},
      {"crypto", string(s.crypto)},
      {"guard", on_off(s.guard)},
      {"xdp", list_or_one(s.xdp)},
      {"admin", string(s.admin)},
      {"user", string(s.user)},
      {"key_log", string(s.key_log)},
      {"access_log", string(s.access_log)},
      {"log_format", string(s.log_format)},
      {"handshake_timeout", duration(s.handshake_timeout_ms)},
      {"idle_timeout", duration(s.idle_timeout_ms)},
      {"connect_timeout", duration(s.connect_timeout_ms)},
      {"drain_timeout", duration(s.drain_timeout_ms)},
      {"max_connections", number(s.max_connections)},
      {"buffer_memory", number(s.buffer_memory_mib)},
  };
  add_guard_keys(keys, s.guard_keys);
  walk(table, keys, "");
  if (s.key_log) s.key_log->value = path(s.key_log->value);
  if (s.access_log) s.access_log->value = path(s.access_log->value);
  return s;
}

}  // namespace

Settings read_toml(std::string_view text, const std::string& name, const std::string& folder, Problems& problems) {
  const std::size_t before = problems.size();
  Reader reader(name, folder, problems);
  Settings settings;
  try {
    const toml::table table = toml::parse(text, name);
    settings = reader.read(table);
  } catch (const toml::parse_error& error) {
    problems.push_back({reader.origin(error.source()), std::string(error.description())});
  }
  // Tables hold their keys in alphabetical order; people read files from top to bottom.
  const auto position = [](const Problem& problem) {
    const std::vector<std::string> parts = split(problem.origin.place, ':');
    const auto at = [&parts](std::size_t from_end) {
      return parts.size() < from_end ? 0L : std::strtol(parts[parts.size() - from_end].c_str(), nullptr, 10);
    };
    return std::pair(at(2), at(1));
  };
  std::stable_sort(problems.begin() + static_cast<std::ptrdiff_t>(before), problems.end(),
                   [&](const Problem& left, const Problem& right) { return position(left) < position(right); });
  return settings;
}

Settings read_toml_file(const std::string& path, Problems& problems) {
  std::string text;
  std::string error;
  if (!read_file(path, text, error)) {
    problems.push_back({{path, false}, fmt::format("cannot read this file: {}", error)});
    return {};
  }
  return read_toml(text, path, std::filesystem::path(path).parent_path().string(), problems);
}

}  // namespace breakwater::proxy
