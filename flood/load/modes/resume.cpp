#include "flood/load/modes/resume.h"

#include "flood/load/driver.h"

namespace breakwater::flood {
ResumeMode::ResumeMode(Driver& driver, const Load& load)
    : FullMode(driver, load),
      wanted_(load.tickets),
      fresh_(load.fresh_tickets),
      own_(load.own_tickets),
      uses_(load.connections) {}

// begin() comes next, and takes the session whose turn it is.
std::optional<std::uint64_t> ResumeMode::source(Connection& connection) {
  if (!own_ || !connection.counted) return std::nullopt;
  return sessions_[turn_].source;
}

NextStart ResumeMode::next_start() {
  if (sessions_.size() >= wanted_) return NextStart::Counted;
  return sessions_.size() + collecting_ < wanted_ ? NextStart::Uncounted : NextStart::None;
}

void ResumeMode::begin(Connection& connection) {
  Use& use = uses_[connection.index];
  use.collects = !connection.counted;
  if (use.collects) ++collecting_;
  FullMode::begin(connection);
}

const Session* ResumeMode::session_for(Connection& connection) {
  if (collects(connection)) return nullptr;
  Use& use = uses_[connection.index];
  use.slot = turn_;
  use.session = sessions_[turn_].session;
  turn_ = (turn_ + 1) % sessions_.size();
  return use.session.get();
}

void ResumeMode::progress(Connection& connection) {
  if (!collects(connection)) {
    FullMode::progress(connection);
    // Tickets come behind the server's acceptance; each is taken as it comes, for the next one replaces it.
    if (fresh_ && connection.stage == Stage::Active && connection.step == kAwaitingEnd) take_session(connection);
    return;
  }
  const State state = connection.client->state();
  if (state == State::Handshaking) return;
  if (take_session(connection)) return driver_.finish(connection);
  // TLS 1.3 sends tickets when it likes; in TLS 1.2 it has none if it did not come before the server's Finished.
  if (state == State::Closed || (!is_tls13() && state == State::Established)) no_session(connection);
}

bool ResumeMode::take_session(Connection& connection) {
  auto session = connection.client->take_session();
  if (!session) return false;
  auto shared = std::make_shared<const Session>(std::move(*session));
  if (collects(connection)) {
    if (sessions_.size() < wanted_) sessions_.push_back({std::move(shared), connection.source});
  } else {
    sessions_[uses_[connection.index].slot].session = std::move(shared);
  }
  return true;
}

// A server that has none to give would be asked without end, and each time by a full handshake.
void ResumeMode::no_session(Connection& connection) {
  driver_.back_off(clock_now());
  driver_.fail(connection, Failure::NoSession);
}

bool ResumeMode::accepts(Connection& connection) {
  if (connection.client->resumed()) return true;
  driver_.fail(connection, Failure::NotResumed);
  return false;
}

void ResumeMode::completed(Connection& connection) {
  if (fresh_) take_session(connection);
}

void ResumeMode::peer_ended(Connection& connection, bool reset) {
  const bool complete = collects(connection) && connection.client->state() != State::Handshaking;
  if (complete && !reset) return no_session(connection);
  FullMode::peer_ended(connection, reset);
}

void ResumeMode::expired(Connection& connection) {
  const bool complete = collects(connection) && connection.client->state() != State::Handshaking;
  if (complete) return no_session(connection);
  FullMode::expired(connection);
}

void ResumeMode::released(Connection& connection) {
  Use& use = uses_[connection.index];
  if (use.collects) --collecting_;
  use.collects = false;
  use.session.reset();
}

}  // namespace breakwater::flood
