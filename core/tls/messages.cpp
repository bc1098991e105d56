// Handshake messages, from bytes to handlers.
#include <new>

#include "core/tls/ingress.h"
#include "core/tls/transitions.h"
#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::size_t kHeaderSize = 4;
// Far above what any client sends: a browser's hello with a hybrid key share and tickets is a fifth of it. What is
// longer costs more to parse than it can say.
constexpr std::uint32_t kMaxClientHello = 16384;

Input input_of(std::uint8_t type) noexcept {
  switch (static_cast<HandshakeType>(type)) {
    case HandshakeType::ClientHello:
      return Input::ClientHello;
    case HandshakeType::ClientKeyExchange:
      return Input::ClientKeyExchange;
    case HandshakeType::Finished:
      return Input::Finished;
    case HandshakeType::KeyUpdate:
      return Input::KeyUpdate;
    default:
      return Input::Other;
  }
}

HelloSink sink_of(Call& call) noexcept {
  Handshake& handshake = call.handshake();
  return {call.configuration(), handshake.hello.facts, handshake.identity, call.connection.scratch};
}

// The header is complete: is such a message legal now, and of legal length?
Error begin_message(Call& call) noexcept {
  Handshake& handshake = call.handshake();
  const Transition* transition = find_transition(call.connection, input_of(handshake.message_header[0]));
  if (transition == nullptr)
    return peer_error(Alert::UnexpectedMessage, "a handshake message is not legal in this state");
  const std::uint32_t body_size = load_u24(handshake.message_header + 1);
  if (transition->input != Input::ClientHello) {
    if (body_size > transition->max_body) return peer_error(Alert::DecodeError, "a handshake message is too long");
    // Every message but ClientHello comes after one, when its facts have made room (KeyPhase).
    copy_bytes(handshake.keys.message, handshake.message_header);
    handshake.message_end = static_cast<std::uint16_t>(kHeaderSize + body_size);
    return kNoError;
  }
  if (body_size > kMaxClientHello)
    return peer_error(Alert::IllegalParameter, "ClientHello is longer than 16,384 bytes");
  handshake.reading_hello = true;
  handshake.identity.session_id_size = 0;
  handshake.identity.server_name_size = 0;
  ::new (static_cast<void*>(&handshake.hello)) Handshake::HelloPhase;
  handshake.hello.parser.begin(body_size);
  handshake.transcript.update(handshake.message_header);
  return kNoError;
}

// The message is whole: its handler decides.
Error end_message(Call& call, std::size_t left_in_record) noexcept {
  Handshake& handshake = call.handshake();
  const Transition* transition = find_transition(call.connection, input_of(handshake.message_header[0]));
  if (transition->ends_record && left_in_record != 0) {  // RFC 8446 5.1
    return peer_error(Alert::UnexpectedMessage, "bytes follow a handshake message that must end its record");
  }
  const ConstBytes message =
      handshake.reading_hello ? ConstBytes{} : ConstBytes(handshake.keys.message, handshake.message_end);
  handshake.reading_hello = false;
  handshake.message_size = 0;
  handshake.message_end = 0;
  return run_transition(call, *transition, message);
}

// Feeds the body of a ClientHello. `whole` tells that it is complete.
Error take_hello(Call& call, ConstBytes bytes, std::size_t& used, bool& whole) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::HelloPhase& hello = handshake.hello;
  while (true) {
    const std::size_t rest = bytes.size() - used;
    const std::size_t wanted = hello.parser.remaining();
    std::size_t taken = 0;
    const ClientHelloParser::Progress progress =
        hello.parser.feed(bytes.subspan(used, rest < wanted ? rest : wanted), taken, sink_of(call));
    const ConstBytes piece = bytes.subspan(used, taken);
    if (progress == ClientHelloParser::Progress::Complete) {
      call.unhashed_hello = piece;
    } else {
      handshake.transcript.update(piece);
    }
    used += taken;
    switch (progress) {
      case ClientHelloParser::Progress::Failed:
        return hello.parser.error();
      case ClientHelloParser::Progress::More:
        return kNoError;
      case ClientHelloParser::Progress::Complete:
        whole = true;
        return kNoError;
      case ClientHelloParser::Progress::BindersAhead:
        copy_bytes(call.connection.scratch.binder_hash_sha256, handshake.transcript.hash(HashKind::Sha256).view());
        copy_bytes(hello.binder_hash_sha384, handshake.transcript.hash(HashKind::Sha384).view());
        break;
    }
  }
}

}  // namespace

bool message_is_open(const Call& call) noexcept {
  if (call.connection.handshake == nullptr || call.connection.state == State::Connected) {
    return call.connection.message_size != 0 || call.connection.skip_message != 0;
  }
  return call.handshake().message_size != 0;
}

Error take_handshake(Call& call, ConstBytes bytes, std::size_t left_in_record) noexcept {
  Handshake& handshake = call.handshake();
  std::size_t used = 0;
  while (used < bytes.size()) {
    bool whole = false;
    if (handshake.message_size < kHeaderSize) {
      handshake.message_header[handshake.message_size++] = bytes[used++];
      if (handshake.message_size < kHeaderSize) continue;
      if (const Error error = begin_message(call)) return error;
      whole = !handshake.reading_hello && handshake.message_end == kHeaderSize;
    }
    if (handshake.reading_hello) {
      if (const Error error = take_hello(call, bytes, used, whole)) return error;
    } else if (!whole) {
      const std::size_t wanted = handshake.message_end - handshake.message_size;
      const std::size_t rest = bytes.size() - used;
      const std::size_t part = rest < wanted ? rest : wanted;
      copy_bytes(handshake.keys.message + handshake.message_size, bytes.subspan(used, part));
      handshake.message_size = static_cast<std::uint16_t>(handshake.message_size + part);
      used += part;
      whole = handshake.message_size == handshake.message_end;
    }
    if (!whole) continue;
    if (const Error error = end_message(call, bytes.size() - used + left_in_record)) return error;
  }
  return kNoError;
}

Error take_change_cipher_spec(Call& call, std::uint8_t value) noexcept {
  constexpr const char* kNotNow = "ChangeCipherSpec is not legal in this state";
  if (message_is_open(call)) {
    return peer_error(Alert::UnexpectedMessage, "ChangeCipherSpec comes in the middle of a handshake message");
  }
  if (call.tls13()) {
    Handshake* const handshake = call.connection.handshake;
    const State state = call.connection.state;
    if (handshake == nullptr || (state != State::ExpectSecondClientHello && state != State::Tls13ExpectFinished)) {
      return peer_error(Alert::UnexpectedMessage, kNotNow);
    }
    if (value != 1 || handshake->change_cipher_spec_seen || handshake->protected_record_seen) {
      return peer_error(Alert::UnexpectedMessage, "ChangeCipherSpec is repeated, late or not 1");
    }
    handshake->change_cipher_spec_seen = true;  // means nothing (RFC 8446 D.4)
    return kNoError;
  }
  const Transition* transition = find_transition(call.connection, Input::ChangeCipherSpec);
  if (transition == nullptr) return peer_error(Alert::UnexpectedMessage, kNotNow);
  if (value != 1) return peer_error(Alert::IllegalParameter, "ChangeCipherSpec is not 1");
  return run_transition(call, *transition, {});
}

}  // namespace breakwater::tls
