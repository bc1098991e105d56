#include "proxy/admin/admin_request.h"

#include <algorithm>

#include "proxy/admin/loopback_host.h"

namespace breakwater::proxy {
namespace {

constexpr std::uint16_t kGood = 200;

bool is_token_char(char c) noexcept {  // RFC 9110 5.6.2
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_printable(char c) noexcept { return c > ' ' && c < 0x7f; }
bool is_field_char(char c) noexcept { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f); }

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next line off `rest`, without its end. A bare LF ends a line as well (RFC 9112 2.2).
std::string_view next_line(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// What is wrong with the version, or kGood.
std::uint16_t judge_version(std::string_view version) noexcept {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' || !digit(version[5]) ||
      !digit(version[7])) {
    return 400;
  }
  return version[5] == '1' ? kGood : 505;
}

// The request line. authority: that of a target in absolute form, which counts instead of Host (RFC 9112 3.2.2).
std::uint16_t take_request_line(std::string_view line, AdminRequest& request, std::string_view& authority) noexcept {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return 400;
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || target.empty() || !std::all_of(target.begin(), target.end(), is_printable)) return 400;
  const std::uint16_t version = judge_version(line.substr(last + 1));
  if (version != kGood) return version;
  constexpr std::string_view kScheme = "http://";
  if (equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::size_t slash = target.find('/');
    authority = target.substr(0, slash);
    if (authority.empty()) return 400;
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  request.head = method == "HEAD";
  if (!request.head && method != "GET") return 405;
  if (!target.starts_with('/')) return 400;
  request.path = target.substr(0, target.find('?'));
  return kGood;
}

// The fields, up to the empty line. host: the value of the one Host field.
std::uint16_t take_fields(std::string_view rest, std::string_view& host) noexcept {
  std::size_t hosts = 0;
  for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return 400;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), is_field_char)) return 400;
    if (!equal_ignoring_case(line.substr(0, colon), "host")) continue;
    host = value;
    ++hosts;
  }
  return hosts == 1 ? kGood : 400;
}

// Where the head ends: behind its empty line; npos when that has not come.
std::size_t end_of_head(std::string_view bytes) noexcept {
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    const std::string_view behind = bytes.substr(at + 1);
    if (behind.starts_with('\n')) return at + 2;
    if (behind.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

}  // namespace

AdminRequest parse_admin_request(std::string_view bytes) noexcept {
  AdminRequest request;
  const std::size_t end = end_of_head(bytes);
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxAdminRequest) request.status = 431;
    return request;
  }
  std::string_view rest = bytes.substr(0, end);
  std::string_view authority;
  std::string_view host;
  const std::uint16_t line = take_request_line(next_line(rest), request, authority);
  const std::uint16_t fields = line == 400 || line == 505 ? line : take_fields(rest, host);
  if (fields != kGood) {
    request.status = fields;
  } else if (!is_loopback_host(host) || (!authority.empty() && !is_loopback_host(authority))) {
    request.status = 421;
  } else {
    request.status = line;
  }
  return request;
}

}  // namespace breakwater::proxy
