// TLS 1.3 from the handshake keys on (RFC 8446 4.3 to 4.6, 7.1).
#include <set>

#include "tests/client/client.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;

Bytes finished_mac(Hash hash, View secret, View transcript_hash) {
  return hmac(hash, expand_label(hash, secret, "finished", {}, hash_size(hash)), transcript_hash);
}

}  // namespace

void Client::start_handshake_keys(View shared, const Session* session) {
  const Hash hash = suite_->hash;
  const Bytes zeros(hash_size(hash));
  const Bytes nothing = digest(hash, {});
  secrets_.early = hkdf_extract(hash, {}, session == nullptr ? zeros : session->secret);
  secrets_.handshake = hkdf_extract(hash, derive_secret(hash, secrets_.early, "derived", nothing), shared);
  const Bytes hellos = transcript_hash();
  secrets_.client_handshake_traffic = derive_secret(hash, secrets_.handshake, "c hs traffic", hellos);
  secrets_.server_handshake_traffic = derive_secret(hash, secrets_.handshake, "s hs traffic", hellos);
  secrets_.master = hkdf_extract(hash, derive_secret(hash, secrets_.handshake, "derived", nothing), zeros);
  write_keys(Epoch::Handshake) = RecordKeys::from_secret(hash, suite_->cipher, secrets_.client_handshake_traffic);
  change_read_keys(RecordKeys::from_secret(hash, suite_->cipher, secrets_.server_handshake_traffic));
  if (state_ != State::Failed) state_ = State::EncryptedExtensions;
}

void Client::take_encrypted_extensions(View body) {
  Reader reader(body);
  Reader extensions(reader.vector(2));
  if (!check(reader.finished(), "malformed EncryptedExtensions")) return;
  std::set<std::uint16_t> seen;
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    const View data = extensions.vector(2);
    if (!check(!extensions.failed() && seen.insert(type).second, "malformed or repeated extension")) return;
    if (!take_extension(type, data, true)) return;
  }
  state_ = facts_.resumed ? State::ServerFinished : State::Certificate;
}

bool Client::take_certificates(View list, bool tls13) {
  Reader certificates(list);
  while (!certificates.empty()) {
    const View der = certificates.vector(3);
    if (tls13) {
      const View extensions = certificates.vector(2);
      if (!check(extensions.empty(), "certificate extension that was not asked for (RFC 8446 4.4.2)")) return false;
    }
    if (!check(!certificates.failed() && !der.empty(), "malformed certificate list")) return false;
    facts_.certificates.push_back(to_bytes(der));
  }
  if (!check(!facts_.certificates.empty(), "empty certificate list")) return false;
  server_key_ = certificate_key(facts_.certificates.front());
  return check(server_key_ != nullptr, "certificate cannot be parsed");
}

void Client::take_certificate_verify(View body) {
  Reader reader(body);
  const std::uint16_t scheme = reader.u16();
  const View signature = reader.vector(2);
  if (!check(reader.finished(), "malformed CertificateVerify")) return;
  bool allowed = false;
  for (const std::uint16_t offered_scheme : script_.offer.schemes) allowed = allowed || offered_scheme == scheme;
  if (!check(allowed, "signature scheme that was not offered")) return;
  if (!check(scheme == 0x0403 || (scheme >= 0x0804 && scheme <= 0x0806), "scheme not for TLS 1.3 (RFC 8446 4.4.3)"))
    return;
  // RFC 8446 4.4.3: 64 spaces, the context, a zero, the transcript hash
  const Bytes content = Writer()
                            .raw(Bytes(64, 0x20))
                            .raw(view_of("TLS 1.3, server CertificateVerify"))
                            .u8(0)
                            .raw(transcript_hash())
                            .bytes();
  facts_.signature = static_cast<SignatureScheme>(scheme);
  if (!check(verify_signature(server_key_.get(), facts_.signature, content, signature), "bad CertificateVerify"))
    return;
  state_ = State::ServerFinished;
}

void Client::take_finished_tls13(View message) {
  const Hash hash = suite_->hash;
  const Bytes expected = finished_mac(hash, secrets_.server_handshake_traffic, transcript_hash());
  if (!check(same(message.subspan(4), expected), "bad server Finished")) return;
  append(transcript_, message);
  const Bytes handshake_hash = transcript_hash();
  secrets_.client_application_traffic = derive_secret(hash, secrets_.master, "c ap traffic", handshake_hash);
  secrets_.server_application_traffic = derive_secret(hash, secrets_.master, "s ap traffic", handshake_hash);
  secrets_.exporter_master = derive_secret(hash, secrets_.master, "exp master", handshake_hash);
  client_secret_ = secrets_.client_application_traffic;
  server_secret_ = secrets_.server_application_traffic;
  change_read_keys(RecordKeys::from_secret(hash, suite_->cipher, server_secret_));
  if (state_ == State::Failed) return;
  write_keys(Epoch::Application) = RecordKeys::from_secret(hash, suite_->cipher, client_secret_);
  if (!hello_.session_id.empty() && !retry_ccs_sent_) {
    queue(Step::ChangeCipherSpec, ContentType::ChangeCipherSpec, Epoch::Plain, {1});  // RFC 8446 D.4
  }
  const Bytes mac = finished_mac(hash, secrets_.client_handshake_traffic, handshake_hash);
  queue_handshake(Step::Finished, HandshakeType::Finished, Epoch::Handshake, Writer().raw(mac));
  secrets_.resumption_master = derive_secret(hash, secrets_.master, "res master", transcript_hash());
  state_ = State::Connected;
}

void Client::take_new_session_ticket_tls13(View body) {
  Reader reader(body);
  Session session;
  session.version = ProtocolVersion::Tls13;
  session.suite = facts_.suite;
  session.lifetime_s = reader.u32();
  session.age_add = reader.u32();
  const View nonce = reader.vector(1);
  session.ticket = to_bytes(reader.vector(2));
  Reader extensions(reader.vector(2));
  if (!check(reader.finished() && !session.ticket.empty(), "malformed NewSessionTicket")) return;
  if (!check(session.lifetime_s <= 604800, "ticket lifetime above seven days (RFC 8446 4.6.1)")) return;
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    Reader data(extensions.vector(2));
    if (!check(!extensions.failed(), "malformed NewSessionTicket extension")) return;
    if (type == static_cast<std::uint16_t>(ExtensionType::EarlyData)) session.max_early_data = data.u32();
  }
  session.secret = expand_label(suite_->hash, secrets_.resumption_master, "resumption", nonce, hash_size(suite_->hash));
  session.received_ms = script_.now_ms;
  sessions_.push_back(std::move(session));
}

void Client::take_key_update(View body) {
  if (!check(body.size() == 1 && body[0] <= 1, "malformed KeyUpdate")) return;
  ++facts_.key_updates;
  server_secret_ = expand_label(suite_->hash, server_secret_, "traffic upd", {}, hash_size(suite_->hash));
  change_read_keys(RecordKeys::from_secret(suite_->hash, suite_->cipher, server_secret_));
  if (body[0] == 1) {
    queue(Step::KeyUpdate, ContentType::Handshake, Epoch::Application,
          {static_cast<std::uint8_t>(HandshakeType::KeyUpdate), 0, 0, 1, 0});
  }
}

}  // namespace breakwater::test
