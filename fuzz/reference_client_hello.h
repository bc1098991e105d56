// A second reading of ClientHello, written from RFC 8446 4.1.2 and 4.2 and the RFCs of each extension: the whole
// message in one buffer, one function per structure, nothing shared with the parser of core/tls but registry numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/client/bytes.h"

namespace breakwater::fuzz {

struct ReferenceHello {
  bool accepted = false;
  // Set when extensions beyond those that the engine lists repeat a type it does not know: it may miss that.
  bool hidden_duplicate = false;

  std::uint16_t legacy_version = 0;
  test::Bytes random;
  test::Bytes session_id;
  std::vector<std::uint16_t> suites;
  test::Bytes compressions;
  std::vector<std::uint16_t> extensions;  // in order

  std::optional<std::string> host_name;  // as sent
  std::vector<std::uint16_t> groups;
  std::vector<std::uint16_t> schemes;
  std::vector<std::uint16_t> certificate_schemes;
  std::vector<std::uint16_t> versions;
  test::Bytes point_formats;
  test::Bytes psk_modes;
  std::vector<std::string> protocols;
  std::optional<std::uint16_t> record_size_limit;
  std::optional<test::Bytes> session_ticket;
  std::optional<test::Bytes> cookie;
  struct Share {
    std::uint16_t group;
    test::Bytes key;
  };
  std::vector<Share> shares;
  struct Identity {
    test::Bytes identity;
    std::uint32_t age;
  };
  std::vector<Identity> identities;
  std::vector<test::Bytes> binders;
  std::size_t binders_offset = 0;  // of the list of binders in the body; 0 without one

  bool has(std::uint16_t extension) const;
};

// body: a ClientHello without its handshake header.
ReferenceHello read_client_hello(test::View body);

}  // namespace breakwater::fuzz
