#include <array>

#include "flood/load/driver.h"
#include "flood/load/modes/hostile.h"

namespace breakwater::flood {
namespace {

constexpr std::uint8_t kNoRenegotiation = 100;  // RFC 5246 7.2.2, a warning

}  // namespace

RenegotiateMode::RenegotiateMode(Driver& driver, const Load& load)
    : TlsMode(driver, load), granted_(load.connections) {}

void RenegotiateMode::progress(Connection& connection) {
  Client& client = *connection.client;
  if (connection.step == kShaking) {
    if (client.state() == State::Closed) return driver_.fail(connection, Failure::ClosedEarly);
    if (client.state() != State::Established) return;
    driver_.record_handshake(connection);
    granted_[connection.index] = 0;
    connection.step = kRenegotiating;
    return begin_renegotiation(connection);
  }
  if (const std::uint32_t granted = client.renegotiations(); granted != granted_[connection.index]) {
    driver_.tally().renegotiations += granted - granted_[connection.index];
    granted_[connection.index] = granted;
  }
  if (client.state() == State::Closed || client.alert() == kNoRenegotiation) return refused(connection);
  // In TLS 1.3 there is no such thing, and one hello is all it takes to be told so.
  if (!is_tls13() && client.state() == State::Established && client.output().empty()) begin_renegotiation(connection);
}

void RenegotiateMode::begin_renegotiation(Connection& connection) {
  std::array<std::uint8_t, 64> random;
  driver_.loop().random().fill(random);
  if (!connection.client->start_renegotiation(random)) return refused(connection);
  driver_.arm_deadline(connection);
  driver_.flush(connection);
}

// The connection has served its purpose: the server has answered.
void RenegotiateMode::refused(Connection& connection) { driver_.succeed(connection); }

void RenegotiateMode::failed(Connection& connection) {
  if (connection.step == kRenegotiating && connection.client->failure() == Failure::Alert) return refused(connection);
  TlsMode::failed(connection);
}

void RenegotiateMode::peer_ended(Connection& connection, bool reset) {
  if (connection.step == kRenegotiating) return refused(connection);
  TlsMode::peer_ended(connection, reset);
}

}  // namespace breakwater::flood
