#include "proxy/admin/admin_response.h"

#include <fmt/format.h>

namespace breakwater::proxy {
namespace {

std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

std::string_view advice(std::uint16_t status) noexcept {
  switch (status) {
    case 400:
      return "this is no HTTP/1.1 request with one Host field";
    case 404:
      return "there are /, /status, /metrics and /healthz";
    case 405:
      return "only GET and HEAD are served";
    case 421:
      return "ask for localhost, 127.0.0.1 or [::1]: other names are refused, so that no web site can read this with "
             "the help of somebody's browser";
    case 431:
      return "a request may have 8 KiB";
    case 505:
      return "HTTP/1.0 and HTTP/1.1 are spoken";
    default:
      return "see the log of the server";
  }
}

}  // namespace

AdminAnswer error_answer(std::uint16_t status) {
  AdminAnswer answer;
  answer.status = status;
  answer.body = fmt::format("{} {}: {}\n", status, reason_phrase(status), advice(status));
  return answer;
}

std::string encode(const AdminAnswer& answer, bool without_body) {
  std::string bytes = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Content-Type: {}\r\n"
      "Content-Length: {}\r\n"
      "Connection: close\r\n"
      "Cache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Content-Security-Policy: {}\r\n",
      answer.status, reason_phrase(answer.status), answer.type, answer.body.size(),
      answer.policy.empty() ? "default-src 'none'; frame-ancestors 'none'" : answer.policy);
  if (answer.status == 405) bytes += "Allow: GET, HEAD\r\n";
  bytes += "\r\n";
  if (!without_body) bytes += answer.body;
  return bytes;
}

}  // namespace breakwater::proxy
