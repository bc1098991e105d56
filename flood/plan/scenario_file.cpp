#include "flood/plan/scenario_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "flood/plan/keys.h"
#include "flood/plan/names.h"

namespace breakwater::flood {
namespace {

constexpr const char* kRunWide[] = {"wait", "cpu", "json", "quiet", "i_own_this_target", "mix"};

const char* article(const toml::node& node) {
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

const char* wanted(Kind kind) {
  switch (kind) {
    case Kind::Text:
      return "a string";
    case Kind::Number:
      return "a number";
    case Kind::Whole:
      return "a whole number";
    case Kind::Switch:
      return "true or false";
    default:
      return "a string or a list of strings";
  }
}

// The value as text, as a flag would bring it; nothing when it is of another kind.
std::optional<std::vector<std::string>> values_of(const toml::node& node, Kind kind) {
  using Values = std::vector<std::string>;
  if (kind == Kind::Switch) {
    if (const auto value = node.value_exact<bool>()) return Values{*value ? "true" : "false"};
    return std::nullopt;
  }
  if (kind == Kind::Number || kind == Kind::Whole) {
    if (const auto value = node.value_exact<std::int64_t>()) return Values{fmt::format("{}", *value)};
    const auto value = node.value_exact<double>();
    if (!value || kind == Kind::Whole) return std::nullopt;
    return Values{fmt::format("{}", *value)};
  }
  if (const auto value = node.value_exact<std::string>()) return Values{*value};
  const toml::array* const array = node.as_array();
  if (kind == Kind::Text || array == nullptr || array->empty()) return std::nullopt;
  Values values;
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

class Reader {
 public:
  Reader(std::string file, const Target* target, Problems& problems)
      : file_(std::move(file)), target_(target), problems_(problems) {}

  std::vector<Load> read(const toml::table& table);
  Place place(const toml::source_region& region) const { return {{}, file_, region.begin.line, region.begin.column}; }

 private:
  void complain(const toml::source_region& region, std::string message) {
    problems_.push_back({place(region), std::move(message)});
  }
  Draft draft(const toml::table& table, std::string_view where);
  void unknown(const toml::key& key, std::string_view where, const std::vector<std::string_view>& known);
  void load(const toml::node& node, const Draft& defaults, std::vector<Load>& loads);

  std::string file_;
  const Target* target_;
  Problems& problems_;
  std::set<std::string> names_;
};

void Reader::unknown(const toml::key& key, std::string_view where, const std::vector<std::string_view>& known) {
  if (std::find(std::begin(kRunWide), std::end(kRunWide), key.str()) != std::end(kRunWide)) {
    std::string flag(key.str());
    std::replace(flag.begin(), flag.end(), '_', '-');
    return complain(key.source(),
                    fmt::format("\"{}\" is of the run, not of a load; give --{} on the command line", key.str(), flag));
  }
  const std::string_view guess = nearest(key.str(), known);
  complain(key.source(),
           guess.empty() ? fmt::format("unknown key \"{}\"{}; see breakwater-flood(1) for all keys", key.str(), where)
                         : fmt::format("unknown key \"{}\"{}; did you mean \"{}\"?", key.str(), where, guess));
}

Draft Reader::draft(const toml::table& table, std::string_view where) {
  Draft draft;
  draft.place = place(table.source());
  std::vector<std::string> spelled;
  for (const Key& key : load_keys()) {
    std::replace_copy(key.name.begin(), key.name.end(), std::back_inserter(spelled.emplace_back()), '-', '_');
  }
  const std::vector<std::string_view> known(spelled.begin(), spelled.end());
  for (auto&& [name, node] : table) {
    const auto found = std::find(known.begin(), known.end(), name.str());
    if (found == known.end()) {
      unknown(name, where, known);
      continue;
    }
    const Key& key = load_keys()[static_cast<std::size_t>(found - known.begin())];
    auto values = values_of(node, key.kind);
    if (!values) {
      complain(node.source(),
               fmt::format("this must be {}, not {}; write it as in {}", wanted(key.kind), article(node), key.example));
      continue;
    }
    draft.given.emplace(key.name, Given{std::move(*values), place(node.source())});
  }
  return draft;
}

void Reader::load(const toml::node& node, const Draft& defaults, std::vector<Load>& loads) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return complain(node.source(), "this must be a table; write [[load]] and its keys below it");
  const Draft own = draft(*table, " of [[load]]");
  if (!table->contains("name")) {
    complain(node.source(),
             "this load has no name; write one that tells it from the others, as in name = \"browsers\"");
  }
  Load made = make_load(own, defaults, target_, problems_);
  if (const auto name = own.given.find("name"); name != own.given.end() && !names_.insert(made.name).second) {
    problems_.push_back(
        {name->second.place, fmt::format("there is a load \"{}\" already; names must differ", made.name)});
  }
  loads.push_back(std::move(made));
}

std::vector<Load> Reader::read(const toml::table& table) {
  std::vector<Load> loads;
  Draft defaults;
  const toml::node* load_node = nullptr;
  for (auto&& [name, node] : table) {
    if (name == "load") {
      load_node = &node;
    } else if (name != "defaults") {
      unknown(name, " outside [defaults] and [[load]]", {"defaults", "load"});
    } else if (const toml::table* const inner = node.as_table()) {
      defaults = draft(*inner, " of [defaults]");
    } else {
      complain(node.source(), "this must be a table; write [defaults] and its keys below it");
    }
  }
  if (const auto found = defaults.given.find("name"); found != defaults.given.end()) {
    problems_.push_back({found->second.place, "each load has a name of its own; write it below [[load]]"});
    defaults.given.erase(found);
  }
  const toml::array* const array = load_node == nullptr ? nullptr : load_node->as_array();
  if (array != nullptr && array->size() > kMaxLoads) {
    complain(load_node->source(), fmt::format("too many loads; write at most {}", kMaxLoads));
  } else if (array != nullptr && !array->empty()) {
    for (const toml::node& node : *array) load(node, defaults, loads);
  } else if (load_node != nullptr && array == nullptr) {
    load(*load_node, defaults, loads);
  } else {
    problems_.push_back(
        {{{}, file_}, "there is no load; write [[load]] with its name and mode for each kind of client"});
  }
  return loads;
}

}  // namespace

std::vector<Load> read_scenario(std::string_view text, const std::string& file_name, const Target* target,
                                Problems& problems) {
  const std::size_t before = problems.size();
  Reader reader(file_name, target, problems);
  std::vector<Load> loads;
  try {
    loads = reader.read(toml::parse(text, file_name));
  } catch (const toml::parse_error& error) {
    problems.push_back({reader.place(error.source()), std::string(error.description())});
  }
  // Tables hold their keys in alphabetical order; people read files from top to bottom. What is wrong with a default is
  // found once for each load, and said once.
  const auto key = [](const Problem& problem) {
    return std::tie(problem.place.line, problem.place.column, problem.message);
  };
  const auto begin = problems.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(begin, problems.end(), [&](const Problem& left, const Problem& right) { return key(left) < key(right); });
  problems.erase(std::unique(begin, problems.end(),
                             [&](const Problem& left, const Problem& right) { return key(left) == key(right); }),
                 problems.end());
  return loads;
}

std::vector<Load> read_scenario_file(const std::string& path, const Target* target, Problems& problems) {
  // Not with a stream: of a folder that throws.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  std::string text;
  char buffer[4096];
  std::size_t size = 0;
  while (file != nullptr && (size = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) text.append(buffer, size);
  if (file == nullptr || std::ferror(file.get()) != 0) {
    problems.push_back({{{}, path}, fmt::format("cannot read this file: {}", std::strerror(errno))});
    return {};
  }
  return read_scenario(text, path, target, problems);
}

}  // namespace breakwater::flood
