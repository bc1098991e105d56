// From what was said about a load, in flags or in a file, to a Load that can be run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/plan.h"
#include "flood/plan/target.h"

namespace breakwater::flood {

// Where something stands: a flag ("--rate"), or a line and a column of a file.
struct Place {
  std::string flag = {};
  std::string file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  std::string text() const;  // "--rate", "mix.toml:3:1", or empty
};

struct Problem {
  Place place;
  std::string message;

  std::string text() const;
};
using Problems = std::vector<Problem>;

struct Given {
  std::vector<std::string> values;  // at least one
  Place place;
};

// What was said, by name of the key.
struct Draft {
  std::map<std::string, Given, std::less<>> given;
  Place place;  // of the load as a whole
};

// A draft wins over `defaults`, a default where it has no meaning is passed over. Without a target (it was wrong and
// has been complained about) what depends on it is not checked.
Load make_load(const Draft& draft, const Draft& defaults, const Target* target, Problems& problems);

}  // namespace breakwater::flood
