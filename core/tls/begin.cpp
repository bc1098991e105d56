#include "core/tls/begin.h"

#include <new>

namespace breakwater::tls {
namespace {

bool gives_tickets(const Call& call, const ClientHello& hello, ProtocolVersion version) noexcept {
  if (!call.configuration().tickets || !call.has_ticket_keys()) return false;
  if (version == ProtocolVersion::Tls13) return hello.psk_dhe_ke && call.configuration().tickets_per_handshake != 0;
  // RFC 7627 5.3 and 5.4: a session without the extended master secret is better not resumed.
  return hello.has(Known::SessionTicket) && hello.has(Known::ExtendedMasterSecret);
}

std::uint16_t receive_limit(const Call& call, const ClientHello& hello, ProtocolVersion version) noexcept {
  if (!hello.has(Known::RecordSizeLimit)) return kMaxPlaintext;
  // RFC 8449 4: in TLS 1.3 the content type is counted.
  const std::uint16_t limit = call.configuration().record_size_limit;
  const std::uint16_t content = static_cast<std::uint16_t>(version == ProtocolVersion::Tls13 ? limit - 1 : limit);
  return content < kMaxPlaintext ? content : kMaxPlaintext;
}

}  // namespace

Handshake::KeyPhase& enter_key_phase(Call& call, const Choice& choice) noexcept {
  Handshake& handshake = call.handshake();
  const ClientHello& hello = handshake.hello.facts;
  Handshake::KeyPhase keys{};
  keys.certificate = choice.certificate;
  keys.session_created_ms = call.now;
  keys.psk_index = hello.ticket_index;
  keys.extended_master_secret = hello.has(Known::ExtendedMasterSecret);
  keys.ticket_wanted = gives_tickets(call, hello, choice.version);
  keys.accepted_name = choice.host_by_name;
  keys.limits_records = hello.has(Known::RecordSizeLimit);
  keys.signals_renegotiation = hello.has(Known::RenegotiationInfo) || hello.renegotiation_scsv;
  keys.lists_point_formats = hello.has(Known::EcPointFormats);
  copy_bytes(keys.agreement.peer_key, hello.share);

  ConnectionState& connection = call.connection;
  connection.max_payload = choice.max_payload;
  connection.max_receive = receive_limit(call, hello, choice.version);
  connection.negotiated.version = choice.version;
  connection.negotiated.suite = choice.suite->suite;
  connection.negotiated.group = choice.group;
  connection.negotiated.signature = choice.certificate != nullptr ? choice.scheme : SignatureScheme::None;
  connection.negotiated.host = choice.host;
  connection.negotiated.protocol = choice.protocol;
  handshake.skip_early_data = hello.has(Known::EarlyData);
  handshake.early_data_left = call.configuration().max_early_data_skip;

  // The facts of the hello go here; a PSK or ticket in them is as secret as any bytes from the network.
  return *::new (static_cast<void*>(&handshake.keys)) Handshake::KeyPhase(keys);
}

bool take_or_request_key_pair(Call& call) noexcept {
  Handshake::KeyPhase& keys = call.handshake().keys;
  const Group group = call.connection.negotiated.group;
  batch::KeyPairStock* const stock = call.worker.stock;
  if (stock != nullptr && stock->take(group, keys.agreement.private_key, keys.public_key)) return true;
  batch::Job& job = keys.jobs[0];
  job = {};
  job.kind = batch::JobKind::KeyPair;
  job.status = batch::JobStatus::Pending;
  job.group = group;
  job.private_key = keys.agreement.private_key;
  job.output = {keys.public_key, batch::public_key_size(group)};
  keys.job_count = 1;
  return false;
}

void request_shared_secret(Call& call) noexcept {
  Handshake::KeyPhase& keys = call.handshake().keys;
  batch::Job& job = keys.jobs[0];
  job = {};
  job.kind = batch::JobKind::KeyAgreement;
  job.status = batch::JobStatus::Pending;
  job.group = call.connection.negotiated.group;
  job.private_key = keys.agreement.private_key;
  job.input = {keys.agreement.peer_key, batch::public_key_size(job.group)};
  job.output = keys.agreement.shared_secret;
  keys.job_count = 1;
}

void request_signature(Call& call, std::size_t digest_size) noexcept {
  Handshake::KeyPhase& keys = call.handshake().keys;
  const std::size_t place = call.tls13() ? 1 : 0;  // TLS 1.3 asks for the shared secret at the same time
  batch::Job& job = keys.jobs[place];
  job = {};
  job.kind = batch::JobKind::Signature;
  job.status = batch::JobStatus::Pending;
  job.scheme = call.connection.negotiated.signature;
  job.key = keys.certificate->key;
  job.input = {keys.digest, digest_size};
  keys.job_count = static_cast<std::uint8_t>(place + 1);
}

}  // namespace breakwater::tls
