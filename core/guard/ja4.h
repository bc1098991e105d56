// JA4: a name for the software that sent a ClientHello, made of what it offers. Clients of one build share it; what one
// connection decides by itself (order, GREASE, names, keys) is not in it.
//
//   t13d1516h2_8daaf6152771_e5627efa2ab1
//   |||  | | |  |            `- SHA-256, cut, of the extensions, sorted, and the signature schemes in their order
//   |||  | | |  `- the same of the cipher suites, sorted
//   |||  | | `- first and last character of the first ALPN name, 00: none
//   |||  | `- extensions, at most 99
//   |||  `- cipher suites, at most 99
//   ||`- d: server_name is there, i: it is not
//   |`- highest version offered
//   `- over TCP
// GREASE values (RFC 8701) count nowhere. Specification: FoxIO, JA4 TLS client fingerprinting.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace breakwater::guard {

// The longest lists that have a fingerprint. Clients in use stay well below.
inline constexpr std::size_t kMaxJa4Suites = 128;
inline constexpr std::size_t kMaxJa4Extensions = 64;
inline constexpr std::size_t kMaxJa4Schemes = 32;

// What a ClientHello says, in the order in which it says so.
struct Ja4Facts {
  std::uint16_t version = 0;  // the highest of supported_versions but GREASE; without the extension: legacy_version
  bool server_name = false;   // the extension is there
  bool overflow = false;      // one of the lists did not fit
  bool protocol = false;      // ALPN names something
  std::array<std::uint8_t, 2> protocol_ends{};  // first and last byte of the first name
  std::span<const std::uint16_t> suites{};
  std::span<const std::uint16_t> extensions{};
  std::span<const std::uint16_t> schemes{};  // of signature_algorithms
};

struct Ja4 {
  static constexpr std::size_t kSize = 36;
  std::array<char, kSize> text;

  std::string_view view() const noexcept;  // "overflow" for one of those
  bool operator==(const Ja4&) const noexcept = default;
};

// About 0.4 microseconds for a browser's lists, 2 for lists as long as they may be (AMD Zen 5).
Ja4 ja4(const Ja4Facts& facts) noexcept;

// RFC 8701: 0x0a0a, 0x1a1a .. 0xfafa.
constexpr bool is_grease(std::uint16_t value) noexcept {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

}  // namespace breakwater::guard
