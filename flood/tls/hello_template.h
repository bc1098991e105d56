// A ClientHello made once per load, and its copies: what differs between connections is written into its gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/port/bytes.h"

namespace breakwater::flood::protocol {

// Everything behind the session id, and where in it lies what a copy may have to change. Offsets of extensions are
// those of their type field; kNone: not there.
struct HelloTemplate {
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::vector<std::uint8_t> rest;    // from the length of cipher_suites to the end
  bool session_id = false;           // 32 bytes in a hello that resumes nothing (RFC 8446 D.4)
  std::uint16_t record_version = 0;  // of the first record
  std::size_t scsv = kNone;          // TLS_EMPTY_RENEGOTIATION_INFO_SCSV in the suites
  std::size_t extensions = 0;        // the length of all extensions
  std::size_t session_ticket = kNone;
  std::size_t renegotiation_info = kNone;
  std::size_t key_share = kNone;
  std::size_t padding = kNone;  // the last extension, left out of hellos that have another length
};

// What goes into one copy. Empty views: the template as it is.
struct HelloFill {
  ConstBytes random;        // 32 bytes
  ConstBytes session_id;    // 0 or 32 bytes
  ConstBytes ticket;        // TLS 1.2 (RFC 5077)
  ConstBytes verify_data;   // renegotiation (RFC 5746 3.5): the client's last Finished
  std::uint16_t group = 0;  // second hello: the only share, of this group (RFC 8446 4.1.2)
  ConstBytes share;
  ConstBytes cookie;        // second hello
  ConstBytes psk_identity;  // TLS 1.3
  std::uint32_t psk_age = 0;
  std::size_t binder_size = 0;  // the binder stays zero
};

// Writes the handshake message; returns its size, 0 when `out` is too small.
std::size_t write_hello(const HelloTemplate& from, const HelloFill& fill, MutableBytes out) noexcept;

// The bytes behind the part of a hello that its binder covers (RFC 8446 4.2.11.2): the list of one binder.
constexpr std::size_t binders_size(std::size_t binder) noexcept { return 2 + 1 + binder; }

}  // namespace breakwater::flood::protocol
