#include "core/tls/derive_keys.h"

#include <new>

#include "core/tls/handshake.h"
#include "core/tls/handshake_keys13.h"
#include "core/tls/key_schedule12.h"
#include "core/tls/suites.h"

namespace breakwater::tls {
namespace {

using crypto::kLanes;

const SuiteInfo& suite_of(const ConnectionState& connection) noexcept {
  return *find_suite(connection.negotiated.suite);
}

Handshake::DerivedKeys& replace_agreement(ConnectionState& connection) noexcept {
  Handshake::KeyPhase& keys = connection.handshake->keys;
  wipe(&keys.agreement, sizeof keys.agreement);
  keys.keys_derived = true;
  return *::new (static_cast<void*>(&keys.derived)) Handshake::DerivedKeys;
}

}  // namespace

void derive_keys12(HashLanes lanes, std::span<ConnectionState* const> connections) noexcept {
  const std::size_t count = connections.size();
  const HashKind kind = suite_of(*connections[0]).hash;
  HandshakeKeys12 work[kLanes];
  TranscriptHash hashes[kLanes];
  std::uint8_t verify_data[kLanes][kVerifyDataSize];
  for (std::size_t i = 0; i < count; ++i) {
    ConnectionState& connection = *connections[i];
    Handshake& handshake = *connection.handshake;
    Handshake::KeyPhase& keys = handshake.keys;
    hashes[i] = handshake.transcript.hash();
    work[i] = {.aead = suite_of(connection).aead,
               .premaster = keys.agreement.shared_secret,
               .extended = keys.extended_master_secret,
               .session_hash = hashes[i].view(),
               .client_random = handshake.identity.random,
               .server_random = keys.server_random,
               .master = &keys.secret,
               .client_key = &connection.traffic.read,
               .server_key = &connection.traffic.write,
               .client_verify_data = verify_data[i]};
  }
  derive_handshake_keys12(kind, lanes, std::span(work).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    copy_bytes(replace_agreement(*connections[i]).client_verify_data, verify_data[i]);
  }
}

void derive_keys13(HashLanes lanes, std::span<ConnectionState* const> connections) noexcept {
  const std::size_t count = connections.size();
  const HashKind kind = suite_of(*connections[0]).hash;
  HandshakeKeys13 work[kLanes];
  ScopedArray<Secret, kLanes> server_finished(count);
  for (std::size_t i = 0; i < count; ++i) {
    ConnectionState& connection = *connections[i];
    Handshake::KeyPhase& keys = connection.handshake->keys;
    Traffic& traffic = connection.traffic;
    work[i] = {.aead = suite_of(connection).aead,
               .shared_secret = keys.agreement.shared_secret,
               .early = connection.negotiated.resumed ? &keys.secret : nullptr,
               .hello_hash = keys.hello_hash.view(),
               .client = &traffic.read_secret,
               .server = &traffic.write_secret,
               .client_key = &traffic.read,
               .server_key = &traffic.write,
               .server_finished = &server_finished[i],
               .master = &keys.secret};
  }
  derive_handshake_keys13(kind, lanes, std::span(work).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    replace_agreement(*connections[i]).server_finished = server_finished[i];
  }
}

}  // namespace breakwater::tls
