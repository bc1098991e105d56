#include "flood/load/modes/hold.h"

#include "flood/load/driver.h"

namespace breakwater::flood {

HoldMode::HoldMode(Driver& driver, const Load& load) : TlsMode(driver, load), hold_ns_(nanoseconds(load.hold_s)) {}

void HoldMode::hold(Connection& connection) {
  driver_.hold(connection);
  if (hold_ns_ != 0) ticks_.push_back(connection.tick, clock_now() + hold_ns_);
}

void HoldMode::ticked(Connection& connection) { driver_.succeed(connection); }

// However the server does it: what was to be held is gone, and that is all there is to say.
void HoldMode::peer_ended(Connection& connection, bool reset) {
  if (connection.stage == Stage::Held) return driver_.fail(connection, Failure::ClosedEarly);
  TlsMode::peer_ended(connection, reset);
}

StallMode::StallMode(Driver& driver, const Load& load) : HoldMode(driver, load), left_(load.connections) {}

void StallMode::begin(Connection& connection) {
  TlsMode::begin(connection);
  left_[connection.index] = connection.client->output().size() / 2;
}

ConstBytes StallMode::output(Connection& connection) {
  return connection.client != nullptr ? connection.client->output().first(left_[connection.index]) : ConstBytes();
}

void StallMode::sent(Connection& connection, std::size_t size) {
  connection.client->sent(size);
  left_[connection.index] -= size;
  if (left_[connection.index] == 0) hold(connection);
}

void IdleMode::progress(Connection& connection) {
  const State state = connection.client->state();
  if (state == State::Closed) return driver_.fail(connection, Failure::ClosedEarly);
  // TLS 1.3: once our Finished is out.
  if (state != State::Established || !connection.client->output().empty()) return;
  driver_.record_handshake(connection);
  hold(connection);
}

}  // namespace breakwater::flood
