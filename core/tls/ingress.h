// What arrives: records are taken apart, and their content goes to the messages.
#pragma once

#include <cstddef>

#include "core/tls/call.h"
#include "core/tls/error.h"
#include "core/tls/scatter.h"

namespace breakwater::tls {

enum class Read : std::uint8_t {
  NeedMore,   // the next record, or the next part of it, has not arrived
  Progress,   // something was taken
  Plaintext,  // a record of application data was opened, see the result
  Failed,     // see the error
};

// Unprotected records are taken as they come, byte by byte if need be: nothing of them is kept but the field they are
// in.
Read read_plain(Call& call, Cursor& input, Error& error) noexcept;

// A protected record is taken when it is whole, and opened where it lies.
Read read_protected(Call& call, Cursor& input, Result& result, Error& error) noexcept;

// Handshake messages (messages.cpp). left_in_record: bytes of the record's content behind `bytes`.
// Takes all of bytes, or fails.
Error take_handshake(Call& call, ConstBytes bytes, std::size_t left_in_record) noexcept;

// The same once the handshake is done (established.cpp).
Error take_post_handshake(Call& call, ConstBytes bytes, std::size_t left_in_record) noexcept;

// True while a handshake message has begun and not ended: no other record may come in between (RFC 8446 5.1).
bool message_is_open(const Call& call) noexcept;

// RFC 5246 7.1, RFC 8446 5 and D.4: whether a ChangeCipherSpec may come now; takes its effect.
Error take_change_cipher_spec(Call& call, std::uint8_t value) noexcept;

}  // namespace breakwater::tls
