// Log messages as JSON objects (RFC 8259): time in UTC, level, message.
#pragma once

#include <spdlog/formatter.h>

#include <cstdint>
#include <memory>

namespace breakwater::proxy {

class JsonFormatter final : public spdlog::formatter {
 public:
  enum class Payload : std::uint8_t {
    Text,     // becomes the message
    Members,  // is `"message":"...","name":{...}` already
  };
  explicit JsonFormatter(Payload payload) noexcept : payload_(payload) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override;
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(payload_); }

 private:
  Payload payload_;
};

}  // namespace breakwater::proxy
