// TLS 1.3: the messages (RFC 8446 4).
#include "flood/tls/client_impl.h"
#include "flood/tls/key_exchange.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

// RFC 8446 4.1.4: a cookie, another group, or both.
bool Client::Impl::on_retry_request(const ServerHello& facts, ConstBytes message) {
  if (retried || facts.has_psk || !(facts.has_share || facts.has_cookie)) return fail(Failure::BadMessage);
  if (facts.has_cookie && facts.cookie.empty()) return fail(Failure::BadMessage);
  if (facts.has_share) {
    if (share_size(facts.group) == 0 || !is_offered(profile->hello.groups, facts.group)) {
      return fail(Failure::WrongVersion);
    }
    if (is_offered(profile->hello.shared, facts.group)) return fail(Failure::BadMessage);  // it had that share
    group = facts.group;
  }
  // RFC 8446 4.4.1: the hash of the first hello stands for it.
  std::uint8_t stand_in[4 + kMaxHash] = {static_cast<std::uint8_t>(MessageType::MessageHash)};
  const std::size_t size = hash_size(suite->hash);
  put_u24(stand_in + 1, size);
  transcript.start(suite->hash);
  transcript.update(hello());
  transcript.finish(stand_in + 4);
  transcript.start(suite->hash);
  transcript.update({stand_in, 4 + size});
  transcript.update(message);
  retried = true;
  // RFC 8446 4.1.4: a PSK of another hash can no longer be used.
  if (session != nullptr && find_suite(session->suite)->hash != suite->hash) session = nullptr;
  return put_hello(facts.cookie) || fail(Failure::BadMessage);
}

bool Client::Impl::on_server_hello13(const ServerHello& facts, ConstBytes message) {
  const std::uint16_t wanted = group != 0 ? group : profile->hello.shared.front();
  if (!facts.has_share) return fail(Failure::BadMessage);  // psk_ke is not offered
  if (facts.group != wanted) return fail(Failure::WrongVersion);
  if (facts.has_psk && (facts.psk != 0 || find_suite(session->suite)->hash != suite->hash)) {
    return fail(Failure::BadMessage);
  }
  resumed = facts.has_psk;
  if (must_resume && !resumed) return fail(Failure::NotResumed);
  std::uint8_t shared[32];
  if (!agree(facts.group, profile->x25519.get(), facts.share, shared)) return fail(Failure::BadMessage);
  group = facts.group;
  if (!retried) transcript.start(suite->hash);
  transcript.update(hello());
  transcript.update(message);
  make_handshake_secrets(shared);
  use_secret(read, server_handshake);
  use_secret(write, client_handshake);
  keys_changed = true;
  step = Step::EncryptedExtensions;
  return true;
}

bool Client::Impl::on_message13(MessageType type, ConstBytes message) {
  const ConstBytes body = message.subspan(4);
  switch (step) {
    case Step::EncryptedExtensions:
      if (type != MessageType::EncryptedExtensions) break;
      transcript.update(message);
      return on_encrypted_extensions(body);
    case Step::Certificate13:
      if (type == MessageType::CertificateRequest) {
        transcript.update(message);
        return on_certificate_request13(body);
      }
      if (type == MessageType::CompressedCertificate &&
          is_offered(profile->hello.extensions, extension::kCompressCertificate)) {
        transcript.update(message);  // it is not asked for when it would have to be read
        step = Step::CertificateVerify;
        return true;
      }
      if (type != MessageType::Certificate) break;
      transcript.update(message);
      return on_certificate13(body);
    case Step::CertificateVerify:
      if (type != MessageType::CertificateVerify) break;
      if (!on_certificate_verify(body)) return false;
      transcript.update(message);
      return true;
    case Step::Finished13:
      if (type == MessageType::Finished) return on_finished13(message);
      break;
    case Step::Idle:
      // RFC 8446 4.2.9: some servers send tickets to clients that offered no way to use them.
      if (type == MessageType::NewSessionTicket) return on_ticket13(body);
      if (type == MessageType::KeyUpdate) return on_key_update(body);
      break;
    default:
      break;
  }
  return fail(Failure::BadMessage);
}

bool Client::Impl::on_encrypted_extensions(ConstBytes body) {
  Reader reader(body);
  Reader extensions(reader.vector(2));
  if (!reader.finished()) return fail(Failure::BadMessage);
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    extensions.vector(2);
    if (extensions.failed() || !is_offered(profile->hello.extensions, type)) return fail(Failure::BadMessage);
  }
  step = resumed ? Step::Finished13 : Step::Certificate13;
  return true;
}

