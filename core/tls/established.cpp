// After the handshake: key updates, refused renegotiation, sealing, closing.
#include "core/tls/failure.h"
#include "core/tls/ingress.h"
#include "core/tls/key_schedule13.h"
#include "core/tls/transitions.h"
#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::uint8_t kMaxKeyUpdates = 32;  // in a row, without application data in between, in either direction
constexpr std::uint8_t kUpdateNotRequested = 0;
constexpr std::uint8_t kUpdateRequested = 1;
constexpr std::size_t kKeyUpdateSize = 5;
constexpr std::uint64_t kMaxRecords12 = 23'726'566;  // 2^24.5, RFC 8446 5.5: TLS 1.2 cannot change its keys

void update_key(Call& call, Secret& secret, TrafficKey& key) noexcept {
  call.worker.keys->forget(key);
  update_traffic_secret(call.suite().hash, secret);
  Expander(call.suite().hash, secret).traffic_key(call.suite().aead, key);
}

// Seals a KeyUpdate at `record` with the old key; what follows is sealed with the new one.
std::size_t seal_key_update(Call& call, std::uint8_t* record) noexcept {
  ConnectionState& connection = call.connection;
  std::uint8_t* const message = record + call.protection().head();
  message[0] = static_cast<std::uint8_t>(HandshakeType::KeyUpdate);
  store_u24(message + 1, 1);
  message[4] = connection.ask_for_update ? kUpdateRequested : kUpdateNotRequested;
  const std::size_t size = seal_record(call.protection(), *call.worker.keys, connection.traffic.write,
                                       ContentType::Handshake, record, kKeyUpdateSize);
  update_key(call, connection.traffic.write_secret, connection.traffic.write);
  connection.update_requested = false;
  connection.ask_for_update = false;
  return size;
}

bool key_update_due(const Call& call) noexcept {
  const ConnectionState& connection = call.connection;
  return call.tls13() && (connection.update_requested || connection.ask_for_update ||
                          connection.traffic.write.sequence >= call.configuration().key_update_after);
}

}  // namespace

// RFC 8446 4.6.3
Error on_key_update(Call& call, ConstBytes message) noexcept {
  ConnectionState& connection = call.connection;
  const std::uint8_t request = message[kHeaderSize];
  if (request > kUpdateRequested) return peer_error(Alert::IllegalParameter, "KeyUpdate asks for neither 0 nor 1");
  if (++connection.key_updates > kMaxKeyUpdates) {
    return peer_error(Alert::UnexpectedMessage, "too many KeyUpdates without application data");
  }
  update_key(call, connection.traffic.read_secret, connection.traffic.read);
  connection.ask_for_update = false;
  connection.update_asked = false;
  // Answered in front of our next record: a storm of requests costs one answer.
  if (request == kUpdateRequested) connection.update_requested = true;
  return kNoError;
}

// RFC 5746 4.4, RFC 5246 7.2.2: the ClientHello is passed over and refused with a warning. Once.
Error on_renegotiation(Call& call, ConstBytes) noexcept {
  ConnectionState& connection = call.connection;
  if (connection.renegotiation_refused) {
    return peer_error(Alert::HandshakeFailure, "the peer insists on renegotiation");
  }
  connection.renegotiation_refused = true;
  send_alert(call, AlertLevel::Warning, Alert::NoRenegotiation);
  return kNoError;
}

Error take_post_handshake(Call& call, ConstBytes bytes, std::size_t left_in_record) noexcept {
  ConnectionState& connection = call.connection;
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (connection.skip_message != 0) {
      const std::size_t rest = bytes.size() - used;
      const std::size_t part = rest < connection.skip_message ? rest : connection.skip_message;
      connection.skip_message -= static_cast<std::uint32_t>(part);
      used += part;
      continue;
    }
    connection.message[connection.message_size++] = bytes[used++];
    if (connection.message_size < kHeaderSize) continue;

    const auto type = static_cast<HandshakeType>(connection.message[0]);
    const std::uint32_t body_size = load_u24(connection.message + 1);
    const Transition* transition = type == HandshakeType::KeyUpdate ? find_transition(connection, Input::KeyUpdate)
                                   : type == HandshakeType::ClientHello
                                       ? find_transition(connection, Input::ClientHello)
                                       : nullptr;
    if (transition == nullptr) {
      return peer_error(Alert::UnexpectedMessage, "a handshake message is not legal after the handshake");
    }
    if (type == HandshakeType::ClientHello) {
      connection.message_size = 0;
      connection.skip_message = body_size;
      if (const Error error = run_transition(call, *transition, {})) return error;
      continue;
    }
    if (body_size != transition->max_body) return peer_error(Alert::DecodeError, "KeyUpdate is not one byte long");
    if (connection.message_size < kKeyUpdateSize) continue;
    if (bytes.size() - used + left_in_record != 0) {  // RFC 8446 5.1: keys change here
      return peer_error(Alert::UnexpectedMessage, "KeyUpdate does not end its record");
    }
    connection.message_size = 0;
    if (const Error error = run_transition(call, *transition, connection.message)) return error;
  }
  return kNoError;
}

Connection::Sealed Connection::seal(Worker& worker, MutableBytes buffer, std::size_t payload_offset,
                                    std::size_t payload_size) noexcept {
  Output no_output;
  Call call{state_, worker, 0, no_output};
  if (state_.state != State::Connected || state_.close_sent) {
    if (!state_.error) state_.error = our_error("seal() was called before the handshake was done or after close()");
    return {};
  }
  if (payload_size > state_.max_payload || payload_offset < kHeadRoom || payload_offset > buffer.size() ||
      buffer.size() - payload_offset < payload_size + kTailRoom) {
    state_.error = our_error("seal() was called with a payload that is too long or with too little room around it");
    return {};
  }
  if (!call.tls13() && state_.traffic.write.sequence >= kMaxRecords12) {
    state_.error = our_error("the TLS 1.2 key has sealed as many records as it may: close the connection");
    return {};
  }
  state_.key_updates = 0;
  const Protection protection = call.protection();
  std::size_t begin = payload_offset - protection.head();
  std::size_t size = 0;
  if (key_update_due(call)) {
    const std::size_t update_size = protection.overhead() + kKeyUpdateSize;
    static_assert(kRecordHeaderSize + kKeyUpdateSize + port::kAeadTagSize + 1 + kRecordHeaderSize <= kHeadRoom);
    begin -= update_size;
    size += seal_key_update(call, buffer.data() + begin);
  }
  size += seal_record(protection, *worker.keys, state_.traffic.write, ContentType::ApplicationData,
                      buffer.data() + payload_offset - protection.head(), payload_size);
  return {begin, size};
}

void Connection::close(Worker& worker, Output& output) noexcept {
  if (state_.state == State::Failed) return;  // RFC 8446 6.2: after a fatal alert nothing follows
  Call call{state_, worker, 0, output};
  send_alert(call, AlertLevel::Warning, Alert::CloseNotify);
  state_.close_sent = true;
  if (state_.state == State::Connected) return;
  state_.error = our_error("closed before the handshake was done");
  state_.state = State::Failed;
}

}  // namespace breakwater::tls
