// The program's own log, on standard error: lines for people, or JSON objects, one a line, for programs. Every message
// is spdlog's; an event is one that has facts as well, which only the JSON shows.
#pragma once

#include <cstdint>
#include <string>

namespace breakwater::proxy {

enum class LogFormat : std::uint8_t { Text, Json };

// Once, before anything is logged.
void start_log(LogFormat format);
// From now on. Any thread may be logging.
void set_log_format(LogFormat format);

struct Event {
  std::string name;      // the facts' key: "attack"
  std::string sentence;  // for people
  std::string facts;     // a JSON value
};

enum class Severity : std::uint8_t { Info, Warning };
void log_event(Severity severity, const Event& event);

}  // namespace breakwater::proxy
