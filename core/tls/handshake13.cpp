// The TLS 1.3 handshake after ClientHello (RFC 8446 4).
#include "core/tls/begin.h"
#include "core/tls/cookie.h"
#include "core/tls/derive_keys.h"
#include "core/tls/extensions_writer.h"
#include "core/tls/flight_writer.h"
#include "core/tls/handshake_keys13.h"
#include "core/tls/key_schedule13.h"
#include "core/tls/random.h"
#include "core/tls/transitions.h"

namespace breakwater::tls {
namespace {

void write_hello(Call& call, FlightWriter& writer, ConstBytes random, CipherSuite suite,
                 const ExtensionsWriter& extensions) noexcept {
  const HelloIdentity& identity = call.handshake().identity;
  const ConstBytes session_id(identity.session_id, identity.session_id_size);  // RFC 8446 4.1.3: echoed
  writer.begin_message(HandshakeType::ServerHello, 2 + 32 + 1 + session_id.size() + 2 + 1 + 2 + extensions.size());
  writer.put_code(ProtocolVersion::Tls12);
  writer.put(random);
  writer.put_u8(session_id.size());
  writer.put(session_id);
  writer.put_code(suite);
  writer.put_u8(0);
  extensions.write(writer);
}

void write_server_hello(Call& call, FlightWriter& writer) noexcept {
  const Handshake::KeyPhase& keys = call.handshake().keys;
  const Group group = call.connection.negotiated.group;
  const std::size_t key_size = batch::public_key_size(group);
  std::uint8_t share[4 + batch::kMaxPublicKeySize];
  store_u16(share, static_cast<std::uint16_t>(group));
  store_u16(share + 2, key_size);
  copy_bytes(share + 4, {keys.public_key, key_size});
  ExtensionsWriter extensions;
  extensions.add(ExtensionType::KeyShare, {share, 4 + key_size});
  extensions.add_u16(ExtensionType::SupportedVersions, static_cast<std::uint16_t>(ProtocolVersion::Tls13));
  if (call.connection.negotiated.resumed) extensions.add_u16(ExtensionType::PreSharedKey, keys.psk_index);
  write_hello(call, writer, keys.server_random, call.connection.negotiated.suite, extensions);
}

void write_encrypted_extensions(Call& call, FlightWriter& writer) noexcept {
  const Configuration& configuration = call.configuration();
  const Handshake::KeyPhase& keys = call.handshake().keys;
  const Negotiated& negotiated = call.connection.negotiated;
  ExtensionsWriter extensions;
  if (!configuration.advertised_groups.empty()) extensions.add_groups(configuration.advertised_groups);
  if (keys.limits_records) extensions.add_u16(ExtensionType::RecordSizeLimit, configuration.record_size_limit);
  if (keys.accepted_name) extensions.add(ExtensionType::ServerName, {});
  if (negotiated.protocol >= 0) {
    extensions.add_protocol(configuration.protocols[static_cast<std::size_t>(negotiated.protocol)]);
  }
  writer.begin_message(HandshakeType::EncryptedExtensions, 2 + extensions.size());
  extensions.write(writer);
}

void write_certificate(Call& call, FlightWriter& writer) noexcept {
  const ConstBytes body = call.handshake().keys.certificate->message_tls13;
  writer.begin_message(HandshakeType::Certificate, body.size());
  writer.put(body);
}

// RFC 8446 4.4.4
struct VerifyData {
  VerifyData(const Call& call, const Secret& finished_key) noexcept : size(digest_size(call.suite().hash)) {
    const HashKind kind = call.suite().hash;
    hmac(kind, finished_key.view(kind), {call.handshake().transcript.hash().view()}, {bytes, size});
  }
  ConstBytes view() const noexcept { return {bytes, size}; }

