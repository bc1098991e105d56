#include "proxy/log/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "proxy/json/json_writer.h"
#include "proxy/log/json_formatter.h"

namespace breakwater::proxy {
namespace {

using Payload = JsonFormatter::Payload;

constexpr const char* kEvents = "events";  // the logger of events, while they are JSON

std::atomic<LogFormat> current{LogFormat::Text};

}  // namespace

void start_log(LogFormat format) {
  for (const char* const name : {"breakwater", kEvents}) {
    const auto log = spdlog::stderr_color_mt(name);
    log->flush_on(spdlog::level::info);
  }
  spdlog::get(kEvents)->set_formatter(std::make_unique<JsonFormatter>(Payload::Members));
  spdlog::set_default_logger(spdlog::get("breakwater"));
  set_log_format(format);
}

void set_log_format(LogFormat format) {
  spdlog::logger& log = *spdlog::default_logger();
  if (format == LogFormat::Json) {
    log.set_formatter(std::make_unique<JsonFormatter>(Payload::Text));
  } else {
    log.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  }
  current.store(format, std::memory_order_relaxed);
}

void log_event(Severity severity, const Event& event) {
  const auto level = severity == Severity::Info ? spdlog::level::info : spdlog::level::warn;
  if (current.load(std::memory_order_relaxed) == LogFormat::Text) return spdlog::log(level, "{}", event.sentence);
  spdlog::get(kEvents)->log(level, "\"message\":{},{}:{}", JsonWriter().value(event.sentence).take(),
                            JsonWriter().value(event.name).take(), event.facts);
}

}  // namespace breakwater::proxy
