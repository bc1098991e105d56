// The addresses of clients, and the networks they lie in.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::guard {

// IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2): one client that comes by both sockets is one client.
struct Address {
  std::uint64_t high = 0;  // the first eight bytes, big endian
  std::uint64_t low = 0;

  static constexpr Address v4(std::uint32_t address) noexcept { return {0, std::uint64_t{0xffff} << 32 | address}; }
  static constexpr Address v6(const std::uint8_t bytes[16]) noexcept {
    Address address;
    for (std::size_t i = 0; i < 8; ++i) {
      address.high = address.high << 8 | bytes[i];
      address.low = address.low << 8 | bytes[8 + i];
    }
    return address;
  }

  constexpr bool is_v4() const noexcept { return high == 0 && low >> 32 == 0xffff; }
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of the comparison for a pointer.
  constexpr auto operator<=>(const Address&) const noexcept = default;
};

// All addresses that begin with the same bits. The rest of the bits are zero.
class Network {
 public:
  constexpr Network() noexcept = default;  // ::/0, everybody

  // length: of an IPv6 prefix, at most 128. An IPv4 prefix is 96 longer than it says.
  constexpr Network(const Address& address, unsigned length) noexcept
      : address_{address.high & mask(length), address.low & (length < 64 ? 0 : mask(length - 64))},
        length_(static_cast<std::uint8_t>(length)) {}

  constexpr const Address& address() const noexcept { return address_; }
  constexpr unsigned length() const noexcept { return length_; }
  constexpr bool contains(const Address& address) const noexcept {
    return Network(address, length_).address_ == address_;
  }
  // By address, then by length: a network stands in front of those inside it. NOLINTNEXTLINE(modernize-use-nullptr)
  constexpr auto operator<=>(const Network&) const noexcept = default;

 private:
  static constexpr std::uint64_t mask(unsigned length) noexcept {
    return length == 0 ? 0 : length >= 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << (64 - length);
  }

  Address address_;
  std::uint8_t length_ = 0;
};

// Who is one client as far as can be told: an IPv4 address; in IPv6 a /64, which is what one link gets (RFC
// 4291 2.5.1), and whose every address its owner may use.
constexpr Network client_of(const Address& address) noexcept { return {address, address.is_v4() ? 128U : 64U}; }

// The network around a client that one owner is likely to have in full: an IPv4 /24, an IPv6 /48 (RFC 6177 2).
constexpr Network aggregate_of(const Address& address) noexcept { return {address, address.is_v4() ? 96 + 24U : 48U}; }

}  // namespace breakwater::guard
