#include "flood/load/modes/tls_mode.h"

#include <array>

#include "flood/load/driver.h"

namespace breakwater::flood {

TlsMode::TlsMode(Driver& driver, const Load& load) : Behaviour(driver), profile_(load.tls) {}

void TlsMode::begin(Connection& connection) {
  std::array<std::uint8_t, 64> random;
  driver_.loop().random().fill(random);
  connection.client = driver_.loop().borrow_client();
  connection.client->start(profile_, session_for(connection), random, clock_now() / kMillisecond);
}

ConstBytes TlsMode::output(Connection& connection) {
  return connection.client != nullptr ? connection.client->output() : ConstBytes();
}

void TlsMode::sent(Connection& connection, std::size_t size) {
  connection.client->sent(size);
  if (connection.stage == Stage::Active && connection.client->output().empty() &&
      connection.client->state() != State::Handshaking) {
    progress(connection);
  }
}

std::size_t TlsMode::input(Connection& connection, MutableBytes bytes) {
  const std::uint64_t now_ms = clock_now() / kMillisecond;
  std::size_t used = 0;
  while (connection.stage == Stage::Active) {
    Client& client = *connection.client;
    const std::size_t part = client.receive(bytes.subspan(used), now_ms);
    used += part;
    if (client.state() == State::Failed) {
      failed(connection);
      break;
    }
    if (part == 0) break;
    if (!client.data().empty()) data(connection, client.data());
    if (connection.stage == Stage::Active) progress(connection);
    if (connection.stage == Stage::Active && !client.output().empty()) driver_.flush(connection);
    if (used == bytes.size()) break;
  }
  return used;
}

void TlsMode::peer_ended(Connection& connection, bool reset) {
  driver_.fail(connection, reset ? Failure::Reset : Failure::ClosedEarly);
}

void TlsMode::expired(Connection& connection) { driver_.fail(connection, Failure::HandshakeTimeout); }

void TlsMode::failed(Connection& connection) {
  driver_.fail(connection, connection.client->failure(), connection.client->alert());
}

void TlsMode::say_goodbye(Connection& connection) {
  if (connection.client != nullptr) connection.client->close_notify();  // has no effect before there are keys
}

}  // namespace breakwater::flood
