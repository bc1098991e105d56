#include "flood/plan/values.h"

#include <fmt/format.h>

#include <algorithm>

#include "flood/plan/address.h"
#include "flood/plan/numbers.h"

namespace breakwater::flood {
namespace {

constexpr std::size_t kMaxSteps = 16;
constexpr std::uint64_t kMaxStepBytes = 16u << 20;
constexpr std::uint64_t kMaxAnswerBytes = 1u << 30;  // of a repeated step: a download
constexpr std::uint64_t kMaxRepeats = 1'000'000'000;

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

std::string parse_pattern(const std::vector<std::string>& values, Load& load) {
  load.pattern.clear();
  load.pattern_repeats = false;
  for (const std::string& value : values) {
    for (const std::string& text : split(value, ',')) {
      if (load.pattern_repeats) return "only the last step may be repeated; move what is behind it to its front";
      const std::vector<std::string> halves = split(text, 'x');
      const std::vector<std::string> parts = split(halves[0], ':');
      const auto send = parse_whole(parts[0]);
      const auto expect = parse_whole(parts.back());
      const auto times = halves.size() == 2 ? parse_whole(halves[1]) : 1;
      const std::uint64_t most = halves.size() == 2 ? kMaxAnswerBytes : kMaxStepBytes;
      if (parts.size() != 2 || halves.size() > 2 || !send || !expect || !times || *send > kMaxStepBytes ||
          *expect > most || *times > kMaxRepeats) {
        return fmt::format(
            "\"{}\" is no step; write SENT:AWAITED, both from 0 to {} bytes, with commas between steps, as in "
            "300:1200,80:0; the last one may be SENT:AWAITEDxTIMES, as in 300:1200,80:90x5",
            text, kMaxStepBytes);
      }
      load.pattern_repeats = halves.size() == 2;
      load.repeats = static_cast<std::uint32_t>(*times);
      if (load.pattern_repeats && (*send == 0 || *expect == 0)) {
        return "a repeated step sends at least one byte and awaits at least one";
      }
      load.pattern.push_back({static_cast<std::uint32_t>(*send), static_cast<std::uint32_t>(*expect)});
    }
  }
  return load.pattern.size() <= kMaxSteps ? "" : fmt::format("too many steps; give at most {}", kMaxSteps);
}

}  // namespace breakwater::flood
