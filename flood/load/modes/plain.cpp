#include "flood/load/modes/plain.h"

#include <algorithm>

#include "flood/load/driver.h"

namespace breakwater::flood {

PlainMode::PlainMode(Driver& driver, const Load& load)
    : Behaviour(driver), pattern_(load.pattern), payload_(16384, 'x'), progress_(load.connections) {}

void PlainMode::enter(Progress& progress, std::size_t step) const {
  progress.step = step;
  if (step < pattern_.size()) {
    progress.to_send = pattern_[step].send;
    progress.to_receive = pattern_[step].expect;
  }
}

void PlainMode::begin(Connection& connection) { enter(progress_[connection.index], 0); }

void PlainMode::connected(Connection& connection) { advance_step(connection); }

ConstBytes PlainMode::output(Connection& connection) {
  return ConstBytes(payload_).first(std::min<std::size_t>(progress_[connection.index].to_send, payload_.size()));
}

void PlainMode::sent(Connection& connection, std::size_t size) {
  progress_[connection.index].to_send -= static_cast<std::uint32_t>(size);
  advance_step(connection);
}

void PlainMode::advance_step(Connection& connection) {
  Progress& progress = progress_[connection.index];
  while (connection.stage == Stage::Active && progress.to_send == 0 && progress.to_receive == 0) {
    if (progress.step + 1 >= pattern_.size()) {
      driver_.record_handshake_latency(connection);
      return driver_.succeed(connection);
    }
    enter(progress, progress.step + 1);
    driver_.flush(connection);
  }
}

std::size_t PlainMode::input(Connection& connection, MutableBytes bytes) {
  Progress& progress = progress_[connection.index];
  if (bytes.size() > progress.to_receive || progress.to_send > 0) {
    driver_.fail(connection, Failure::WrongLength);
    return bytes.size();
  }
  progress.to_receive -= static_cast<std::uint32_t>(bytes.size());
  advance_step(connection);
  return bytes.size();
}

void PlainMode::peer_ended(Connection& connection, bool reset) {
  driver_.fail(connection, reset ? Failure::Reset : Failure::ClosedEarly);
}

void PlainMode::expired(Connection& connection) { driver_.fail(connection, Failure::RequestTimeout); }

}  // namespace breakwater::flood
