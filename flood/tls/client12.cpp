// TLS 1.2 with ECDHE and AEAD suites (RFC 5246 7.4, RFC 8422 5, RFC 7627, RFC 5077, RFC 5746).
#include "flood/tls/client_impl.h"
#include "flood/tls/key_exchange.h"
#include "flood/tls/prf.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

namespace {

constexpr std::size_t kVerifyData = 12;

bool same(ConstBytes left, ConstBytes right) noexcept {
  return left.size() == right.size() && (left.empty() || memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace

bool Client::Impl::on_server_hello12(const ServerHello& facts, ConstBytes message) {
  std::uint8_t expected[2 * kVerifyData];  // RFC 5746 3.4 and 3.5
  copy_bytes(expected, client_verify);
  copy_bytes(expected + kVerifyData, server_verify);
  if (facts.has_renegotiation_info || renegotiating) {
    const ConstBytes right(expected, renegotiating ? sizeof expected : 0);
    if (!same(facts.renegotiation_info, right)) return fail(Failure::BadMessage);
  }
  copy_bytes(server_random, facts.random);
  extended_master_secret = facts.extended_master_secret;
  group = 0;
  transcript.start(suite->hash);
  transcript.update(hello());
  transcript.update(message);
  if (renegotiating) ++renegotiations;
  step = Step::Certificate12;
  return true;
}

bool Client::Impl::on_message12(MessageType type, ConstBytes message) {
  const ConstBytes body = message.subspan(4);
  if (type != MessageType::Finished) transcript.update(message);
  switch (step) {
    case Step::Certificate12:
      if (type == MessageType::Certificate) return on_certificate12(body);
      if (type == MessageType::NewSessionTicket && session != nullptr) return resume12() && on_ticket12(body);
      break;
    case Step::KeyExchange12:
      if (type == MessageType::ServerKeyExchange) return on_key_exchange12(body);
      if (type == MessageType::CertificateStatus && is_offered(profile->hello.extensions, extension::kStatusRequest)) {
        return true;
      }
      break;
    case Step::HelloDone12:
      if (type == MessageType::CertificateRequest) {
        certificate_requested = true;
        return true;
      }
      if (type == MessageType::ServerHelloDone && body.empty()) return on_hello_done12();
      break;
    case Step::ChangeCipherSpec12:
      if (type == MessageType::NewSessionTicket && profile->hello.tickets12) return on_ticket12(body);
      break;
    case Step::Finished12:
      if (type == MessageType::Finished) return on_finished12(message);
      break;
    default:
      break;
  }
  return fail(Failure::BadMessage);
}

bool Client::Impl::on_certificate12(ConstBytes body) {
  if (must_resume) return fail(Failure::NotResumed);
  session = nullptr;
  Reader reader(body);
  Reader list(reader.vector(3));
  if (!reader.finished() || list.empty()) return fail(Failure::BadMessage);
  if (profile->settings.check_signature) {
    const ConstBytes leaf = list.vector(3);
    if (list.failed()) return fail(Failure::BadMessage);
    if (!keep_server_key(leaf)) return fail(Failure::BadSignature);
  }
  step = Step::KeyExchange12;
  return true;
}

bool Client::Impl::on_key_exchange12(ConstBytes body) {
  constexpr std::uint8_t kNamedCurve = 3;
  Reader reader(body);
  const std::uint8_t curve_type = reader.u8();
  const std::uint16_t curve = reader.u16();
  const ConstBytes share = reader.vector(1);
  const std::size_t parameters = body.size() - reader.left();
  const std::uint16_t code = reader.u16();
  const ConstBytes signature = reader.vector(2);
  if (!reader.finished() || curve_type != kNamedCurve) return fail(Failure::BadMessage);
  if (share_size(curve) == 0 || !is_offered(profile->hello.groups, curve)) return fail(Failure::WrongVersion);
  if (share.size() != share_size(curve)) return fail(Failure::BadMessage);
  if (!take_scheme(code)) return false;
  if (profile->settings.check_signature) {
    std::vector<std::uint8_t> content(client_random, client_random + sizeof client_random);
    content.insert(content.end(), server_random, server_random + sizeof server_random);
    content.insert(content.end(), body.begin(), body.begin() + static_cast<std::ptrdiff_t>(parameters));
    if (!check_signature(content, signature)) return fail(Failure::BadSignature);
  }
  group = curve;
  copy_bytes(server_share, share);
  step = Step::HelloDone12;
  return true;
}

bool Client::Impl::on_hello_done12() {
  std::uint8_t shared[32];
  if (!agree(group, profile->x25519.get(), {server_share, share_size(group)}, shared)) return fail(Failure::BadMessage);
  if (certificate_requested) {  // RFC 5246 7.4.6: none
    const std::uint8_t none[7] = {static_cast<std::uint8_t>(MessageType::Certificate), 0, 0, 3};
    transcript.update(none);
    if (!append_record(ContentType::Handshake, none)) return fail(Failure::BadMessage);
  }
  const ConstBytes share = own_share(group);
  std::uint8_t exchange[5 + 65] = {static_cast<std::uint8_t>(MessageType::ClientKeyExchange)};
  put_u24(exchange + 1, 1 + share.size());
  exchange[4] = static_cast<std::uint8_t>(share.size());
  copy_bytes(exchange + 5, share);
  const ConstBytes message(exchange, 5 + share.size());
  transcript.update(message);
  if (!append_record(ContentType::Handshake, message)) return fail(Failure::BadMessage);

  Hmac premaster;
  premaster.set_key(suite->hash, shared);
  if (extended_master_secret) {  // RFC 7627 4
    std::uint8_t session_hash[kMaxHash];
    const std::size_t size = transcript_hash(session_hash);
    prf(premaster, "extended master secret", {session_hash, size}, {}, master);
  } else {
    prf(premaster, "master secret", client_random, server_random, master);
  }
  make_keys12();
  if (!send_finished12()) return false;
  state = State::FlightRead;
  step = Step::ChangeCipherSpec12;
  return true;
}

// RFC 5246 6.3: from the master secret; AEAD suites have no MAC keys.
void Client::Impl::make_keys12() noexcept {
  master12.set_key(suite->hash, master);
  const std::size_t key = port::aead_key_size(suite->aead);
  const std::size_t iv = RecordKey::iv_size(Version::Tls12, suite->aead);
  prf(master12, "key expansion", server_random, client_random, MutableBytes(key_block).first(2 * (key + iv)));
}

bool Client::Impl::send_finished12() {
  const std::uint8_t change = 1;
  if (!append_record(ContentType::ChangeCipherSpec, {&change, 1})) return fail(Failure::BadMessage);
  const std::size_t key = port::aead_key_size(suite->aead);
  write.set(Version::Tls12, suite->aead, key_block, key_block + 2 * key);
  std::uint8_t digest[kMaxHash];
  const std::size_t size = transcript_hash(digest);
  prf(master12, "client finished", {digest, size}, {}, client_verify);
  return append_finished(client_verify) || fail(Failure::BadMessage);
}

// The server took the ticket: it goes straight on to (a new ticket and) its ChangeCipherSpec.
bool Client::Impl::resume12() {
  if (suite->code != session->suite) return fail(Failure::WrongVersion);
  // RFC 7627 5.3
  if (extended_master_secret != session->extended_master_secret) return fail(Failure::BadMessage);
  memcpy(master, session->secret, sizeof master);
  session = nullptr;
  resumed = true;
  make_keys12();
  step = Step::ChangeCipherSpec12;
  return true;
}

bool Client::Impl::on_change_cipher_spec12() {
  if (step == Step::Certificate12 && session != nullptr && !resume12()) return false;
  if (step != Step::ChangeCipherSpec12) return fail(Failure::BadMessage);
  const std::size_t key = port::aead_key_size(suite->aead);
  const std::size_t iv = RecordKey::iv_size(Version::Tls12, suite->aead);
  read.set(Version::Tls12, suite->aead, key_block + key, key_block + 2 * key + iv);
  step = Step::Finished12;
  return true;
}

bool Client::Impl::on_ticket12(ConstBytes body) {
  Reader reader(body);
  reader.u32();  // a hint at its lifetime
  const ConstBytes fresh = reader.vector(2);
  if (!reader.finished()) return fail(Failure::BadMessage);
  if (profile->settings.tickets && !fresh.empty() && fresh.size() <= kMaxTicket) {
    ticket.assign(fresh.begin(), fresh.end());
    ticket_received_ms = now_ms;
    has_ticket = true;
  }
  return true;
}

bool Client::Impl::on_finished12(ConstBytes message) {
  std::uint8_t digest[kMaxHash];
  const std::size_t size = transcript_hash(digest);
  prf(master12, "server finished", {digest, size}, {}, server_verify);
  if (!same(message.subspan(4), server_verify)) return fail(Failure::BadFinished);
  transcript.update(message);
  const bool ours_is_missing = state != State::FlightRead;
  if (ours_is_missing && !send_finished12()) return false;
  renegotiating = false;
  state = State::Established;
  step = Step::Idle;
  return true;
}

}  // namespace breakwater::flood
