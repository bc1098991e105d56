#include "core/tls/ingress.h"

#include "core/tls/failure.h"
#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kMaxEmptyRecords = 32;
constexpr std::size_t kMaxFinishedRecord12 = 8 + 4 + 12 + port::kAeadTagSize;

ContentType type_of(const std::uint8_t* header) noexcept { return static_cast<ContentType>(header[0]); }

bool known_type(ContentType type) noexcept {
  return type == ContentType::ChangeCipherSpec || type == ContentType::Alert || type == ContentType::Handshake ||
         type == ContentType::ApplicationData;
}

bool skips_early_data(const Call& call) noexcept {
  return call.connection.handshake != nullptr && call.handshake().skip_early_data;
}

// RFC 8446 4.2.10: early data that was refused is passed over, up to a bound.
Error skip_early_data(Call& call, std::size_t record_size) noexcept {
  Handshake& handshake = call.handshake();
  constexpr std::size_t kOverhead = port::kAeadTagSize + 1;
  const std::size_t size = record_size > kOverhead ? record_size - kOverhead : 1;
  if (size > handshake.early_data_left)
    return peer_error(Alert::UnexpectedMessage, "more early data than is passed over");
  handshake.early_data_left -= static_cast<std::uint32_t>(size);
  return kNoError;
}

// RFC 8446 5.1, RFC 5246 6.2.1
Error check_plain_header(Call& call) noexcept {
  Handshake& handshake = call.handshake();
  const std::uint8_t* header = handshake.record_header;
  const ContentType type = type_of(header);
  const bool first = !handshake.first_record_seen;
  handshake.first_record_seen = true;
  if (!known_type(type)) {
    return peer_error(Alert::UnexpectedMessage, first ? "this is not TLS" : "a record has an unknown content type");
  }
  // RFC 8446 5.1: ignored once TLS 1.3 is settled. Before, it tells TLS from something else.
  if (header[1] != 3 && !call.tls13())
    return peer_error(Alert::ProtocolVersion, "a record's version is not that of TLS");
  if (call.connection.negotiated.version == ProtocolVersion::Tls12 && header[2] != 3) {
    return peer_error(Alert::ProtocolVersion, "a record's version is not the one negotiated");
  }
  const std::uint16_t size = load_u16(header + 3);
  if (size > kMaxPlaintext) {
    // Early data is protected already: its records may be longer.
    if (!(type == ContentType::ApplicationData && skips_early_data(call) && size <= kMaxCiphertextTls13)) {
      return peer_error(Alert::RecordOverflow, "a record is longer than 16,384 bytes");
    }
  }
  if (size == 0) return peer_error(Alert::UnexpectedMessage, "a record has no content");
  switch (type) {
    case ContentType::Handshake:
      break;
    case ContentType::Alert:
      if (size != 2) return peer_error(Alert::DecodeError, "an alert record is not two bytes long");
      break;
    case ContentType::ChangeCipherSpec:
      if (size != 1) {
        return peer_error(call.connection.negotiated.version == ProtocolVersion::Tls12 ? Alert::DecodeError
                                                                                       : Alert::UnexpectedMessage,
                          "ChangeCipherSpec is not one byte long");
      }
      break;
    default:
      if (!skips_early_data(call) || call.connection.state != State::ExpectSecondClientHello) {
        return peer_error(Alert::UnexpectedMessage, "application data comes before the handshake is done");
      }
      if (const Error error = skip_early_data(call, size)) return error;
      break;
  }
  if (type != ContentType::Handshake && type != ContentType::Alert && message_is_open(call)) {
    return peer_error(Alert::UnexpectedMessage, "another record comes in the middle of a handshake message");
  }
  handshake.fragment_left = size;
  handshake.in_fragment = true;
  return kNoError;
}

Error take_plain_fragment(Call& call, ConstBytes bytes) noexcept {
  Handshake& handshake = call.handshake();
  const std::size_t left = handshake.fragment_left;  // behind these bytes
  switch (type_of(handshake.record_header)) {
    case ContentType::Handshake:
      return take_handshake(call, bytes, left);
    case ContentType::ChangeCipherSpec:
      return take_change_cipher_spec(call, bytes[0]);
    case ContentType::Alert:
      for (std::size_t i = 0; i < bytes.size(); ++i) handshake.alert[2 - left - bytes.size() + i] = bytes[i];
      return left == 0 ? on_alert(call, handshake.alert[0], handshake.alert[1]) : kNoError;
    default:
      return kNoError;  // early data, passed over
  }
}

