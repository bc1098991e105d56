// The TLS 1.2 handshake after ClientHello (RFC 5246 7.4, RFC 8422, RFC 5077, RFC 7627).
#include "core/tls/begin.h"
#include "core/tls/derive_keys.h"
#include "core/tls/extensions_writer.h"
#include "core/tls/flight_writer.h"
#include "core/tls/key_schedule12.h"
#include "core/tls/random.h"
#include "core/tls/transitions.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kNamedCurve = 3;  // RFC 8422 5.4
constexpr std::size_t kParamsHeadSize = 4;

void log_master_secret(const Call& call) noexcept {
  call.log_secret("CLIENT_RANDOM", {call.handshake().keys.secret.bytes, kMasterSecretSize});
}

void make_server_random(Call& call) noexcept {
  std::uint8_t* const random = call.handshake().keys.server_random;
  call.worker.entropy.fill({random, 32});
  if (call.configuration().max_version == ProtocolVersion::Tls13) copy_bytes(random + 24, kDowngradeSentinel);
}

void write_server_hello(Call& call, FlightWriter& writer, ConstBytes session_id) noexcept {
  const Handshake::KeyPhase& keys = call.handshake().keys;
  const Negotiated& negotiated = call.connection.negotiated;
  ExtensionsWriter extensions;
  if (keys.signals_renegotiation) {
    constexpr std::uint8_t kEmpty[] = {0};
    extensions.add(ExtensionType::RenegotiationInfo, kEmpty);
  }
  if (keys.extended_master_secret) extensions.add(ExtensionType::ExtendedMasterSecret, {});
  if (keys.ticket_wanted) extensions.add(ExtensionType::SessionTicket, {});
  if (keys.accepted_name && !negotiated.resumed) extensions.add(ExtensionType::ServerName, {});  // RFC 6066 3
  if (keys.lists_point_formats) {
    constexpr std::uint8_t kUncompressed[] = {1, 0};
    extensions.add(ExtensionType::EcPointFormats, kUncompressed);
  }
  if (keys.limits_records) {
    const std::uint16_t limit = call.configuration().record_size_limit;
    extensions.add_u16(ExtensionType::RecordSizeLimit, limit < kMaxPlaintext ? limit : kMaxPlaintext);
  }
  if (negotiated.protocol >= 0) {
    extensions.add_protocol(call.configuration().protocols[static_cast<std::size_t>(negotiated.protocol)]);
  }

  const std::size_t extensions_size = extensions.size() == 0 ? 0 : 2 + extensions.size();
  writer.begin_message(HandshakeType::ServerHello, 2 + 32 + 1 + session_id.size() + 2 + 1 + extensions_size);
  writer.put_code(ProtocolVersion::Tls12);
  writer.put(keys.server_random);
  writer.put_u8(session_id.size());
  writer.put(session_id);
  writer.put_code(negotiated.suite);
  writer.put_u8(0);
  if (extensions.size() != 0) extensions.write(writer);
}

// RFC 5077 3.3. The session is as old as the full handshake it goes back to.
void write_ticket(Call& call, FlightWriter& writer) noexcept {
  const Handshake::KeyPhase& keys = call.handshake().keys;
  const Negotiated& negotiated = call.connection.negotiated;
  Session session;
  session.suite = negotiated.suite;
  session.created_ms = keys.session_created_ms;
  call.worker.entropy.fill({reinterpret_cast<std::uint8_t*>(&session.id), sizeof session.id});
  session.secret = keys.secret;
  std::uint8_t ticket[kTicketSize];
  const TicketBinding binding{ProtocolVersion::Tls12, &call.configuration().hosts[negotiated.host],
                              call.handshake().identity.name()};
  seal_ticket(*call.worker.ticket_keys, call.worker.entropy, binding, session, ticket);
  session.secret.clear();
  writer.begin_message(HandshakeType::NewSessionTicket, 4 + 2 + kTicketSize);
  writer.put_u32(remaining_lifetime_s(keys.session_created_ms, call.now, call.configuration().ticket_lifetime_s));
  writer.put_u16(kTicketSize);
  writer.put(ticket);
}

void write_finished(Call& call, FlightWriter& writer) noexcept {
  std::uint8_t verify_data[kVerifyDataSize];
  finished_verify_data12(call.suite().hash, call.handshake().keys.secret, "server finished",
                         call.handshake().transcript.hash().view(), verify_data);
  writer.begin_message(HandshakeType::Finished, kVerifyDataSize);
  writer.put(verify_data);
}

// RFC 8422 5.4: ServerECDHParams.
std::size_t server_params(const Call& call, std::uint8_t out[kParamsHeadSize + batch::kMaxPublicKeySize]) noexcept {
  const Group group = call.connection.negotiated.group;
  const std::size_t key_size = batch::public_key_size(group);
  out[0] = kNamedCurve;
  store_u16(out + 1, static_cast<std::uint16_t>(group));
  out[3] = static_cast<std::uint8_t>(key_size);
  copy_bytes(out + kParamsHeadSize, {call.handshake().keys.public_key, key_size});
  return kParamsHeadSize + key_size;
}

}  // namespace

Error begin12(Call& call, const Choice& choice) noexcept {
  enter_key_phase(call, choice);
  make_server_random(call);
  if (take_or_request_key_pair(call)) return on_key_pair12(call, {});
  call.connection.state = State::Tls12AwaitKeyPair;
  return kNoError;
}

