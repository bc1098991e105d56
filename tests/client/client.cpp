// Records, alerts and the dispatch of handshake messages.
#include "tests/client/client.h"

#include <algorithm>

namespace breakwater::test {

using tls::kMaxPlaintext;

Client::Client(Script script) : script_(std::move(script)), random_(script_.seed), key_pairs_(script_.key_pairs) {
  for (const Group group : {Group::X25519, Group::Secp256r1}) {
    const Bytes scalar = random_.bytes(32);
    if (std::none_of(key_pairs_.begin(), key_pairs_.end(), [&](const KeyPair& pair) { return pair.group == group; })) {
      key_pairs_.push_back(make_key_pair(group, scalar));
    }
  }
}

const KeyPair& Client::key_pair(Group group) const {
  return *std::find_if(key_pairs_.begin(), key_pairs_.end(), [&](const KeyPair& pair) { return pair.group == group; });
}

bool Client::fail(std::string reason) {
  if (state_ != State::Failed) error_ = std::move(reason);
  state_ = State::Failed;
  return false;
}

bool Client::check(bool condition, const char* reason) { return condition || fail(reason); }

Bytes Client::transcript_hash() const { return digest(suite_->hash, transcript_); }

void Client::queue(Step step, ContentType type, Epoch epoch, Bytes payload) {
  Outgoing outgoing;
  outgoing.step = step;
  outgoing.type = type;
  outgoing.epoch = epoch;
  outgoing.payload = std::move(payload);
  flight_.push_back(std::move(outgoing));
}

void Client::queue_handshake(Step step, HandshakeType type, Epoch epoch, const Writer& body) {
  Bytes message = Writer().u8(static_cast<std::uint8_t>(type)).vector(3, body).bytes();
  if (script_.hooks.message) script_.hooks.message(step, message);
  append(transcript_, message);
  queue(step, ContentType::Handshake, epoch, std::move(message));
}

Bytes Client::encode(std::vector<Outgoing> flight, bool with_hook) {
  if (flight.empty()) return {};
  if (with_hook && script_.hooks.flight) script_.hooks.flight(flight);
  Bytes stream;
  for (const Outgoing& item : flight) {
    View rest = item.payload;
    do {
      const View piece = rest.first(std::min(rest.size(), item.fragment));
      rest = rest.subspan(piece.size());
      const auto type = static_cast<std::uint8_t>(item.type);
      Bytes record;
      if (item.epoch == Epoch::Plain) {
        record = plain_record(type, piece, item.version);
      } else {
        const std::optional<std::uint8_t> inner_type = item.bare_inner_plaintext ? std::nullopt : std::optional(type);
        record = write_keys(item.epoch).seal(inner_type, piece, item.padding, item.version);
      }
      if (item.corrupt) item.corrupt(record);
      append(stream, record);
    } while (!rest.empty());
    if (item.step == Step::KeyUpdate) {
      client_secret_ = expand_label(suite_->hash, client_secret_, "traffic upd", {}, hash_size(suite_->hash));
      write_keys(Epoch::Application) = RecordKeys::from_secret(suite_->hash, suite_->cipher, client_secret_);
    }
  }
  return stream;
}

Bytes Client::start() {
  queue_hello(false);
  return encode(std::exchange(flight_, {}), true);
}

Bytes Client::receive(View bytes) {
  append(input_, bytes);
  while (state_ != State::Failed) {
    const View record = next_record(input_);
    if (record.empty()) break;
    const Bytes whole = to_bytes(record);
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(whole.size()));
    take_record(whole);
  }
  return encode(std::exchange(flight_, {}), true);
}

Bytes Client::send(View data) {
  Outgoing outgoing;
  outgoing.step = Step::ApplicationData;
  outgoing.type = ContentType::ApplicationData;
  outgoing.epoch = Epoch::Application;
  outgoing.payload = to_bytes(data);
  return send(outgoing);
}

