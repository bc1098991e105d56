#include "proxy/log/json_formatter.h"

#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <iterator>
#include <string>

#include "proxy/json/json_writer.h"

namespace breakwater::proxy {
namespace {

std::string text_of(spdlog::log_clock::time_point time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const time_t seconds = ms / 1000;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms % 1000);
}

std::string_view view_of(spdlog::string_view_t text) noexcept { return {text.data(), text.size()}; }

}  // namespace

void JsonFormatter::format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
  std::string members(view_of(message.payload));
  if (payload_ == Payload::Text) members = "\"message\":" + JsonWriter().value(members).take();
  fmt::format_to(std::back_inserter(line), "{{\"time\":\"{}\",\"level\":\"{}\",{}}}\n", text_of(message.time),
                 view_of(spdlog::level::to_string_view(message.level)), members);
}

}  // namespace breakwater::proxy
