#include "library/src/settings.h"

#include <algorithm>
#include <cstdint>

#include "library/src/names.h"

namespace breakwater {
namespace {

constexpr std::uint32_t kMaxTicketLifetime = 604800;                  // RFC 8446 4.6.1: seven days
constexpr std::size_t kMaxTicketsPerHandshake = 8;                    // more than a client keeps; they share one flight
constexpr std::uint64_t kMaxKeyUpdateAfter = std::uint64_t{1} << 24;  // below RFC 8446 5.5's 2^24.5
constexpr std::size_t kMaxProtocolName = 255;                         // RFC 7301 3.1

std::string out_of_range(std::string_view option, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  return std::string(option) + ": " + std::to_string(value) + " is out of range: from " + std::to_string(low) + " to " +
         std::to_string(high) + " are allowed";
}

std::string check_ranges(const ServerOptions& options) {
  struct Range {
    std::string_view option;
    std::uint64_t value, low, high;
  };
  const Range ranges[] = {
      {"ticket_lifetime_s", options.ticket_lifetime_s, 1, kMaxTicketLifetime},
      {"ticket_rotation_s", options.ticket_rotation_s, 1, kMaxTicketLifetime},
      {"tickets_per_handshake", options.tickets_per_handshake, 0, kMaxTicketsPerHandshake},
      {"record_size_limit", options.record_size_limit, 64, tls::kMaxPlaintext + 1},
      {"key_update_after", options.key_update_after, 1, kMaxKeyUpdateAfter},
  };
  for (const Range& range : ranges) {
    if (range.value < range.low || range.value > range.high) {
      return out_of_range(range.option, range.value, range.low, range.high);
    }
  }
  return {};
}

std::string check_versions(const ServerOptions& options) {
  for (const Version version : {options.min_version, options.max_version}) {
    if (version != Version::Tls12 && version != Version::Tls13)
      return "min_version, max_version: only TLS 1.2 and 1.3 exist here";
  }
  if (options.min_version > options.max_version) return "min_version: it is above max_version";
  return {};
}

std::string take_protocols(const std::vector<std::string>& names, Settings& settings) {
  if (names.size() > tls::kMaxProtocols)
    return out_of_range("alpn: number of protocols", names.size(), 0, tls::kMaxProtocols);
  settings.protocol_texts = names;
  for (const std::string& name : settings.protocol_texts) {
    if (name.empty() || name.size() > kMaxProtocolName) return "alpn: a protocol name has from 1 to 255 bytes";
    if (std::find(settings.protocols.begin(), settings.protocols.end(), name) != settings.protocols.end()) {
      return "alpn: " + name + " is listed twice";
    }
    settings.protocol_order.push_back(static_cast<std::uint8_t>(settings.protocols.size()));
    settings.protocols.push_back(name);
  }
  return {};
}

template <class Code, class Find>
std::string take_list(std::string_view option, const std::vector<std::string>& names, Find find,
                      const std::string& known, std::vector<Code>& codes) {
  for (const std::string& name : names) {
    const auto code = find(name);
    if (!code) return std::string(option) + ": \"" + name + "\" is not known: choose from " + known;
    if (std::find(codes.begin(), codes.end(), *code) != codes.end())
      return std::string(option) + ": " + name + " is listed twice";
    codes.push_back(*code);
  }
  return {};
}

// A version that is offered without a suite would fail every handshake that picks it.
std::string check_suites_for_versions(const ServerOptions& options, const std::vector<tls::CipherSuite>& suites) {
  if (suites.empty()) return {};
  const bool any13 = std::any_of(suites.begin(), suites.end(), is_tls13_suite);
  const bool any12 = !std::all_of(suites.begin(), suites.end(), is_tls13_suite);
  if (options.max_version == Version::Tls13 && !any13)
    return "suites: none is for TLS 1.3: add one, or lower max_version";
  if (options.min_version == Version::Tls12 && !any12)
    return "suites: none is for TLS 1.2: add one, or raise min_version";
  return {};
}

}  // namespace

std::string take_settings(const ServerOptions& options, Settings& settings, tls::Configuration& configuration) {
  if (std::string problem = check_versions(options); !problem.empty()) return problem;
  if (std::string problem = check_ranges(options); !problem.empty()) return problem;
  if (std::string problem = take_protocols(options.alpn, settings); !problem.empty()) return problem;
  if (std::string problem = take_list("groups", options.groups, find_group, known_groups(), settings.groups);
      !problem.empty()) {
    return problem;
  }
  if (std::string problem = take_list("suites", options.suites, find_suite, known_suites(), settings.suites);
      !problem.empty()) {
    return problem;
  }
  if (std::string problem = check_suites_for_versions(options, settings.suites); !problem.empty()) return problem;

  configuration.protocols = settings.protocols;
  if (!settings.suites.empty()) configuration.suites = settings.suites;
  if (!settings.groups.empty()) configuration.groups = settings.groups;
  configuration.min_version = static_cast<tls::ProtocolVersion>(options.min_version);
  configuration.max_version = static_cast<tls::ProtocolVersion>(options.max_version);
  configuration.reject_unknown_names = options.reject_unknown_names;
  configuration.tickets = options.tickets;
  configuration.tickets_per_handshake = options.tickets_per_handshake;
  configuration.ticket_lifetime_s = options.ticket_lifetime_s;
  configuration.record_size_limit = options.record_size_limit;
  configuration.key_update_after = options.key_update_after;
  return {};
}

}  // namespace breakwater
