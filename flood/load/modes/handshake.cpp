#include "flood/load/modes/handshake.h"

#include "flood/load/driver.h"

namespace breakwater::flood {

void FullMode::progress(Connection& connection) {
  const State state = connection.client->state();
  if (state == State::Closed) {
    return connection.step == kAwaitingEnd ? complete(connection) : driver_.fail(connection, Failure::ClosedEarly);
  }
  if (connection.step != kShaking || state == State::Handshaking) return;
  if (state == State::FlightRead) {
    if (!accepts(connection)) return;
    if (is_tls13()) await_end(connection);
  } else if (ours_is_last()) {
    if (accepts(connection)) await_end(connection);
  } else {
    complete(connection);
  }
}

void FullMode::await_end(Connection& connection) {
  connection.step = kAwaitingEnd;
  connection.client->close_notify();
}

void FullMode::complete(Connection& connection) {
  driver_.record_handshake(connection);
  completed(connection);
  driver_.succeed(connection);
}

void FullMode::peer_ended(Connection& connection, bool reset) {
  if (connection.step == kAwaitingEnd && !reset) return complete(connection);
  TlsMode::peer_ended(connection, reset);
}

void FullMode::say_goodbye(Connection& connection) {
  if (connection.step != kAwaitingEnd) TlsMode::say_goodbye(connection);
}

// Our flight is ready by the time the server's is read, but an attacker who only wants the server to work does not send
// it.
ConstBytes HelloMode::output(Connection& connection) {
  return connection.client->state() == State::Handshaking ? TlsMode::output(connection) : ConstBytes();
}

void HelloMode::progress(Connection& connection) {
  if (connection.client->state() == State::Handshaking) return;
  if (connection.client->state() == State::Closed) return driver_.fail(connection, Failure::ClosedEarly);
  driver_.record_handshake_latency(connection);
  driver_.succeed(connection);
}

}  // namespace breakwater::flood