  std::uint8_t bytes[kMaxSuiteDigestSize];
  std::size_t size;
};

void write_finished(Call& call, FlightWriter& writer) noexcept {
  const VerifyData verify_data(call, call.handshake().keys.derived.server_finished);
  writer.begin_message(HandshakeType::Finished, verify_data.size);
  writer.put(verify_data.view());
}

// RFC 8446 4.4.3: what CertificateVerify signs, hashed as the scheme asks.
void certificate_verify_digest(Call& call) noexcept {
  constexpr std::string_view kContext = "TLS 1.3, server CertificateVerify";
  Handshake& handshake = call.handshake();
  std::uint8_t spaces[64];
  memset(spaces, 0x20, sizeof spaces);
  RunningHash hash(scheme_hash(call.connection.negotiated.signature));
  hash.update(spaces);
  hash.update({reinterpret_cast<const std::uint8_t*>(kContext.data()), kContext.size()});
  constexpr std::uint8_t kSeparator[] = {0};
  hash.update(kSeparator);
  hash.update(handshake.transcript.hash().view());
  hash.finish(handshake.keys.digest);
}

// RFC 8446 D.4: right after our first message, for clients in compatibility mode.
void write_compatibility_change(Call& call, FlightWriter& writer) noexcept {
  if (call.handshake().identity.session_id_size != 0) writer.change_cipher_spec();
}

// RFC 8446 4.6.1
void write_ticket(Call& call, FlightWriter& writer, const Expander& resumption, std::uint8_t number) noexcept {
  const Handshake::KeyPhase& keys = call.handshake().keys;
  const Negotiated& negotiated = call.connection.negotiated;
  Session session;
  session.suite = negotiated.suite;
  session.created_ms = keys.session_created_ms;
  call.worker.entropy.fill({reinterpret_cast<std::uint8_t*>(&session.id), sizeof session.id});
  call.worker.entropy.fill({reinterpret_cast<std::uint8_t*>(&session.age_add), sizeof session.age_add});
  memset(session.secret.bytes, 0, sizeof session.secret.bytes);
  resumption.expand("resumption", {&number, 1}, {session.secret.bytes, digest_size(resumption.kind())});
  std::uint8_t ticket[kTicketSize];
  const TicketBinding binding{ProtocolVersion::Tls13, &call.configuration().hosts[negotiated.host],
                              call.handshake().identity.name()};
  seal_ticket(*call.worker.ticket_keys, call.worker.entropy, binding, session, ticket);
  session.secret.clear();

  writer.begin_message(HandshakeType::NewSessionTicket, 4 + 4 + 2 + 2 + kTicketSize + 2);
  writer.put_u32(remaining_lifetime_s(keys.session_created_ms, call.now, call.configuration().ticket_lifetime_s));
  writer.put_u32(session.age_add);
  writer.put_u8(1);
  writer.put_u8(number);  // the nonce: it makes the PSK of each ticket another one
  writer.put_u16(kTicketSize);
  writer.put(ticket);
  writer.put_u16(0);
}

Error write_tickets(Call& call) noexcept {
  Handshake& handshake = call.handshake();
  const HashKind kind = call.suite().hash;
  ScopedSecret resumption;
  Expander(kind, handshake.keys.secret).derive("res master", handshake.transcript.hash().view(), resumption);
  const Expander from_resumption(kind, resumption);
  FlightWriter writer(call, nullptr);
  for (std::uint8_t i = 0; i < call.configuration().tickets_per_handshake; ++i) {
    write_ticket(call, writer, from_resumption, i);
  }
  return writer.finish();
}

// RFC 8446 4.2.2. False: there is nothing to make one with.
bool add_cookie(Call& call, ExtensionsWriter& extensions) noexcept {
  const Handshake& handshake = call.handshake();
  const ConstBytes fixed = call.configuration().fixed_cookie;
  if (fixed.empty() && !call.has_ticket_keys()) return false;
  std::uint8_t cookie[2 + kMaxFixedCookie];
  std::size_t size = kCookieSize;
  if (fixed.empty()) {
    make_cookie(*call.worker.ticket_keys, call.now, handshake.identity.random, handshake.retry_suite,
                handshake.retry_group, cookie + 2);
  } else {
    size = fixed.size() < kMaxFixedCookie ? fixed.size() : kMaxFixedCookie;
    copy_bytes(cookie + 2, fixed.first(size));
  }
  store_u16(cookie, size);
  extensions.add(ExtensionType::Cookie, {cookie, 2 + size});
  return true;
}

}  // namespace

Error send_hello_retry(Call& call, const Choice& choice) noexcept {
  Handshake& handshake = call.handshake();
  handshake.retry_suite = choice.suite->suite;
  handshake.retry_group = choice.group;
  handshake.retry_sent = true;
  handshake.skip_early_data = handshake.hello.facts.has(Known::EarlyData);
  handshake.early_data_left = call.configuration().max_early_data_skip;
  call.settle_transcript(choice.suite->hash);
  handshake.transcript.replace_by_message_hash();

  ExtensionsWriter extensions;
  if (choice.retry) extensions.add_u16(ExtensionType::KeyShare, static_cast<std::uint16_t>(choice.group));
  handshake.cookie_sent = add_cookie(call, extensions);
  extensions.add_u16(ExtensionType::SupportedVersions, static_cast<std::uint16_t>(ProtocolVersion::Tls13));
  FlightWriter writer(call, &handshake.transcript);
  write_hello(call, writer, kHelloRetryRandom, handshake.retry_suite, extensions);
  write_compatibility_change(call, writer);
  call.connection.state = State::ExpectSecondClientHello;
  return writer.finish();
}

Error begin13(Call& call, const Choice& choice, const Session* session) noexcept {
  Choice final_choice = choice;
  if (session != nullptr) final_choice.certificate = nullptr;
  Handshake::KeyPhase& keys = enter_key_phase(call, final_choice);
  const HashKind kind = choice.suite->hash;
  if (session != nullptr) {
    call.connection.negotiated.resumed = true;
    call.connection.negotiated.ticket_id = session->id;
    keys.session_created_ms = session->created_ms;
    hkdf_extract(kind, {}, session->secret.view(kind), keys.secret);
  }
  call.worker.entropy.fill(keys.server_random);
  if (take_or_request_key_pair(call)) return on_key_pair13(call, {});
  call.connection.state = State::Tls13AwaitKeyPair;
  return kNoError;
}

// With the key pair, everything that the signature covers is known: it is hashed now and written when the flight is.
Error on_key_pair13(Call& call, ConstBytes) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::KeyPhase& keys = handshake.keys;
  FlightWriter writer(call, handshake.transcript, FlightWriter::HashOnly{});
  write_server_hello(call, writer);
  keys.hello_hash = handshake.transcript.hash();
  write_encrypted_extensions(call, writer);
  request_shared_secret(call);
  if (keys.certificate != nullptr) {
    write_certificate(call, writer);
    certificate_verify_digest(call);
    request_signature(call, digest_size(scheme_hash(call.connection.negotiated.signature)));
  }
  call.connection.state = State::Tls13AwaitSharedSecret;
  return kNoError;
}