Error on_key_pair12(Call& call, ConstBytes) noexcept {
  Handshake& handshake = call.handshake();
  std::uint8_t params[kParamsHeadSize + batch::kMaxPublicKeySize];
  const std::size_t params_size = server_params(call, params);
  const HashKind kind = scheme_hash(call.connection.negotiated.signature);
  RunningHash hash(kind);
  hash.update(handshake.identity.random);
  hash.update(handshake.keys.server_random);
  hash.update({params, params_size});
  hash.finish(handshake.keys.digest);
  request_signature(call, digest_size(kind));
  call.connection.state = State::Tls12AwaitSignature;
  return kNoError;
}

Error on_signature12(Call& call, ConstBytes) noexcept {
  Handshake& handshake = call.handshake();
  const Handshake::KeyPhase& keys = handshake.keys;
  const ConstBytes signature = keys.jobs[0].output.first(keys.jobs[0].output_size);
  std::uint8_t params[kParamsHeadSize + batch::kMaxPublicKeySize];
  const std::size_t params_size = server_params(call, params);

  FlightWriter writer(call, &handshake.transcript);
  write_server_hello(call, writer, {});
  writer.begin_message(HandshakeType::Certificate, keys.certificate->message_tls12.size());
  writer.put(keys.certificate->message_tls12);
  writer.begin_message(HandshakeType::ServerKeyExchange, params_size + 2 + 2 + signature.size());
  writer.put({params, params_size});
  writer.put_code(call.connection.negotiated.signature);
  writer.put_u16(signature.size());
  writer.put(signature);
  writer.begin_message(HandshakeType::ServerHelloDone, 0);
  call.connection.state = State::Tls12ExpectClientKeyExchange;
  return writer.finish();
}

// RFC 8422 5.7
Error on_client_key_exchange(Call& call, ConstBytes message) noexcept {
  Handshake& handshake = call.handshake();
  const ConstBytes body = message.subspan(4);
  if (body.empty() || body[0] != body.size() - 1) {
    return peer_error(Alert::DecodeError, "the length in ClientKeyExchange does not match the message");
  }
  const ConstBytes peer_key = body.subspan(1);
  if (peer_key.size() != batch::public_key_size(call.connection.negotiated.group)) {
    return peer_error(Alert::IllegalParameter, "the client's public key is not as long as its group asks");
  }
  copy_bytes(handshake.keys.agreement.peer_key, peer_key);
  handshake.transcript.update(message);
  request_shared_secret(call);
  call.connection.state = State::Tls12AwaitSharedSecret;
  return kNoError;
}

Error on_shared_secret12(Call& call, ConstBytes) noexcept {
  if (!call.handshake().keys.keys_derived) {
    ConnectionState* const alone[] = {&call.connection};
    derive_keys12(call.worker.hash_lanes, alone);
  }
  log_master_secret(call);
  call.connection.state = State::Tls12ExpectChangeCipherSpec;
  return kNoError;
}

Error on_change_cipher_spec12(Call& call, ConstBytes) noexcept {
  call.connection.read_protected = true;
  call.connection.state = State::Tls12ExpectFinished;
  return kNoError;
}

Error on_finished12(Call& call, ConstBytes message) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::KeyPhase& keys = handshake.keys;
  if (!keys.keys_derived) {  // resumed: our own Finished is covered, too
    finished_verify_data12(call.suite().hash, keys.secret, "client finished", handshake.transcript.hash().view(),
                           keys.derived.client_verify_data);
  }
  const ConstBytes verify_data = message.subspan(4);
  if (verify_data.size() != kVerifyDataSize) {
    return peer_error(Alert::DecodeError, "the client's Finished is not 12 bytes long");
  }
  if (!equal_constant_time(keys.derived.client_verify_data, verify_data)) {
    return peer_error(Alert::DecryptError, "the client's Finished is wrong");
  }
  call.connection.state = State::Connected;
  Error error = kNoError;
  if (!call.connection.negotiated.resumed) {
    handshake.transcript.update(message);
    FlightWriter writer(call, &handshake.transcript);
    if (keys.ticket_wanted) write_ticket(call, writer);
    writer.change_cipher_spec();
    call.connection.write_protected = true;
    write_finished(call, writer);
    error = writer.finish();
  }
  keys.secret.clear();
  return error;
}

// RFC 5077 3.1: ServerHello, a new ticket if the old one ages, ChangeCipherSpec and Finished in one flight.
Error begin_resumed12(Call& call, const Choice& choice, const Session& session, bool renew) noexcept {
  Handshake& handshake = call.handshake();
  Handshake::KeyPhase& keys = enter_key_phase(call, choice);
  call.settle_transcript(choice.suite->hash);
  keys.ticket_wanted = keys.ticket_wanted && renew;
  keys.session_created_ms = session.created_ms;
  keys.secret = session.secret;
  call.connection.negotiated.resumed = true;
  call.connection.negotiated.ticket_id = session.id;
  make_server_random(call);
  log_master_secret(call);
  derive_traffic_keys12(call.suite().hash, call.suite().aead, keys.secret, handshake.identity.random,
                        keys.server_random, call.connection.traffic.read, call.connection.traffic.write);

  FlightWriter writer(call, &handshake.transcript);
  // RFC 5077 3.4: the client's session id, echoed, tells it that the ticket was taken.
  write_server_hello(call, writer, {handshake.identity.session_id, handshake.identity.session_id_size});
  if (keys.ticket_wanted) write_ticket(call, writer);
  writer.change_cipher_spec();
  call.connection.write_protected = true;
  write_finished(call, writer);
  call.connection.state = State::Tls12ExpectChangeCipherSpec;
  return writer.finish();
}

}  // namespace breakwater::tls
