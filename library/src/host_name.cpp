#include "library/src/host_name.h"

#include <cstddef>

namespace breakwater {
namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 2.3.4, written without the root's dot
constexpr std::size_t kMaxLabel = 63;

// The underscore is no host name character, but names with it are in use and certificates carry them.
constexpr bool is_label_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view host_name_problem(std::string_view name) noexcept {
  if (name.empty()) return "it is empty";
  if (name.size() > kMaxName) return "it is longer than 253 characters";
  std::string_view rest = is_wildcard(name) ? name.substr(2) : name;
  if (rest.find('*') != rest.npos) return "a wildcard must be the whole first label, as in *.example.com";
  for (bool last = false; !last;) {
    const std::size_t dot = rest.find('.');
    last = dot == rest.npos;
    const std::string_view label = rest.substr(0, dot);
    if (label.empty()) return "a label between its dots is empty";
    if (label.size() > kMaxLabel) return "a label is longer than 63 characters";
    for (const char c : label) {
      if (!is_label_character(c)) return "only letters, digits, '-' and '_' may stand in a label";
    }
    if (!last) rest.remove_prefix(dot + 1);
  }
  return {};
}

std::string wildcard_for(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == name.npos ? std::string() : "*" + std::string(name.substr(dot));
}

}  // namespace breakwater
