#include "flood/plan/values.h"

#include <fmt/format.h>

#include <algorithm>

#include "flood/plan/address.h"
#include "flood/plan/numbers.h"

namespace breakwater::flood {
namespace {

constexpr std::size_t kMaxSteps = 16;
constexpr std::uint64_t kMaxStepBytes = 16u << 20;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_visible(char c) { return c > ' ' && c < 0x7f; }

}  // namespace

bool is_printable(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

std::string check_server_name(std::string_view name) {
  if (name.empty()) return {};
  const bool good = name.size() <= 253 && !name.starts_with('.') && !name.ends_with('.') &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
  if (!good) return fmt::format("\"{}\" is no server name; write one such as www.example.com, or \"\" for none", name);
  if (parse_address(name)) {
    return fmt::format("\"{}\" is an address, and TLS sends no addresses; write a name, or \"\" for none", name);
  }
  return {};
}

std::string check_path(std::string_view path) {
  const bool good = path.starts_with('/') && path.size() <= 2048 && std::all_of(path.begin(), path.end(), is_visible);
  return good ? ""
              : "a path begins with / and has at most 2048 characters, none of them blank or beyond ASCII; write %20 "
                "for a blank";
}

std::string check_host(std::string_view host) {
  const bool good = !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), is_visible);
  return good ? ""
              : "a host has 1 to 255 characters, none of them blank; write it as in www.example.com or 127.0.0.1:8443";
}

std::string parse_pattern(const std::vector<std::string>& values, std::vector<PatternStep>& pattern) {
  pattern.clear();
  for (const std::string& value : values) {
    for (const std::string& step : split(value, ',')) {
      const std::vector<std::string> parts = split(step, ':');
      const auto send = parse_whole(parts[0]);
      const auto expect = parse_whole(parts.back());
      if (parts.size() != 2 || !send || !expect || *send > kMaxStepBytes || *expect > kMaxStepBytes) {
        return fmt::format(
            "\"{}\" is no step; write SENT:AWAITED, both from 0 to {} bytes, with commas between steps, as in "
            "300:1200,80:0",
            step, kMaxStepBytes);
      }
      pattern.push_back({static_cast<std::uint32_t>(*send), static_cast<std::uint32_t>(*expect)});
    }
  }
  return pattern.size() <= kMaxSteps ? "" : fmt::format("too many steps; give at most {}", kMaxSteps);
}

}  // namespace breakwater::flood
