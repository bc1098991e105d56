// What a front end says of the connection that it passes on: the PROXY protocol, versions 1 (a line of text) and 2
// (binary), as HAProxy specifies them in doc/proxy-protocol.txt; sections named here are of that document.
//
// A push parser: it takes bytes cut anywhere and keeps the field it is in. A header ends where it says: what follows
// belongs to TLS. The fields behind the addresses of version 2 are skipped, the checksum among them (2.2.3): TCP has
// one, and front ends are trusted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

enum class ProxyHeaderError : std::uint8_t {
  None,
  NoHeader,     // something else was sent, such as a ClientHello
  LineTooLong,  // version 1
  LineEnd,      // a CR or LF alone
  Protocol,
  Fields,  // too few or too many
  Address,
  Port,
  Version,  // version 2
  Command,
  Family,
  TooShort,
  TooLong,
};
// Lives as long as the process.
std::string_view proxy_header_error_text(ProxyHeaderError error) noexcept;

class ProxyHeaderParser {
 public:
  static constexpr std::size_t kMaxLine = 107;     // version 1, with CR and LF (2.1)
  static constexpr std::size_t kMaxBinary = 4096;  // version 2, with what is skipped; our bound

  enum class Status : std::uint8_t { More, Done, Failed };
  struct Progress {
    Status status = Status::More;
    std::size_t consumed = 0;  // bytes of the header: all of them while there must be more
  };
  // Not after Done or Failed.
  Progress feed(std::span<const std::uint8_t> bytes) noexcept;

  ProxyHeaderError error() const noexcept { return error_; }

  // When Done: whether it names a client. Else the connection is the front end's own (LOCAL), or of a kind that has no
  // address here (UNKNOWN, AF_UNSPEC, AF_UNIX, datagrams): then the addresses of the socket count (2.1, 2.2).
  bool has_client() const noexcept { return family_ != 0; }
  SocketAddress client() const noexcept;

 private:
  enum class Stage : std::uint8_t {
    Begin,  // version 1
    Protocol,
    Source,
    Target,
    SourcePort,
    TargetPort,
    Ignored,
    LineFeed,
    Signature,  // version 2
    Head,
    Addresses,
    Skipped,
  };
  static constexpr std::size_t kHead = 4;        // behind the signature
  static constexpr std::size_t kAddresses = 36;  // two of IPv6 with their ports; those of AF_UNIX are not kept

  Status fail(ProxyHeaderError error) noexcept;
  Status go_on(Stage stage) noexcept;
  Status take_line_byte(std::uint8_t byte) noexcept;
  Status end_field() noexcept;
  Status end_line() noexcept;
  Status end_protocol(bool line_ends) noexcept;
  Status take_binary_byte(std::uint8_t byte) noexcept;
  Status end_binary() noexcept;
  ProxyHeaderError check_head() const noexcept;
  std::size_t address_size() const noexcept;
  bool is_local() const noexcept { return (kept_[0] & 15) == 0; }
  std::size_t payload_size() const noexcept { return static_cast<std::size_t>(kept_[2]) << 8 | kept_[3]; }
  std::string_view field() const noexcept { return {reinterpret_cast<const char*>(kept_.data()), kept_size_}; }

  std::array<std::uint8_t, 45> kept_{};    // the field; version 2: head and addresses. The longest text of an address
  std::array<std::uint8_t, 16> source_{};  // of four bytes for IPv4
  std::uint16_t port_ = 0;
  std::uint16_t left_ = 0;  // bytes to come behind the head
  std::uint8_t kept_size_ = 0;
  std::uint8_t seen_ = 0;    // bytes of the line or the signature
  std::uint8_t family_ = 0;  // AF_INET or AF_INET6; 0: no client
  Stage stage_ = Stage::Begin;
  ProxyHeaderError error_ = ProxyHeaderError::None;
};

}  // namespace breakwater::proxy
