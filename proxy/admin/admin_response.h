// Answers of the administration interface. Each ends its connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace breakwater::proxy {

struct AdminAnswer {
  std::uint16_t status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body = {};
  std::string policy = {};  // Content-Security-Policy; empty: nothing may be loaded or run
};

// A line for people about an error status.
AdminAnswer error_answer(std::uint16_t status);

// The bytes to send. without_body: for HEAD.
std::string encode(const AdminAnswer& answer, bool without_body);

}  // namespace breakwater::proxy
