// Builds a flight in the host's chunk: messages are written once, where they are sent from, and each record is sealed
// in place when it is full. Nothing is copied afterwards.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/tls/call.h"
#include "core/tls/error.h"
#include "core/tls/transcript.h"

namespace breakwater::tls {

class FlightWriter {
 public:
  // transcript (may be null) hashes every message that is written.
  FlightWriter(Call& call, Transcript* transcript) noexcept
      : call_(call),
        transcript_(transcript),
        start_(call.output.size),
        start_protected_(call.connection.write_protected) {}

  // A handshake message: its header, then exactly body_size bytes by the calls below.
  void begin_message(HandshakeType type, std::size_t body_size) noexcept;
  void put(ConstBytes bytes) noexcept;
  void put_u8(std::size_t value) noexcept;
  void put_u16(std::size_t value) noexcept;
  void put_u24(std::size_t value) noexcept;
  void put_u32(std::uint32_t value) noexcept;
  template <class Enum>
  void put_code(Enum value) noexcept {
    put_u16(static_cast<std::uint16_t>(value));
  }

  // A writer that only hashes: a TLS 1.3 signature covers messages that are not sent before it is made.
  struct HashOnly {};
  FlightWriter(Call& call, Transcript& transcript, HashOnly) noexcept
      : call_(call),
        transcript_(&transcript),
        start_(call.output.size),
        start_protected_(call.connection.write_protected),
        hash_only_(true) {}

  // From now on messages are hashed into this transcript (null: into none).
  void hash_into(Transcript* transcript) noexcept { transcript_ = transcript; }

  // Ends the record and adds a ChangeCipherSpec of its own (RFC 5246 7.1, RFC 8446 D.4).
  void change_cipher_spec() noexcept;

  // Ends the record: what follows is in another one, sealed if connection.write_protected is set by then.
  void end_record() noexcept;

  // Ends the flight. When the output had too little room, nothing of the flight stays in it, and the error says so.
  Error finish() noexcept;

 private:
  std::size_t record_limit() const noexcept;
  bool open_record() noexcept;

  Call& call_;
  Transcript* transcript_;
  const std::size_t start_;  // of the flight in the output
  const bool start_protected_;
  std::size_t record_ = 0;   // where the open record begins in the output
  std::size_t content_ = 0;  // bytes of content in it
  bool hash_only_ = false;
  bool open_ = false;
  bool overflow_ = false;
};

}  // namespace breakwater::tls