// Records that are legal unprotected although the peer's records are protected by now.
bool comes_unprotected(const Call& call, ContentType type) noexcept {
  if (!call.tls13()) return false;
  if (type == ContentType::ChangeCipherSpec) return true;  // RFC 8446 5: take_change_cipher_spec() judges it
  // A client that cannot make sense of our flight has no keys to protect its alert with.
  return type == ContentType::Alert && call.connection.state == State::Tls13ExpectFinished &&
         !call.handshake().protected_record_seen;
}

Error take_unprotected(Call& call, ContentType type, Cursor& body, std::size_t size) noexcept {
  std::uint8_t content[2];
  if (type == ContentType::ChangeCipherSpec) {
    if (size != 1) return peer_error(Alert::UnexpectedMessage, "ChangeCipherSpec is not one byte long");
    body.take({content, 1});
    return take_change_cipher_spec(call, content[0]);
  }
  if (size != 2) return peer_error(Alert::DecodeError, "an alert record is not two bytes long");
  body.take(content);
  return on_alert(call, content[0], content[1]);
}

Error check_protected_header(const Call& call, const std::uint8_t* header) noexcept {
  const ContentType type = type_of(header);
  const std::size_t size = load_u16(header + 3);
  if (!known_type(type)) return peer_error(Alert::UnexpectedMessage, "a record has an unknown content type");
  if (call.tls13() ? type != ContentType::ApplicationData && !comes_unprotected(call, type)
                   : type == ContentType::ChangeCipherSpec) {
    return peer_error(Alert::UnexpectedMessage, "a record of this type is not legal under protection");
  }
  // RFC 8446 5.2: the version is ignored. TLS 1.2 authenticates the one it knows.
  if (!call.tls13() && load_u16(header + 1) != static_cast<std::uint16_t>(ProtocolVersion::Tls12)) {
    return peer_error(Alert::ProtocolVersion, "a record's version is not the one negotiated");
  }
  if (size > (call.tls13() ? kMaxCiphertextTls13 : kMaxCiphertextTls12)) {
    return peer_error(Alert::RecordOverflow, "a protected record is longer than its version allows");
  }
  // Without padding, TLS 1.2 has nothing longer to say here than Finished: no room is kept for more.
  if (!call.tls13() && call.connection.state == State::Tls12ExpectFinished && size > kMaxFinishedRecord12) {
    return peer_error(Alert::UnexpectedMessage, "a record is longer than Finished, which is awaited");
  }
  if (!comes_unprotected(call, type) && size < minimum_body(call.protection())) {
    return peer_error(Alert::BadRecordMac, "a protected record is too short for its tag");
  }
  return kNoError;
}

Error take_protected_handshake(Call& call, Cursor content, std::size_t size) noexcept {
  if (size == 0) return peer_error(Alert::UnexpectedMessage, "a handshake record has no content");
  while (size != 0) {
    const ConstBytes part = content.contiguous(size);
    size -= part.size();
    content.advance(part.size());
    const Error error = call.connection.state == State::Connected ? take_post_handshake(call, part, size)
                                                                  : take_handshake(call, part, size);
    if (error) return error;
  }
  return kNoError;
}

Error take_application_data(Call& call, std::size_t offset, std::size_t size, Result& result) noexcept {
  ConnectionState& connection = call.connection;
  if (connection.state != State::Connected || message_is_open(call)) {
    return peer_error(Alert::UnexpectedMessage, "application data is not legal in this state");
  }
  if (call.tls13() && !connection.update_asked &&
      connection.traffic.read.sequence >= call.configuration().key_update_after) {
    connection.update_asked = true;
    connection.ask_for_update = true;  // RFC 8446 5.5: its keys are as old as we let ours get
  }
  if (size == 0) {
    if (++connection.empty_records > kMaxEmptyRecords) {
      return peer_error(Alert::UnexpectedMessage, "too many records without content");
    }
    return kNoError;
  }
  connection.empty_records = 0;
  connection.key_updates = 0;
  result.plaintext_offset = offset;
  result.plaintext_size = size;
  return kNoError;
}

