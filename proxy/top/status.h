// What `breakwater top` shows of a server, read from its /status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/admin/history.h"
#include "proxy/guard/report.h"

namespace breakwater::proxy {

struct ServerStatus {
  std::string version, state, service, arithmetic;
  double uptime_s = 0;
  std::size_t workers = 0;
  std::uint64_t open = 0, half_open = 0;
  Rates last_second, last_10, last_60;
  std::vector<double> handshakes;                               // a second, the oldest first
  std::vector<std::pair<std::string, std::uint64_t>> failures;  // the most frequent first
  GuardReport guard;
};

// Nothing when the text is not what /status says. What is missing in it, or of another kind than expected, is 0 or
// empty: a server of another version may say more or less. Texts are printable ASCII afterwards: some come from
// clients, and a terminal obeys what it is sent.
std::optional<ServerStatus> read_status(std::string_view json);

}  // namespace breakwater::proxy
