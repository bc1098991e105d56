// The settings of ServerOptions that are not certificates: checked, and in the engine's terms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "breakwater/breakwater.h"
#include "core/tls/config.h"

namespace breakwater {

// Owns what the views of a tls::Configuration point to. Does not move while in use.
struct Settings {
  std::vector<std::string> protocol_texts;
  std::vector<std::string_view> protocols;
  std::vector<std::uint8_t> protocol_order;  // 0, 1, 2...: what every host offers
  std::vector<tls::CipherSuite> suites;
  std::vector<tls::Group> groups;
};

// Fills settings and the parts of configuration that depend on them alone (not hosts, names and key_log).
// Returns what is wrong, in one line that names the option; empty when nothing is.
std::string take_settings(const ServerOptions& options, Settings& settings, tls::Configuration& configuration);

}  // namespace breakwater
