#include "core/tls/flight_writer.h"

#include "core/tls/wire.h"

namespace breakwater::tls {

std::size_t FlightWriter::record_limit() const noexcept {
  // RFC 8449 4: the peer's limit does not apply to unprotected messages.
  return call_.connection.write_protected ? call_.connection.max_payload : kMaxPlaintext;
}

bool FlightWriter::open_record() noexcept {
  if (open_) return true;
  const std::size_t overhead = call_.connection.write_protected ? call_.protection().overhead() : kRecordHeaderSize;
  if (overflow_ || call_.output.room() <= overhead) {
    overflow_ = true;
    return false;
  }
  record_ = call_.output.size;
  content_ = 0;
  open_ = true;
  return true;
}

void FlightWriter::put(ConstBytes bytes) noexcept {
  if (transcript_ != nullptr) transcript_->update(bytes);
  if (hash_only_) return;
  while (!bytes.empty() && !overflow_) {
    if (!open_record()) return;
    const bool sealed = call_.connection.write_protected;
    const std::size_t head = sealed ? call_.protection().head() : kRecordHeaderSize;
    const std::size_t tail = sealed ? call_.protection().tail() : 0;
    const std::size_t space = record_limit() - content_;
    const std::size_t part = bytes.size() < space ? bytes.size() : space;
    if (call_.output.storage.size() - record_ < head + content_ + part + tail) {
      overflow_ = true;
      return;
    }
    copy_bytes(call_.output.storage.data() + record_ + head + content_, bytes.first(part));
    content_ += part;
    bytes = bytes.subspan(part);
    if (content_ == record_limit()) end_record();
  }
}

void FlightWriter::end_record() noexcept {
  if (!open_ || overflow_) return;
  open_ = false;
  std::uint8_t* const record = call_.output.storage.data() + record_;
  if (call_.connection.write_protected) {
    call_.output.size = record_ + seal_record(call_.protection(), *call_.worker.keys, call_.connection.traffic.write,
                                              ContentType::Handshake, record, content_);
  } else {
    record[0] = static_cast<std::uint8_t>(ContentType::Handshake);
    store_u16(record + 1, static_cast<std::uint16_t>(ProtocolVersion::Tls12));
    store_u16(record + 3, content_);
    call_.output.size = record_ + kRecordHeaderSize + content_;
  }
}

void FlightWriter::begin_message(HandshakeType type, std::size_t body_size) noexcept {
  put_u8(static_cast<std::uint8_t>(type));
  put_u24(body_size);
}

void FlightWriter::put_u8(std::size_t value) noexcept {
  const std::uint8_t byte = static_cast<std::uint8_t>(value);
  put({&byte, 1});
}

void FlightWriter::put_u16(std::size_t value) noexcept {
  std::uint8_t bytes[2];
  store_u16(bytes, value);
  put(bytes);
}

void FlightWriter::put_u24(std::size_t value) noexcept {
  std::uint8_t bytes[3];
  store_u24(bytes, value);
  put(bytes);
}

void FlightWriter::put_u32(std::uint32_t value) noexcept {
  std::uint8_t bytes[4];
  store_u32(bytes, value);
  put(bytes);
}

void FlightWriter::change_cipher_spec() noexcept {
  end_record();
  constexpr std::uint8_t kRecord[] = {20, 3, 3, 0, 1, 1};
  if (overflow_ || call_.output.room() < sizeof kRecord) {
    overflow_ = true;
    return;
  }
  copy_bytes(call_.output.free_space().data(), kRecord);
  call_.output.size += sizeof kRecord;
}

Error FlightWriter::finish() noexcept {
  end_record();
  if (!overflow_) return kNoError;
  // A peer that got no part of the flight has no keys for an alert either.
  call_.output.size = start_;
  call_.connection.write_protected = start_protected_;
  return our_error("the output is smaller than max_flight_size()");
}

}  // namespace breakwater::tls