Error take_content(Call& call, const Opened& opened, Cursor content, Result& result) noexcept {
  std::uint8_t alert[2];
  switch (opened.type) {
    case ContentType::ApplicationData:
      return take_application_data(call, content.position(), opened.size, result);
    case ContentType::Handshake:
      return take_protected_handshake(call, content, opened.size);
    case ContentType::Alert:
      if (opened.size == 0) return peer_error(Alert::UnexpectedMessage, "an alert record has no content");  // 5.4
      if (opened.size != sizeof alert) return peer_error(Alert::DecodeError, "an alert record is not two bytes long");
      content.take(alert);
      return on_alert(call, alert[0], alert[1]);
    default:  // RFC 8446 5.4: padding without a type; 5: a protected ChangeCipherSpec
      return peer_error(Alert::UnexpectedMessage, "a protected record has no legal content type");
  }
}

}  // namespace

Read read_plain(Call& call, Cursor& input, Error& error) noexcept {
  Handshake& handshake = call.handshake();
  if (input.remaining() == 0) return Read::NeedMore;
  if (!handshake.in_fragment) {
    const std::size_t missing = kRecordHeaderSize - handshake.record_header_size;
    const std::size_t part = input.remaining() < missing ? input.remaining() : missing;
    input.take({handshake.record_header + handshake.record_header_size, part});
    handshake.record_header_size = static_cast<std::uint8_t>(handshake.record_header_size + part);
    if (handshake.record_header_size < kRecordHeaderSize) return Read::NeedMore;
    handshake.record_header_size = 0;
    error = check_plain_header(call);
    return error ? Read::Failed : Read::Progress;
  }
  const ConstBytes part = input.contiguous(handshake.fragment_left);
  input.advance(part.size());
  handshake.fragment_left = static_cast<std::uint16_t>(handshake.fragment_left - part.size());
  handshake.in_fragment = handshake.fragment_left != 0;
  error = take_plain_fragment(call, part);
  return error ? Read::Failed : Read::Progress;
}

Read read_protected(Call& call, Cursor& input, Result& result, Error& error) noexcept {
  ConnectionState& connection = call.connection;
  std::uint8_t header[kRecordHeaderSize];
  if (input.remaining() < sizeof header) return Read::NeedMore;
  input.peek(header);
  error = check_protected_header(call, header);
  if (error) return Read::Failed;
  const ContentType type = type_of(header);
  const std::size_t size = load_u16(header + 3);
  if (input.remaining() < sizeof header + size) return Read::NeedMore;
  input.advance(sizeof header);
  Cursor body = input;
  input.advance(size);

  if (comes_unprotected(call, type)) {
    error = take_unprotected(call, type, body, size);
    return error ? Read::Failed : Read::Progress;
  }
  MutableBytes pieces[kMaxRecordPieces];
  const std::size_t count = body.pieces(size, pieces);
  if (count > kMaxRecordPieces) {
    error = our_error("a record lies in more pieces than kMaxRecordPieces");
    return Read::Failed;
  }
  const Opened opened =
      open_record(call.protection(), *call.worker.keys, connection.traffic.read, header, {pieces, count});
  const bool may_be_early = skips_early_data(call) && !call.handshake().protected_record_seen && call.tls13();
  if (!opened.authentic) {
    error = may_be_early ? skip_early_data(call, size)
                         : peer_error(Alert::BadRecordMac, "a protected record does not authenticate");
    return error ? Read::Failed : Read::Progress;
  }
  if (connection.handshake != nullptr) call.handshake().protected_record_seen = true;
  // RFC 8446 5.4: padding counts; RFC 8449 4: so does our own limit.
  if (opened.padded_size > connection.max_receive) {
    error = peer_error(Alert::RecordOverflow, "the content of a record is longer than we accept");
    return Read::Failed;
  }
  body.advance(opened.offset);
  error = take_content(call, opened, body, result);
  if (error) return Read::Failed;
  return result.plaintext_size != 0 ? Read::Plaintext : Read::Progress;
}

}  // namespace breakwater::tls
