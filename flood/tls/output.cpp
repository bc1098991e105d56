// Records on their way out.
#include "flood/tls/client_impl.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

void Client::Impl::take_out(std::size_t size) noexcept {
  out_begin += size < out_end - out_begin ? size : out_end - out_begin;
  if (out_begin != out_end) return;
  // The first hello stays where it is until it is hashed.
  if (step != Step::ServerHello || renegotiating) out_begin = out_end = 0;
  if (state == State::FlightRead && tls13) state = State::Established;
}

// Behind what is there already; sealed when there are keys. False when there is no room.
bool Client::Impl::append_record(ContentType type, ConstBytes payload) noexcept {
  if (out_begin > 0 && out_end + payload.size() + kRecordOverhead > sizeof out) {
    memmove(out, out + out_begin, out_end - out_begin);
    out_end -= out_begin;
    out_begin = 0;
  }
  if (payload.size() + kRecordOverhead > room()) return false;
  std::uint8_t* const record = out + out_end;
  if (write_pending) {
    make_application_secrets();
    use_secret(write, client_application);
    write_pending = false;
  }
  if (!write.active()) {
    record[0] = static_cast<std::uint8_t>(type);
    put_u16(record + 1, kVersion12);
    put_u16(record + 3, payload.size());
    copy_bytes(record + kHeaderSize, payload);
    out_end += kHeaderSize + payload.size();
    return true;
  }
  copy_bytes(record + write.payload_offset(), payload);
  out_end += write.seal(type, record, payload.size());
  return true;
}

// The client's Finished; the transcript gets it as it is sent.
bool Client::Impl::append_finished(ConstBytes verify_data) noexcept {
  std::uint8_t message[4 + kMaxHash] = {static_cast<std::uint8_t>(MessageType::Finished)};
  put_u24(message + 1, verify_data.size());
  copy_bytes(message + 4, verify_data);
  if (profile->settings.corrupt_finished) message[4] ^= 0x01;
  const ConstBytes whole(message, 4 + verify_data.size());
  transcript.update(whole);
  return append_record(ContentType::Handshake, whole);
}

}  // namespace breakwater::flood
