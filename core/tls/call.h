// The context of one call into the engine.
#pragma once

#include <string_view>

#include "core/tls/connection.h"
#include "core/tls/handshake.h"
#include "core/tls/record_protection.h"
#include "core/tls/suites.h"

namespace breakwater::tls {

struct Call {
  ConnectionState& connection;
  Worker& worker;
  Milliseconds now;
  Output& output;
  // The last piece of a whole ClientHello, mostly all of it, which the transcript lacks until it is known which hash
  // will run: it costs nothing for who is refused, and one hash for who is served. The caller's.
  ConstBytes unhashed_hello{};

  void settle_transcript(HashKind kind) noexcept {
    handshake().transcript.settle(kind);
    handshake().transcript.update(unhashed_hello);
    unhashed_hello = {};
  }

  Handshake& handshake() const noexcept { return *connection.handshake; }
  const Configuration& configuration() const noexcept { return *connection.configuration; }
  const SuiteInfo& suite() const noexcept { return *find_suite(connection.negotiated.suite); }
  Protection protection() const noexcept { return {connection.negotiated.version, suite().aead}; }
  bool tls13() const noexcept { return connection.negotiated.version == ProtocolVersion::Tls13; }
  bool has_ticket_keys() const noexcept { return worker.ticket_keys != nullptr && worker.ticket_keys->count != 0; }

  void log_secret(std::string_view label, ConstBytes secret) const noexcept {
    const KeyLog& log = configuration().key_log;
    if (log.write != nullptr) log.write(log.context, label, ConstBytes(handshake().identity.random), secret);
  }
};

}  // namespace breakwater::tls
