// What can be said about a load: one table, from which flags, keys of scenario files, help and checks are made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/plan.h"

namespace breakwater::flood {

enum class Kind : std::uint8_t {
  Text,
  Number,  // with or without a point
  Whole,
  Switch,  // a flag without a value; true or false in a file
  List,    // separated by commas; in a file also a list
  Repeat,  // a flag that may be given again; in a file a string or a list
};

struct Key {
  std::string_view name;  // of the flag, without its two dashes; in files its dashes are underscores
  Kind kind = Kind::Text;
  std::string type;  // for help: "SECONDS"
  const char* help = "";
  const char* group = "";    // of help
  const char* example = "";  // as in a file, for messages
  std::uint32_t modes = 0;   // a bit for each mode in which it has a meaning
  bool file_only = false;
  // Takes the value (Switch: "true" or "false") into the load; else a sentence with what is wrong. Empty: good.
  std::string (*take)(Load& load, const std::vector<std::string>& values) = nullptr;

  bool has_meaning_in(Mode mode) const noexcept { return (modes >> static_cast<unsigned>(mode) & 1) != 0; }
};

std::span<const Key> load_keys();
const Key* find_key(std::string_view name);

inline constexpr double kMaxSeconds = 86'400;  // of a run: always bounded
inline constexpr std::uint32_t kMaxConnections = 1'000'000;

}  // namespace breakwater::flood