Bytes Client::send(const Outgoing& outgoing) { return encode({outgoing}, false); }

Bytes Client::update_keys(bool request_update) {
  Outgoing outgoing;
  outgoing.step = Step::KeyUpdate;
  outgoing.epoch = Epoch::Application;
  outgoing.payload = {static_cast<std::uint8_t>(HandshakeType::KeyUpdate), 0, 0, 1,
                      request_update ? std::uint8_t{1} : std::uint8_t{0}};
  return send(outgoing);
}

Bytes Client::close() {
  Outgoing outgoing;
  outgoing.step = Step::Alert;
  outgoing.type = ContentType::Alert;
  outgoing.epoch = Epoch::Application;
  outgoing.payload = {1, 0};
  return send(outgoing);
}

void Client::take_record(View record) {
  if (closed_by_server_) {
    fail("data after close_notify (RFC 8446 6.1)");
    return;
  }
  if (!check(record[1] == 3 && record[2] == 3, "record version is not 0x0303 (RFC 8446 5.1)")) return;
  ReceivedRecord seen{record[0], record[0], false, record.size() - 5, record.size() - 5};
  Bytes payload = to_bytes(record.subspan(5));
  const bool plain_ccs = suite_ != nullptr && facts_.version == ProtocolVersion::Tls13 &&
                         record[0] == static_cast<std::uint8_t>(ContentType::ChangeCipherSpec);
  if (read_keys_ && !plain_ccs) {
    if (facts_.version == ProtocolVersion::Tls13 &&
        !check(record[0] == static_cast<std::uint8_t>(ContentType::ApplicationData), "unprotected record")) {
      return;
    }
    const std::size_t overhead = facts_.version == ProtocolVersion::Tls13 ? 256 : 2048;
    if (!check(payload.size() <= kMaxPlaintext + overhead, "ciphertext too long (RFC 8446 5.2)")) return;
    std::optional<RecordKeys::Opened> opened = read_keys_->open(record);
    if (!opened) {
      fail("bad record MAC");
      return;
    }
    seen = {record[0], opened->type, true, opened->payload.size(), opened->inner_size};
    payload = std::move(opened->payload);
    // RFC 8449 4: the limit counts the content type and padding in TLS 1.3 only; that of TLS 1.2 counts plaintext.
    if (const Extension* limit = hello_.find(tls::ExtensionType::RecordSizeLimit)) {
      if (!check(seen.inner_size <= Reader(limit->data).u16(), "record above our record_size_limit (RFC 8449 4)"))
        return;
    }
  }
  records_.push_back(seen);
  if (!check(payload.size() <= kMaxPlaintext, "plaintext too long (RFC 8446 5.1)")) return;
  const auto type = static_cast<ContentType>(seen.type);
  if (!check(messages_.empty() || type == ContentType::Handshake, "other record inside a handshake message")) return;
  switch (type) {
    case ContentType::ChangeCipherSpec:
      take_change_cipher_spec(payload);
      return;
    case ContentType::Alert:
      take_alert(payload);
      return;
    case ContentType::ApplicationData:
      if (!check(state_ == State::Connected, "application data before the handshake is done")) return;
      append(received_, payload);
      return;
    case ContentType::Handshake:
      break;
    default:
      fail("unknown content type");
      return;
  }
  if (!check(!payload.empty(), "empty handshake record (RFC 8446 5.1)")) return;
  append(messages_, payload);
  while (state_ != State::Failed && messages_.size() >= 4) {
    const std::size_t size = 4 + Reader(View(messages_).subspan(1)).u24();
    if (messages_.size() < size) return;
    const Bytes message(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(size));
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(size));
    take_handshake(message);
  }
}

