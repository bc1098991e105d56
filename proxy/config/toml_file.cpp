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
  void certificates(const toml::node& node, Settings& settings);
  void certificate(const toml::node& node, Settings& settings);
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

void Reader::certificates(const toml::node& node, Settings& settings) {
  if (const toml::array* const array = node.as_array()) {
    for (const toml::node& element : *array) certificate(element, settings);
  } else if (node.is_table()) {
    certificate(node, settings);
  } else {
    wrong_type(node, "a table; write [[certificate]] with the keys chain, key and names below it");
  }
}

void Reader::certificate(const toml::node& node, Settings& settings) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong_type(node, "a table with the keys chain, key and names");
  CertificateSetting certificate;
  certificate.origin = origin(node.source());
  Setting<std::string> chain, key;
  Setting<std::vector<std::string>> names;
  walk(*table, {{"chain", string(chain)}, {"key", string(key)}, {"names", list(names)}}, " of [[certificate]]");
  if (table->contains("chain") != table->contains("key") || table->empty()) {
    complain(node.source(), "a certificate needs both a chain and a key: paths of PEM files");
  }
  if (chain) certificate.chain = path(chain->value);
  if (key) certificate.key = path(key->value);
  if (names) certificate.names = std::move(names->value);
  if (chain && key) settings.certificates.push_back(std::move(certificate));
}

Settings Reader::read(const toml::table& table) {
  Settings s;
  const Keys keys = {
      {"listen", texts_in_place(s.listen)},
      {"proxy_protocol_from", texts_in_place(s.proxy_protocol_from)},
      {"certificate", [this, &s](const toml::node& node) { certificates(node, s); }},
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
      {"handshake_timeout", duration(s.handshake_timeout_ms)},
      {"idle_timeout", duration(s.idle_timeout_ms)},
      {"connect_timeout", duration(s.connect_timeout_ms)},
      {"drain_timeout", duration(s.drain_timeout_ms)},
      {"max_connections", number(s.max_connections)},
      {"buffer_memory", number(s.buffer_memory_mib)},
  };
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
