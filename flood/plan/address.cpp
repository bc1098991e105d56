#include "flood/plan/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace breakwater::flood {
namespace {

constexpr std::size_t size_of(const Address& address) noexcept { return address.is_v6 ? 16 : 4; }

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  Address address;
  const std::size_t percent = text.find('%');
  const std::string number(text.substr(0, percent));
  if (number.size() != std::min(percent, text.size()) || number.find('\0') != std::string::npos) return std::nullopt;
  if (percent == std::string_view::npos && ::inet_pton(AF_INET, number.c_str(), address.bytes) == 1) return address;
  address.is_v6 = true;
  if (::inet_pton(AF_INET6, number.c_str(), address.bytes) != 1) return std::nullopt;
  if (percent != std::string_view::npos) {
    address.scope = ::if_nametoindex(std::string(text.substr(percent + 1)).c_str());
    if (address.scope == 0) return std::nullopt;
  }
  return address;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes, text, sizeof text);
  if (address.scope == 0) return text;
  char interface[IF_NAMESIZE] = {};
  if (::if_indextoname(address.scope, interface) == nullptr) return fmt::format("{}%{}", text, address.scope);
  return fmt::format("{}%{}", text, interface);
}

std::string to_text(const Address& address, std::uint16_t port) {
  return fmt::format(fmt::runtime(address.is_v6 ? "[{}]:{}" : "{}:{}"), to_text(address), port);
}

socklen_t to_sockaddr(const Address& address, std::uint16_t port, sockaddr_storage& storage) noexcept {
  storage = {};
  if (address.is_v6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = address.scope;
    std::memcpy(&v6.sin6_addr, address.bytes, 16);
    return sizeof v6;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, address.bytes, 4);
  return sizeof v4;
}

std::optional<Address> from_sockaddr(const sockaddr* address, socklen_t size) noexcept {
  Address result;
  if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    std::memcpy(result.bytes, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    return result;
  }
  if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
    result.is_v6 = true;
    result.scope = v6->sin6_scope_id;
    std::memcpy(result.bytes, &v6->sin6_addr, 16);
    return result;
  }
  return std::nullopt;
}

bool operator==(const Address& left, const Address& right) noexcept {
  return left.is_v6 == right.is_v6 && left.scope == right.scope &&
         std::memcmp(left.bytes, right.bytes, size_of(left)) == 0;
}

Address plus(Address address, std::uint64_t distance) noexcept {
  unsigned carry = 0;
  for (std::size_t i = size_of(address); i-- > 0;) {
    const unsigned sum = address.bytes[i] + static_cast<unsigned>(distance & 0xff) + carry;
    address.bytes[i] = static_cast<std::uint8_t>(sum);
    carry = sum >> 8;
    distance >>= 8;
  }
  return address;
}

std::optional<std::uint64_t> distance(const Address& first, const Address& last) noexcept {
  if (first.is_v6 != last.is_v6) return std::nullopt;
  std::uint64_t result = 0;
  int borrow = 0;
  for (std::size_t size = size_of(first), i = size; i-- > 0;) {
    int difference = last.bytes[i] - first.bytes[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    if (borrow != 0) difference += 256;
    const std::size_t place = size - 1 - i;
    if (place < 8) {
      result |= static_cast<std::uint64_t>(difference) << (8 * place);
    } else if (difference != 0) {
      return std::nullopt;  // too far apart, or in the wrong order
    }
  }
  if (borrow != 0) return std::nullopt;
  return result;
}

Address without_mapping(const Address& address) noexcept {
  constexpr std::uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!address.is_v6 || std::memcmp(address.bytes, kPrefix, sizeof kPrefix) != 0) return address;
  Address v4;
  std::memcpy(v4.bytes, address.bytes + 12, 4);
  return v4;
}

}  // namespace breakwater::flood