void Client::take_alert(View payload) {
  if (!check(payload.size() == 2, "alert record of a wrong size")) return;
  const ReceivedAlert alert{payload[0], static_cast<Alert>(payload[1])};
  if (alert.alert == Alert::CloseNotify) {
    alert_ = alert;
    closed_by_server_ = true;
    return;
  }
  if (alert.level == 1) {
    warnings_.push_back(alert);
    return;
  }
  alert_ = alert;
  check(alert.level == 2, "unknown alert level");
  fail("alert " + std::to_string(payload[1]));
}

void Client::take_change_cipher_spec(View payload) {
  if (!check(payload.size() == 1 && payload[0] == 1, "bad ChangeCipherSpec")) return;
  ++facts_.server_ccs;
  if (facts_.version == ProtocolVersion::Tls12) {
    if (!check(state_ == State::TicketOrChangeCipherSpec, "unexpected ChangeCipherSpec (RFC 5246 7.1)")) return;
    if (!check(facts_.ticket_promised == facts_.ticket_received, "no NewSessionTicket though promised (RFC 5077 3.3)"))
      return;
    if (!check(messages_.empty(), "ChangeCipherSpec inside a message")) return;
    change_read_keys(pending_read_keys_);
    state_ = State::ServerFinished;
    return;
  }
  // RFC 8446 D.4: right behind the server's first handshake message, and only for a client that sent a session id.
  const bool behind_first = facts_.hello_retry ? state_ == State::ServerHello : state_ == State::EncryptedExtensions;
  check(facts_.server_ccs == 1 && behind_first && !hello_.session_id.empty(),
        "misplaced ChangeCipherSpec (RFC 8446 D.4)");
}

void Client::change_read_keys(RecordKeys keys) {
  if (check(messages_.empty(), "message across a key change (RFC 8446 5.1)")) read_keys_ = std::move(keys);
}

void Client::take_handshake(View message) {
  const auto type = static_cast<HandshakeType>(message[0]);
  const View body = message.subspan(4);
  const bool tls13 = facts_.version == ProtocolVersion::Tls13;
  auto is = [&](State state, HandshakeType expected) { return state_ == state && type == expected; };
  if (is(State::ServerHello, HandshakeType::ServerHello)) return take_server_hello(message);
  if (state_ == State::Connected) {
    if (tls13 && type == HandshakeType::NewSessionTicket) return take_new_session_ticket_tls13(body);
    if (tls13 && type == HandshakeType::KeyUpdate) return take_key_update(body);
  } else if (is(State::ServerFinished, HandshakeType::Finished)) {
    return tls13 ? take_finished_tls13(message) : take_finished_tls12(message);
  } else if (is(State::TicketOrChangeCipherSpec, HandshakeType::NewSessionTicket)) {
    return take_new_session_ticket_tls12(message);
  } else if (is(State::EncryptedExtensions, HandshakeType::EncryptedExtensions)) {
    append(transcript_, message);
    return take_encrypted_extensions(body);
  } else if (is(State::CertificateVerify, HandshakeType::CertificateVerify)) {
    take_certificate_verify(body);  // covers the transcript up to the certificate
    append(transcript_, message);
    return;
  } else if (is(State::Certificate, HandshakeType::Certificate)) {
    append(transcript_, message);
    Reader reader(body);
    if (tls13 && !check(reader.vector(1).empty(), "certificate_request_context is not empty (RFC 8446 4.4.2)")) return;
    const View list = reader.vector(3);
    if (!check(reader.finished(), "malformed Certificate") || !take_certificates(list, tls13)) return;
    state_ = tls13 ? State::CertificateVerify : State::ServerKeyExchange;
    return;
  } else if (is(State::ServerKeyExchange, HandshakeType::ServerKeyExchange)) {
    append(transcript_, message);
    return take_server_key_exchange(body);
  } else if (is(State::ServerHelloDone, HandshakeType::ServerHelloDone)) {
    append(transcript_, message);
    return take_server_hello_done(body);
  }
  fail("unexpected handshake message " + std::to_string(message[0]));
}

}  // namespace breakwater::test