Error on_shared_secret13(Call& call, ConstBytes) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::KeyPhase& keys = handshake.keys;
  Traffic& traffic = call.connection.traffic;
  const HashKind kind = call.suite().hash;
  if (!keys.keys_derived) {
    ConnectionState* const alone[] = {&call.connection};
    derive_keys13(call.worker.hash_lanes, alone);
  }
  call.log_secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET", traffic.read_secret.view(kind));
  call.log_secret("SERVER_HANDSHAKE_TRAFFIC_SECRET", traffic.write_secret.view(kind));

  FlightWriter writer(call, nullptr);
  write_server_hello(call, writer);
  writer.end_record();
  if (!handshake.retry_sent) write_compatibility_change(call, writer);
  call.connection.write_protected = true;
  write_encrypted_extensions(call, writer);
  if (keys.certificate != nullptr) {
    const ConstBytes signature = keys.jobs[1].output.first(keys.jobs[1].output_size);
    write_certificate(call, writer);
    writer.hash_into(&handshake.transcript);
    writer.begin_message(HandshakeType::CertificateVerify, 2 + 2 + signature.size());
    writer.put_code(call.connection.negotiated.signature);
    writer.put_u16(signature.size());
    writer.put(signature);
  }
  writer.hash_into(&handshake.transcript);
  write_finished(call, writer);
  const Error error = writer.finish();

  const TranscriptHash server_finished = handshake.transcript.hash();
  call.worker.keys->forget(traffic.write);
  derive_application_keys13(kind, call.worker.hash_lanes,
                            {.aead = call.suite().aead,
                             .master = &keys.secret,
                             .client_handshake = &traffic.read_secret,
                             .finished_hash = server_finished.view(),
                             .client = &keys.client_secret,
                             .server = &traffic.write_secret,
                             .client_key = &keys.derived.client_key,
                             .server_key = &traffic.write,
                             .client_finished = &keys.derived.client_finished});
  call.log_secret("CLIENT_TRAFFIC_SECRET_0", keys.client_secret.view(kind));
  call.log_secret("SERVER_TRAFFIC_SECRET_0", traffic.write_secret.view(kind));
  call.connection.read_protected = true;
  call.connection.state = State::Tls13ExpectFinished;
  return error;
}

Error on_finished13(Call& call, ConstBytes message) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::KeyPhase& keys = handshake.keys;
  Traffic& traffic = call.connection.traffic;
  const ConstBytes received = message.subspan(4);
  const VerifyData expected(call, keys.derived.client_finished);
  if (received.size() != expected.size) {
    return peer_error(Alert::DecodeError, "the client's Finished is not as long as the hash");
  }
  if (!equal_constant_time(expected.view(), received)) {
    return peer_error(Alert::DecryptError, "the client's Finished is wrong");
  }
  handshake.transcript.update(message);
  call.worker.keys->forget(traffic.read);
  traffic.read = keys.derived.client_key;
  traffic.read_secret = keys.client_secret;
  call.connection.state = State::Connected;
  const Error error = keys.ticket_wanted ? write_tickets(call) : kNoError;
  keys.secret.clear();
  keys.client_secret.clear();
  wipe(&keys.derived, sizeof keys.derived);
  return error;
}

}  // namespace breakwater::tls
