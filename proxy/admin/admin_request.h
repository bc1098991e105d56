// One HTTP/1.x request to the administration interface (RFC 9112), as far as it matters there: what is asked for, and
// whether it may be. Bodies are not read: every answer ends the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace breakwater::proxy {

inline constexpr std::size_t kMaxAdminRequest = 8 * 1024;  // request line and fields

struct AdminRequest {
  // 0: the head is not complete yet. 200: answer what is asked for. Else what to answer: 400, 405 (method), 421 (the
  // Host is not this machine), 431 (too long), 505 (version).
  std::uint16_t status = 0;
  bool head = false;      // HEAD: an answer without body
  std::string_view path;  // without the query; views the bytes, or a literal
};

// bytes: all that has arrived, kMaxAdminRequest at most. Fields are not unfolded and nothing is decoded.
AdminRequest parse_admin_request(std::string_view bytes) noexcept;

}  // namespace breakwater::proxy