bool Client::Impl::on_certificate_request13(ConstBytes body) {
  Reader reader(body);
  const ConstBytes context = reader.vector(1);
  const ConstBytes extensions = reader.vector(2);
  // RFC 8446 4.3.2: the context is empty in a handshake, the extensions are not
  if (!reader.finished() || !context.empty() || extensions.empty() || certificate_requested) {
    return fail(Failure::BadMessage);
  }
  certificate_requested = true;
  return true;
}

bool Client::Impl::on_certificate13(ConstBytes body) {
  Reader reader(body);
  const ConstBytes context = reader.vector(1);
  Reader list(reader.vector(3));
  if (!reader.finished() || !context.empty() || list.empty()) return fail(Failure::BadMessage);
  if (profile->settings.check_signature) {
    const ConstBytes leaf = list.vector(3);
    if (list.failed()) return fail(Failure::BadMessage);
    if (!keep_server_key(leaf)) return fail(Failure::BadSignature);
  }
  step = Step::CertificateVerify;
  return true;
}

bool Client::Impl::on_certificate_verify(ConstBytes body) {
  static constexpr std::string_view kContext = "TLS 1.3, server CertificateVerify";
  Reader reader(body);
  const std::uint16_t code = reader.u16();
  const ConstBytes signature = reader.vector(2);
  if (!reader.finished()) return fail(Failure::BadMessage);
  if (!take_scheme(code)) return false;
  if (profile->settings.check_signature) {  // RFC 8446 4.4.3
    std::uint8_t content[64 + kContext.size() + 1 + kMaxHash];
    memset(content, 0x20, 64);
    memcpy(content + 64, kContext.data(), kContext.size());
    content[64 + kContext.size()] = 0;
    const std::size_t front = 65 + kContext.size();
    const std::size_t size = transcript_hash(content + front);
    if (!check_signature({content, front + size}, signature)) return fail(Failure::BadSignature);
  }
  step = Step::Finished13;
  return true;
}

bool Client::Impl::on_finished13(ConstBytes message) {
  std::uint8_t digest[kMaxHash];
  std::uint8_t mac[kMaxHash];
  const std::size_t size = transcript_hash(digest);
  finished_mac(server_handshake, {digest, size}, mac);
  if (message.size() != 4 + size || memcmp(message.data() + 4, mac, size) != 0) return fail(Failure::BadFinished);
  transcript.update(message);
  transcript_hash(handshake_hash);
  keys_changed = true;
  read_pending = true;

  if (session_id_size != 0 && !retried) {  // RFC 8446 D.4
    static constexpr std::uint8_t kChangeCipherSpec[] = {20, 3, 3, 0, 1, 1};
    copy_bytes(out + out_end, kChangeCipherSpec);
    out_end += sizeof kChangeCipherSpec;
  }
  if (certificate_requested) {  // RFC 8446 4.4.2: none
    const std::uint8_t none[8] = {static_cast<std::uint8_t>(MessageType::Certificate), 0, 0, 4};
    transcript.update(none);
    if (!append_record(ContentType::Handshake, none)) return fail(Failure::BadMessage);
  }
  transcript_hash(digest);
  finished_mac(client_handshake, {digest, size}, mac);
  if (!append_finished({mac, size})) return fail(Failure::BadMessage);
  write_pending = true;
  state = State::FlightRead;
  step = Step::Idle;
  return true;
}

// RFC 8446 4.6.1
bool Client::Impl::on_ticket13(ConstBytes body) {
  constexpr std::uint32_t kSevenDays = 604800;
  Reader reader(body);
  const std::uint32_t lifetime = reader.u32();
  const std::uint32_t age_add = reader.u32();
  const ConstBytes nonce = reader.vector(1);
  const ConstBytes fresh = reader.vector(2);
  reader.vector(2);
  if (!reader.finished() || fresh.empty() || lifetime > kSevenDays) return fail(Failure::BadMessage);
  if (!profile->settings.tickets || fresh.size() > kMaxTicket || lifetime == 0) return true;
  resumption_psk(nonce, ticket_secret);
  ticket.assign(fresh.begin(), fresh.end());
  ticket_age_add = age_add;
  ticket_received_ms = now_ms;
  has_ticket = true;
  return true;
}

// RFC 8446 4.6.3
bool Client::Impl::on_key_update(ConstBytes body) {
  if (body.size() != 1 || body[0] > 1) return fail(Failure::BadMessage);
  update_secret(server_application);
  use_secret(read, server_application);
  keys_changed = true;
  if (body[0] == 1) {
    key_update_owed = true;
    answer_key_update();  // when there is no room: in front of what is written next
  }
  return true;
}

}  // namespace breakwater::flood
