// Records of both versions with nothing checked on the way out and everything on the way in (RFC 8446 5, RFC 5246 6.2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tests/client/bytes.h"
#include "tests/client/primitives.h"

namespace breakwater::test {

// A plaintext record, whatever its fields say.
Bytes plain_record(std::uint8_t type, View payload, std::uint16_t version = 0x0303);

// Keys of one direction in one epoch.
struct RecordKeys {
  ProtocolVersion version = ProtocolVersion::None;
  Cipher cipher = Cipher::Aes128Gcm;
  Bytes key;
  Bytes iv;
  std::uint64_t sequence = 0;

  // TLS 1.3: from a traffic secret (RFC 8446 7.3).
  static RecordKeys from_secret(Hash hash, Cipher cipher, View secret);

  // The header of the record goes into the AEAD as it is, so a wrong one still gives a record that opens.
  // TLS 1.3: `payload` becomes the inner plaintext with `type` and `padding` zeros behind it; without `type` it is the
  // inner plaintext as it stands.
  Bytes seal(std::optional<std::uint8_t> type, View payload, std::size_t padding = 0, std::uint16_t version = 0x0303);

  struct Opened {
    std::uint8_t type = 0;
    Bytes payload;
    std::size_t inner_size = 0;  // TLS 1.3: with type and padding
  };
  std::optional<Opened> open(View record);

 private:
  Bytes nonce(View explicit_part) const;
};

// One record from the front of `stream`, header included; empty view when it is not all there.
View next_record(View stream);

}  // namespace breakwater::test
