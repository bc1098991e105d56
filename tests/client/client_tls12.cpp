// TLS 1.2 with ECDHE and AEAD suites (RFC 5246 7.4, RFC 8422 5, RFC 7627, RFC 5077).
#include "tests/client/client.h"

namespace breakwater::test {

void Client::take_server_key_exchange(View body) {
  Reader reader(body);
  const std::uint8_t curve_type = reader.u8();
  const std::uint16_t group = reader.u16();
  server_share_ = to_bytes(reader.vector(1));
  const std::size_t parameters_size = body.size() - reader.rest().size();
  const std::uint16_t scheme = reader.u16();
  const View signature = reader.vector(2);
  if (!check(reader.finished() && curve_type == 3, "malformed ServerKeyExchange")) return;
  bool group_offered = false;
  for (const std::uint16_t offered_group : script_.offer.groups)
    group_offered = group_offered || offered_group == group;
  bool scheme_offered = false;
  for (const std::uint16_t offered_scheme : script_.offer.schemes)
    scheme_offered = scheme_offered || offered_scheme == scheme;
  if (!check(group_offered && scheme_offered, "group or scheme that was not offered")) return;
  facts_.group = static_cast<Group>(group);
  facts_.signature = static_cast<SignatureScheme>(scheme);
  if (!check((facts_.signature != SignatureScheme::EcdsaSecp256r1Sha256) == suite_->rsa,
             "signature does not fit the suite"))
    return;
  const Bytes content = Writer().raw(hello_.random).raw(facts_.server_random).raw(body.first(parameters_size)).bytes();
  if (!check(verify_signature(server_key_.get(), facts_.signature, content, signature),
             "bad ServerKeyExchange signature"))
    return;
  state_ = State::ServerHelloDone;
}

void Client::take_server_hello_done(View body) {
  if (!check(body.empty(), "malformed ServerHelloDone")) return;
  const KeyPair& pair = key_pair(facts_.group);
  const Bytes shared = agree(pair, server_share_);
  if (!check(!shared.empty(), "bad server share")) return;
  queue_handshake(Step::ClientKeyExchange, HandshakeType::ClientKeyExchange, Epoch::Plain,
                  Writer().vector(1, pair.public_key));
  if (facts_.extended_master_secret) {  // RFC 7627 4: the session hash covers ClientKeyExchange
    secrets_.master = prf(suite_->hash, shared, "extended master secret", transcript_hash(), 48);
  } else {
    const Bytes seed = Writer().raw(hello_.random).raw(facts_.server_random).bytes();
    secrets_.master = prf(suite_->hash, shared, "master secret", seed, 48);
  }
  make_keys_tls12();
  queue_finished_tls12();
  state_ = State::TicketOrChangeCipherSpec;
}

void Client::make_keys_tls12() {
  const std::size_t key_bytes = key_size(suite_->cipher);
  const std::size_t iv_bytes = suite_->cipher == Cipher::ChaCha20Poly1305 ? 12 : 4;  // RFC 7905 2, RFC 5288 3
  const Bytes seed = Writer().raw(facts_.server_random).raw(hello_.random).bytes();
  const Bytes block = prf(suite_->hash, secrets_.master, "key expansion", seed, 2 * (key_bytes + iv_bytes));
  Reader reader(block);
  RecordKeys client;
  client.version = ProtocolVersion::Tls12;
  client.cipher = suite_->cipher;
  RecordKeys server = client;
  client.key = to_bytes(reader.take(key_bytes));
  server.key = to_bytes(reader.take(key_bytes));
  client.iv = to_bytes(reader.take(iv_bytes));
  server.iv = to_bytes(reader.take(iv_bytes));
  write_keys(Epoch::Application) = client;
  pending_read_keys_ = server;
}

void Client::queue_finished_tls12() {
  queue(Step::ChangeCipherSpec, ContentType::ChangeCipherSpec, Epoch::Plain, {1});
  const Bytes mac = prf(suite_->hash, secrets_.master, "client finished", transcript_hash(), 12);
  queue_handshake(Step::Finished, HandshakeType::Finished, Epoch::Application, Writer().raw(mac));
  own_finished_sent_ = true;
}

void Client::take_new_session_ticket_tls12(View message) {
  Reader reader(message.subspan(4));
  const std::uint32_t lifetime = reader.u32();
  const View ticket = reader.vector(2);
  if (!check(reader.finished(), "malformed NewSessionTicket")) return;
  if (!check(facts_.ticket_promised && !facts_.ticket_received, "NewSessionTicket without promise (RFC 5077 3.3)"))
    return;
  facts_.ticket_received = true;
  if (!ticket.empty()) {
    ticket_tls12_ = to_bytes(ticket);
    ticket_lifetime_tls12_ = lifetime;
  }
  append(transcript_, message);
}

void Client::take_finished_tls12(View message) {
  const Bytes expected = prf(suite_->hash, secrets_.master, "server finished", transcript_hash(), 12);
  if (!check(same(message.subspan(4), expected), "bad server Finished")) return;
  append(transcript_, message);
  if (!own_finished_sent_) queue_finished_tls12();
  remember_session_tls12();
  state_ = State::Connected;
}

void Client::remember_session_tls12() {
  if (ticket_tls12_.empty()) return;
  Session session;
  session.version = ProtocolVersion::Tls12;
  session.suite = facts_.suite;
  session.ticket = ticket_tls12_;
  session.secret = secrets_.master;
  session.extended_master_secret = facts_.extended_master_secret;
  session.lifetime_s = ticket_lifetime_tls12_;
  session.received_ms = script_.now_ms;
  sessions_.push_back(std::move(session));
}

}  // namespace breakwater::test
